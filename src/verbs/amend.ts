/**
 * Amendments: the turn that answered a question went on (another hook blocked its end, a task ended), and its final text
 * is another one now. The reply cannot be changed, so the text follows as a notice. mailbox-spec §8.3
 */

import type { Card } from '../protocol/card.ts'
import { excerpt } from '../protocol/frame.ts'
import { SPEC } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { currentAddress } from '../spool/cards.ts'
import { type Answered, answeredLast, forgetAnswer, type Grant, rememberAnswer } from '../spool/grants.ts'
import { tell } from '../spool/journal.ts'
import { newId, timestamp } from '../spool/new-id.ts'
import { publish } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'
import { saysMode } from './hold.ts'

/** Remembers what the turn of this grant has answered, in answered/<pid>.json. */
export function noteAnswer(
  tree: Tree,
  card: Card,
  grant: Grant,
  query: Message | undefined,
  text: string,
): void {
  if (query === undefined) return
  const { from: to, thread, body } = query
  rememberAnswer(tree, card.process.pid, {
    grant,
    from: card.address,
    to,
    thread,
    question: excerpt(body),
    text,
  })
}

/**
 * The Stop hook of a turn after its answer was sent: where the final text is another one, publishes it as a notice to the
 * asker, and remembers it. `textOf`: the turn's final text, or undefined where other prompts have joined the turn; nothing
 * amends the answer from then on.
 */
export function amend(tree: Tree, card: Card, textOf: (last: Answered) => string | undefined): void {
  const last = answeredLast(tree, card.process.pid)
  if (last === undefined) return
  const text = textOf(last)
  if (text === undefined) forgetAnswer(tree, card.process.pid)
  else if (text !== last.text) {
    sendAmendment(tree, card.address, last, text)
    rememberAnswer(tree, card.process.pid, { ...last, text })
  }
}

function sendAmendment(tree: Tree, me: string, last: Answered, text: string): void {
  const thread = last.thread === undefined ? {} : { thread: last.thread }
  const more = { in_reply_to: last.grant.id, ...thread, ...saysMode(tree, me) }
  const body = `An amendment to the answer to your question "${last.question}":\n\n${text}`
  const id = newId()
  const to = currentAddress(tree, last.to)
  publish(tree, { spec: SPEC, id, kind: 'notice', from: me, to, sent: timestamp(), ...more, body })
  tell(tree, 'notified', me, id, { to, ...more, body })
}
