/**
 * The door through the client's own inbox: one JSON line to the socket that the session listens on. It wakes a session at
 * rest, leaves a draft alone, and waits behind dialogs; a busy one takes it up at its next tool round, so only what is
 * urgent goes in then. Undocumented: used only where the session offers it, and never with a claim about who sends.
 */

import { agentOf } from '../agents/agents.ts'
import type { Card } from '../protocol/card.ts'
import { frameText } from '../protocol/frame.ts'
import { isStopped } from '../spool/process.ts'
import type { Tree } from '../spool/tree.ts'
import { type Attempt, type Door, type Held, NEVER, type Parcel, type Sign } from './door.ts'
import { STATUS_MS, statusGate } from './gates.ts'
import { makePace } from './pace.ts'
import { knock, sendLine } from './send-line.ts'

/** A client at rest takes a message up within a second (measured); this long without a sign, and it was dropped. */
const DROPPED_MS = 5_000
/** The client itself drops what exceeds 30 at once and one in two seconds. */
const pace = makePace({ burst: 15, everyMs: 2_500 })

export const inboxSocket: Door = { name: 'socket', whyShut, hand, look }

async function whyShut(card: Card, parcel?: Parcel): Promise<Held | undefined> {
  const agent = agentOf(card.agent)
  if (agent === undefined) return { why: 'its client has no hooks: it takes its mail with the inbox tool' }
  const inbox = agent.inbox(card)
  if ('why' in inbox) return { why: inbox.why, again: 1_000 }
  const { state } = agent.activity(card)
  const working = state === 'busy' || state === 'waiting'
  const held = parcel?.urgent && working ? undefined : statusGate(card, agent)
  if (held !== undefined) return { why: held, again: STATUS_MS }
  if (isStopped(card.process.pid)) return { why: 'its client is stopped (Ctrl+Z)', again: 1_000 }
  const wait = pace.wait(inbox.socket)
  return wait === 0 ? undefined : { why: 'its client takes no more messages just now', again: wait }
}

async function hand(_: Tree, card: Card, { frame }: Parcel) {
  const inbox = agentOf(card.agent)?.inbox(card)
  if (inbox === undefined || 'why' in inbox) return 'refused'
  pace.take(inbox.socket)
  const message = { role: 'user', content: frameText(frame) }
  // With the session's id: a session that was cleared meanwhile drops it.
  return await sendLine(inbox.socket, { type: 'user', session_id: inbox.session, message })
}

/** Nowhere: read by its client, which is at rest and has no such prompt, for so long that it was dropped. */
async function look(_: Tree, card: Card, { id }: Parcel, attempt: Attempt): Promise<Sign> {
  const agent = agentOf(card.agent)
  const silent = performance.now() - attempt.enteredAt >= DROPPED_MS
  if (silent && agent?.taken(card, id) === 'prompt') return 'taken'
  const held = agent && statusGate(card, agent)
  if (held !== undefined) return waits(`and ${held}`)
  if (isStopped(card.process.pid)) return waits('which is stopped (Ctrl+Z)')
  const { since = 0 } = agent?.activity(card) ?? {}
  const read = attempt.read || since > (attempt.since ?? Number.POSITIVE_INFINITY)
  const inbox = agent?.inbox(card)
  if (silent && !read && inbox !== undefined && 'socket' in inbox) await askWhetherRead(inbox.socket, attempt)
  if (!silent || !read) return waits(read ? 'and no hook has seen it yet' : 'which has not read it yet')
  // What the courier before this one may not even have sent says nothing about the pace.
  const tooOften = attempt.typedAt !== NEVER
  if (tooOften && inbox !== undefined && 'socket' in inbox) pace.empty(inbox.socket)
  return 'nowhere'
}

/** The courier before this one was killed while it handed the message over, or the client was slow: from when it has read it, it has its time. */
async function askWhetherRead(socket: string, attempt: Attempt): Promise<void> {
  if ((await knock(socket)) !== 'handed') return
  attempt.read = true
  attempt.enteredAt = performance.now()
}

function waits(why: string): Held {
  return { why: `it was given to its client's inbox, ${why}`, again: STATUS_MS }
}
