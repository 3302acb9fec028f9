/** What an act is told: a tree in which one peer asks another, as plain data that a child process can be given. */

import { join } from 'node:path'
import type { Card, ProcessMark } from '../../../src/protocol/card.ts'
import type { Message } from '../../../src/protocol/message.ts'
import type { Mail } from '../../../src/spool/scan.ts'
import type { Tree } from '../../../src/spool/tree.ts'

/** `message`: the one that it is about; `text`: what its receiver reads. */
export type Town = {
  dir: string
  env: Record<string, string>
  tree: Tree
  me: Card
  peer: Card
  message: Message
  text: string
}

/** `own`: the process that acts. */
export type Scene = Town & { own: ProcessMark }
export type Acts = Record<string, (scene: Scene) => unknown>

export function mailOf({ id, kind }: Message): Mail {
  return { id, kind, file: `${id}.${kind}.json` }
}

/** A file that belongs to others, such as a client's settings. */
export function settingsOf({ dir }: Pick<Town, 'dir'>): string {
  return join(dir, 'home', 'settings.json')
}

/** The id of what is told to everybody. */
export const BROADCAST = '20261122t094012429z-00000000'
