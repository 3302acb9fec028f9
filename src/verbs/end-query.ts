import { fileName, SPEC, type State } from '../protocol/layout.ts'
import type { Message, Outcome } from '../protocol/message.ts'
import { removeGrant } from '../spool/grants.ts'
import { record } from '../spool/journal.ts'
import { bury, closeQuery } from '../spool/moves.ts'
import { timestamp } from '../spool/new-id.ts'
import { findMessage, publish } from '../spool/publish.ts'
import { type Mail, read } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'

export type End = { outcome: Outcome; body: string; by: string }

// These two are ends in good order; the file of every other end lies in dead/. mailbox-spec §4.3
const CLOSING: Outcome[] = ['answered', 'unanswered']

/**
 * Ends a query of this mailbox, in this order: journals the reply with its text, publishes it into the asker's new/
 * unless the asker has one already, then moves the query to done/ or dead/. A crash in between repeats the rest.
 * False when the query is not in `state` any more. mailbox-spec §4.3, §7
 */
export function endQuery(tree: Tree, address: string, mail: Mail, state: State, end: End): boolean {
  const parsed = read(tree, address, state, mail)
  if (parsed === undefined) return false
  if ('message' in parsed) sendOutcome(tree, address, parsed.message, end)
  return putAway(tree, address, mail.file, state, end)
}

function sendOutcome(tree: Tree, address: string, query: Message, end: End): void {
  if (findMessage(tree, query.from, fileName(query.id, 'reply')) !== undefined) return
  const reply = replyTo(query, address, end)
  record(tree, 'replied', address, query.id, {
    to: query.from,
    outcome: end.outcome,
    by: end.by,
    body: end.body,
  })
  publish(tree, reply)
}

function putAway(tree: Tree, address: string, file: string, state: State, end: End): boolean {
  const id = file.slice(0, file.indexOf('.'))
  const closing = state === 'open' && CLOSING.includes(end.outcome)
  const moved = closing ? closeQuery(tree, address, file) : bury(tree, address, file, state)
  removeGrant(tree, id)
  record(tree, 'ended', address, id, { outcome: end.outcome, by: end.by })
  return moved
}

function replyTo(query: Message, from: string, end: End): Message {
  return {
    spec: SPEC,
    id: query.id,
    kind: 'reply',
    from,
    to: query.from,
    sent: timestamp(),
    in_reply_to: query.id,
    outcome: end.outcome,
    ...(query.thread === undefined ? {} : { thread: query.thread }),
    body: end.body,
  }
}
