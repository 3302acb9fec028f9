import type { Card, ProcessMark } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import { isId } from '../protocol/id.ts'
import { SPEC } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { blockOn, forgetAsk } from '../spool/asks.ts'
import { tell } from '../spool/journal.ts'
import { newId, timestamp } from '../spool/new-id.ts'
import { publish } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'
import { addressLivePeer } from './address-peer.ts'
import { nextDepth } from './chain.ts'
import { exchangeOf } from './exchange.ts'
import { saysMode } from './hold.ts'
import { countTurn, refuseTooManyTurns } from './turns.ts'

export type Asked = { id: string; to: string; card: Card }

/**
 * `replyTo`: an earlier question of, or to, the asker; the peer is shown that exchange before this one. `urgent`: not to wait for the end of
 * the turn that its peer is busy with. `all`: the peer may be in another circle.
 */
export type Question = { peer: string; body: string; replyTo?: string; urgent?: boolean; all?: boolean }

/**
 * Publishes a question to a living peer and returns its id; await-reply waits for the answer. On disk: first
 * asks/<id>.blocked.json in the asker's mailbox, naming the process that waits, then the query in the peer's new/; the
 * turn that it causes is counted. Errors: peer-unknown, peer-ambiguous, other-circle, peer-self, peer-offline, peer-paused, peer-unreachable,
 * chain-too-deep, too-many-turns, no-such-query, bad-input, too-large. mailbox-spec §9.1, §9.4, §9.5
 */
export function ask(tree: Tree, me: string, waiter: ProcessMark, question: Question): Asked {
  refuseEmpty(question.body)
  const { peer, all, replyTo } = question
  const earlier = isId(replyTo) ? exchangeOf(tree, replyTo, [me])?.query : undefined
  const card = addressLivePeer(tree, me, peer, { all, with: earlier && [earlier.from, earlier.to] })
  if (replyTo !== undefined && earlier === undefined) throw noEarlier(replyTo)
  const query = draft(tree, me, card.address, question, earlier)
  refuseTooManyTurns(tree, me, card)
  blockOn(tree, me, { id: query.id, to: query.to, process: waiter, since: query.sent })
  publishAsked(tree, query)
  countTurn(tree, me, card)
  const { id, to, in_reply_to, urgent, sender_mode, body } = query
  tell(tree, 'asked', me, id, { to, in_reply_to, urgent, sender_mode, body })
  return { id, to, card }
}

/** The query as it is to be published. `earlier`: the one that it follows up. */
function draft(tree: Tree, me: string, to: string, { body, urgent }: Question, earlier?: Message): Message {
  const depth = nextDepth(tree, me)
  const id = newId()
  return {
    spec: SPEC,
    id,
    kind: 'query',
    from: me,
    to,
    sent: timestamp(),
    ...(earlier && { in_reply_to: earlier.id }),
    thread: earlier === undefined ? id : (earlier.thread ?? earlier.id),
    ...(urgent === true && { urgent }),
    ...(depth > 0 && { depth }),
    ...saysMode(tree, me),
    body,
  }
}

function publishAsked(tree: Tree, query: Message): void {
  try {
    publish(tree, query)
  } catch (error) {
    forgetAsk(tree, query.from, query.id)
    throw error
  }
}

/** Nothing of it lies in the mailbox of the asker: it took no part in it. */
function noEarlier(id: string): RepowireError {
  return new RepowireError(
    'no-such-query',
    `There is no earlier question ${id} of yours or to you.`,
    'Use the id in the header of an answer or a question, or ask without reply_to.',
  )
}

export function refuseEmpty(text: string): void {
  if (text.trim() !== '') return
  throw new RepowireError('bad-input', 'The text is empty.', 'Say what you want to ask or tell.')
}
