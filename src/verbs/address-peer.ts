import { resolveAddress } from '../protocol/address.ts'
import type { Card } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import { listCards } from '../spool/cards.ts'
import { liveness } from '../spool/process.ts'
import type { Tree } from '../spool/tree.ts'

/** The card that `wanted` means, seen from `me`. Errors: peer-unknown, peer-ambiguous, peer-self. mailbox-spec §3 */
export function addressPeer(tree: Tree, me: string, wanted: string): Card {
  const cards = listCards(tree)
  const agents = cards.filter((card) => card.agent !== 'person' && card.address !== me)
  const address = resolveAddress(wanted, cards.map(addressOf), tree.host, agents.map(addressOf))
  if (address === me) {
    throw new RepowireError(
      'peer-self',
      `${address} is you.`,
      'Choose another peer; list_peers (or: repowire peers) lists them.',
    )
  }
  return cards.find((card) => card.address === address) as Card
}

/** The same, for a question: the peer must be able to answer. Errors: also peer-offline. mailbox-spec §9 */
export function addressLivePeer(tree: Tree, me: string, wanted: string): Card {
  const card = addressPeer(tree, me, wanted)
  if (card.agent === 'person') {
    throw new RepowireError(
      'peer-offline',
      `${card.address} is a person at a shell, and cannot be asked.`,
      'Send a notice instead (notify_peer), or ask your own user.',
    )
  }
  if (liveness(card.process) !== 'dead') return card
  throw new RepowireError(
    'peer-offline',
    `${card.address} is offline: its process has ended (it was registered at ${card.registered}).`,
    'Ask another peer, or leave it a notice (notify_peer), which its next session gets.',
  )
}

function addressOf(card: Card): string {
  return card.address
}
