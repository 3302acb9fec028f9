/**
 * The marker of a message's fences, by which a model tells where a peer's words end. It is made by the host that shows the
 * message, from a secret in its state directory: whoever wrote the message cannot know it. mailbox-spec §8.2
 */

import { tailOf } from '../protocol/id.ts'
import type { Message } from '../protocol/message.ts'
import { createWhole, readText } from './disk.ts'
import { randomHex } from './own-host.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

/** The same for each look at one message, and another for the answer to it. Makes keys/frames where it is missing. */
export function markerOf(tree: Tree, message: Message): string {
  return markerBy(secretOf(tree), message)
}

export function markerBy(secret: string, { id, kind, to }: Message): string {
  const { createHmac } = process.getBuiltinModule('node:crypto')
  return tailOf(createHmac('sha256', secret).update(`${kind} ${id} ${to}`).digest())
}

function secretOf(tree: Tree): string {
  const file = inState(tree, 'keys/frames')
  const known = readText(file)
  if (known !== undefined) return known
  createWhole(stateTemporaryPath(tree), file, randomHex(32))
  return readText(file) ?? ''
}
