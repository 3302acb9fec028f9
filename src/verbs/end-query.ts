import { fileName, SPEC, type State } from '../protocol/layout.ts'
import type { Message, Outcome } from '../protocol/message.ts'
import { isOneHost } from '../spool/allowed.ts'
import { currentAddress } from '../spool/cards.ts'
import { readGrant, removeGrant } from '../spool/grants.ts'
import { readAbout, record } from '../spool/journal.ts'
import { bury, closeQuery } from '../spool/moves.ts'
import { timestamp } from '../spool/new-id.ts'
import { publish, refuseTooLarge, wasPublished } from '../spool/publish.ts'
import { type Mail, read, readAnywhere } from '../spool/scan.ts'
import { formatFor } from '../spool/signing.ts'
import type { Tree } from '../spool/tree.ts'
import { refuse } from './refuse.ts'

/** `provisional`: the agent may have more to say. */
export type End = { outcome: Outcome; body: string; by: string; provisional?: boolean }

// These two are ends in good order; the file of every other end lies in dead/. mailbox-spec §4.5
const CLOSING: Outcome[] = ['answered', 'unanswered']

/**
 * Ends a query of this mailbox, in this order: journals the reply with its text, publishes it into the asker's new/
 * unless the asker has one already, then moves the query to done/ or dead/. A crash in between repeats the rest. What is
 * no valid query is refused. Where an answer is held, whatever ends the query sends that.
 * False when the query is not in `state` any more. mailbox-spec §4.5, §7
 */
export function endQuery(tree: Tree, address: string, mail: Mail, state: State, end: End): boolean {
  const parsed = read(tree, address, state, mail)
  if (parsed === undefined) return false
  if ('fault' in parsed) return refuse(tree, address, mail, parsed.fault, parsed.why, state)
  const outcome = sendOutcome(tree, address, parsed.message, end)
  return putAway(tree, address, mail.file, state, { ...end, outcome })
}

/** Returns how the query ended: by this end, or by the reply that was sent, or was about to be, before. */
function sendOutcome(tree: Tree, address: string, query: Message, wanted: End): Outcome {
  const to = askerOf(tree, query)
  const there = () => readAnywhere(tree, to, query.id, 'reply')?.message.outcome
  if (wasPublished(tree, to, fileName(query.id, 'reply'))) return there() ?? wanted.outcome
  const end = wanted.outcome === 'answered' ? wanted : insteadOf(tree, address, query.id, wanted)
  const reply = replyTo(query, address, to, end)
  refuseTooLarge(formatFor(tree, reply)) // the journal must not say replied for what cannot be
  const { outcome, by, provisional, body } = end
  record(tree, 'replied', address, query.id, { to, outcome, by, ...(provisional && { provisional }), body })
  return publish(tree, reply) ? outcome : (there() ?? outcome)
}

/** Under its name of today; what the card of another host leads to is told only where that is the same host. mailbox-spec §11.1 */
function askerOf(tree: Tree, { from }: Message): string {
  const now = currentAddress(tree, from)
  return isOneHost(tree, from, now) ? now : from
}

/** What is sent where the query is about to end without an answer of this moment. */
function insteadOf(tree: Tree, address: string, id: string, wanted: End): End {
  const before = CLOSING.includes(wanted.outcome) ? undefined : repliedBefore(tree, address, id)
  return before ?? heldAnswer(tree, id, wanted.by) ?? wanted
}

/** The agent said this, and was not sure that it was all. mailbox-spec §8.3 */
function heldAnswer(tree: Tree, id: string, by: string): End | undefined {
  const held = readGrant(tree, id)?.held
  return held && { outcome: 'answered', body: held.text, by, provisional: true }
}

/** A hook that was killed between its journal line and the publication had the answer: the journal has it still. */
function repliedBefore(tree: Tree, address: string, id: string): End | undefined {
  const line = readAbout(tree, [id]).find(
    ({ event, ...of }) => event === 'replied' && currentAddress(tree, of.peer) === address,
  )
  if (line === undefined) return undefined
  const { outcome, body, by, provisional } = line
  return {
    outcome: outcome as Outcome,
    body: String(body),
    by: String(by),
    ...(provisional === true && { provisional }),
  }
}

function putAway(tree: Tree, address: string, file: string, state: State, end: End): boolean {
  const id = file.slice(0, file.indexOf('.'))
  const closing = state === 'open' && CLOSING.includes(end.outcome)
  const moved = closing ? closeQuery(tree, address, file) : bury(tree, address, file, state)
  if (!moved) return false // somebody else was first, or its peer has just got another name
  removeGrant(tree, id)
  record(tree, 'ended', address, id, { outcome: end.outcome, by: end.by })
  return true
}

function replyTo(query: Message, from: string, to: string, end: End): Message {
  return {
    spec: SPEC,
    id: query.id,
    kind: 'reply',
    from,
    to,
    sent: timestamp(),
    in_reply_to: query.id,
    outcome: end.outcome,
    ...(query.thread === undefined ? {} : { thread: query.thread }),
    ...(end.provisional ? { provisional: true } : {}),
    body: end.body,
  }
}
