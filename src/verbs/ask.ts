import type { Card, ProcessMark } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import type { Exchange } from '../protocol/frame.ts'
import { isId } from '../protocol/id.ts'
import { SPEC } from '../protocol/layout.ts'
import { blockOn, forgetAsk } from '../spool/asks.ts'
import { tell } from '../spool/journal.ts'
import { newId, timestamp } from '../spool/new-id.ts'
import { publish } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'
import { addressLivePeer } from './address-peer.ts'
import { exchangeOf } from './exchange.ts'

export type Asked = { id: string; to: string; card: Card }

/** `replyTo`: an earlier question of, or to, the asker; the peer is shown that exchange before this one. */
export type Question = { peer: string; body: string; replyTo?: string }

/**
 * Publishes a question to a living peer and returns its id; await-reply waits for the answer. On disk: first
 * asks/<id>.blocked.json in the asker's mailbox, naming the process that waits, then the query in the peer's new/.
 * Errors: peer-unknown, peer-ambiguous, peer-self, peer-offline, peer-paused, no-such-query, bad-input, too-large.
 * mailbox-spec §9.1, §9.4
 */
export function ask(tree: Tree, me: string, waiter: ProcessMark, question: Question): Asked {
  refuseEmpty(question.body)
  const card = addressLivePeer(tree, me, question.peer)
  const earlier = question.replyTo === undefined ? undefined : earlierQuery(tree, me, question.replyTo)
  const id = newId()
  const sent = timestamp()
  const thread = earlier === undefined ? id : (earlier.query.thread ?? earlier.query.id)
  const follows = earlier === undefined ? {} : { in_reply_to: earlier.query.id }
  const head = {
    spec: SPEC,
    id,
    kind: 'query',
    from: me,
    to: card.address,
    sent,
    ...follows,
    thread,
  } as const
  blockOn(tree, me, { id, to: card.address, process: waiter, since: sent })
  try {
    publish(tree, { ...head, body: question.body })
  } catch (error) {
    forgetAsk(tree, me, id)
    throw error
  }
  tell(tree, 'asked', me, id, { to: card.address, ...follows, body: question.body })
  return { id, to: card.address, card }
}

/** The exchange that is followed up, found by what lies in the mailbox of one who took part in it. */
function earlierQuery(tree: Tree, me: string, id: string): Exchange {
  const found = isId(id) ? exchangeOf(tree, id, [me]) : undefined
  if (found !== undefined) return found
  throw new RepowireError(
    'no-such-query',
    `There is no earlier question ${id} of yours or to you.`,
    'Use the id in the header of an answer or a question, or ask without reply_to.',
  )
}

export function refuseEmpty(text: string): void {
  if (text.trim() !== '') return
  throw new RepowireError('bad-input', 'The text is empty.', 'Say what you want to ask or tell.')
}
