/** Who plays in the scenarios: a few processes that live as long as the test, and any number that are over. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Card, ProcessMark } from '../../src/protocol/card.ts'
import { frameText } from '../../src/protocol/frame.ts'
import type { Message } from '../../src/protocol/message.ts'
import { register } from '../../src/verbs/register.ts'
import { enrol, framed, here, makeWorld, message, Q, startProcess } from '../world.ts'
import type { Town } from './acts/town.ts'

/** `heir`: the next process of a directory whose process is over. */
export type Cast = Record<'asker' | 'peer' | 'third' | 'heir', ProcessMark>

export function startCast(t: Test): Cast {
  const start = () => startProcess(t).mark
  return { asker: here, peer: start(), third: start(), heir: start() }
}

/** The nth process that is over. */
export function over(n: number): ProcessMark {
  return { ...here, start: String(1_000 + n) }
}

/** An id of the test's own; others are made by the program under test. */
export function id(n: number): string {
  return `20261122t09401242${n}z-00000000`
}

export function isOurs(it: string): boolean {
  return it === Q || it.endsWith('z-00000000')
}

type Players = { me?: Partial<Card>; peer?: Partial<Card>; about?: Partial<Message> }

/** `frontend` asks, `backend` is asked; both live unless told otherwise. Nothing is in their mailboxes. */
export function makeTown(t: Test, cast: Cast, { me, peer, about }: Players = {}): Town {
  const world = makeWorld(t)
  writeFileSync(join(world.dir, 'transcript'), 'a turn\n')
  mkdirSync(join(world.dir, 'home'))
  const it = message(about)
  return {
    ...world,
    me: enrol(t, world, 'frontend', { process: cast.asker, ...me }),
    peer: enrol(t, world, 'backend', { process: cast.peer, ...peer }),
    message: it,
    text: frameText(framed(it)),
  }
}

/** Makes the peer a client whose own record says that it has rested for long. */
export function rest({ tree, dir }: Town, { address, directory, process }: Card): Card {
  const session_file = join(dir, `${address}.session`)
  const fields = { kind: 'interactive', status: 'idle', statusUpdatedAt: 1, sessionId: 's', cwd: '/x' }
  writeFileSync(session_file, JSON.stringify(fields))
  return register(tree, { agent: 'claude-code', directory, process, session_file })
}
