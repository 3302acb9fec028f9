import { SPEC } from '../protocol/layout.ts'
import { tell } from '../spool/journal.ts'
import { newId, timestamp } from '../spool/new-id.ts'
import { publish } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'
import { addressPeer } from './address-peer.ts'
import { refuseEmpty } from './ask.ts'

export type Notified = { id: string; to: string }

/**
 * Publishes a notice into a peer's new/; where the peer is offline its next session gets it. Errors: peer-unknown,
 * peer-ambiguous, peer-self, bad-input, too-large. mailbox-spec §4.3
 */
export function notify(tree: Tree, me: string, peer: string, text: string): Notified {
  refuseEmpty(text)
  const notice = { id: newId(), to: addressPeer(tree, me, peer).address }
  sendNotice(tree, me, notice, text)
  return notice
}

/** Publishes one notice; false when it was published before. */
export function sendNotice(
  tree: Tree,
  me: string,
  { id, to }: Notified,
  text: string,
  thread?: string,
): boolean {
  const more = thread === undefined ? {} : { thread }
  const head = { spec: SPEC, id, kind: 'notice', from: me, to, sent: timestamp(), ...more } as const
  if (!publish(tree, { ...head, body: text })) return false
  tell(tree, 'notified', me, id, { to, ...more, body: text })
  return true
}
