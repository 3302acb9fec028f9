import { SPEC } from '../protocol/layout.ts'
import { tell } from '../spool/journal.ts'
import { newId, timestamp } from '../spool/new-id.ts'
import { publish } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'
import { addressPeer } from './address-peer.ts'
import { refuseEmpty } from './ask.ts'
import { saysMode } from './hold.ts'
import { countTurn, refuseTooManyTurns } from './turns.ts'
import type { Reach } from './within-reach.ts'

export type Notified = { id: string; to: string }

/**
 * Publishes a notice into a peer's new/; where the peer is offline its next session gets it. One that wakes (`wake`) causes a turn,
 * which is counted. Errors: peer-unknown, peer-ambiguous, other-circle, peer-self, too-many-turns, bad-input, too-large. mailbox-spec §4.3, §9.5
 */
export function notify(
  tree: Tree,
  me: string,
  peer: string,
  text: string,
  wake = true,
  reach: Reach = {},
): Notified {
  refuseEmpty(text)
  const card = addressPeer(tree, me, peer, reach)
  const notice = { id: newId(), to: card.address }
  if (wake) refuseTooManyTurns(tree, me, card)
  sendNotice(tree, me, notice, { body: text, wake })
  if (wake) countTurn(tree, me, card)
  return notice
}

/** `thread`: the broadcast that it is part of. */
export type Notice = { body: string; wake: boolean; thread?: string }

/** Publishes one notice; false when it was published before. */
export function sendNotice(tree: Tree, me: string, { id, to }: Notified, notice: Notice): boolean {
  const more = notice.thread === undefined ? {} : { thread: notice.thread }
  const quiet = { ...(notice.wake ? {} : { wake: false }), ...saysMode(tree, me) }
  const head = { spec: SPEC, id, kind: 'notice', from: me, to, sent: timestamp(), ...more, ...quiet } as const
  if (!publish(tree, { ...head, body: notice.body })) return false
  tell(tree, 'notified', me, id, { to, ...more, ...quiet, body: notice.body })
  return true
}
