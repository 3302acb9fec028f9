import type { Card, ProcessMark } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import { SPEC } from '../protocol/layout.ts'
import { blockOn, forgetAsk } from '../spool/asks.ts'
import { record } from '../spool/journal.ts'
import { newId, timestamp } from '../spool/new-id.ts'
import { publish } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'
import { addressLivePeer } from './address-peer.ts'

export type Asked = { id: string; to: string; card: Card }

/**
 * Publishes a question to a living peer and returns its id; await-reply waits for the answer. On disk: first
 * asks/<id>.blocked.json in the asker's mailbox, naming the process that waits, then the query in the peer's new/.
 * Errors: peer-unknown, peer-ambiguous, peer-self, peer-offline, bad-input, too-large. mailbox-spec §9
 */
export function ask(tree: Tree, me: string, waiter: ProcessMark, peer: string, question: string): Asked {
  refuseEmpty(question)
  const card = addressLivePeer(tree, me, peer)
  const id = newId()
  const sent = timestamp()
  blockOn(tree, me, { id, to: card.address, process: waiter, since: sent })
  try {
    publish(tree, {
      spec: SPEC,
      id,
      kind: 'query',
      from: me,
      to: card.address,
      sent,
      thread: id,
      body: question,
    })
  } catch (error) {
    forgetAsk(tree, me, id)
    throw error
  }
  record(tree, 'asked', me, id, { to: card.address, body: question })
  return { id, to: card.address, card }
}

export function refuseEmpty(text: string): void {
  if (text.trim() !== '') return
  throw new RepowireError('bad-input', 'The text is empty.', 'Say what you want to ask or tell.')
}
