import { resolveAddress } from '../protocol/address.ts'
import type { Card } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import { currentCard, listAddresses, listCards } from '../spool/cards.ts'
import { pauseOf } from '../spool/pause.ts'
import { presence } from '../spool/presence.ts'
import type { Tree } from '../spool/tree.ts'
import { whyUnreachable } from './reach.ts'

/**
 * The card that `wanted` means, seen from `me`; a former name leads to the peer of today. Opens one card, however many
 * there are. Errors: peer-unknown, peer-ambiguous, peer-self. mailbox-spec §3
 */
export function addressPeer(tree: Tree, me: string, wanted: string): Card {
  const card = cardNamed(tree, wanted, me)
  if (card.address !== me) return card
  throw new RepowireError(
    'peer-self',
    `${card.address} is you.`,
    'Choose another peer; list_peers (or: repowire peers) lists them.',
  )
}

/** The same for somebody who only looks. `me`: not to be suggested where the name is unknown. */
export function cardNamed(tree: Tree, wanted: string, me?: string): Card {
  const addresses = listAddresses(tree)
  const agents = () => listCards(tree).filter((card) => card.agent !== 'person' && card.address !== me)
  const suggested = () => agents().map((card) => card.address)
  const card = currentCard(tree, resolveAddress(wanted, addresses, tree.host, suggested))
  if (card !== undefined) return card
  const known = addresses.filter((address) => currentCard(tree, address) !== undefined)
  return currentCard(tree, resolveAddress(wanted, known, tree.host, suggested)) as Card
}

/** The same as addressPeer, for a question: the peer must be able to answer. Errors: also peer-offline, peer-paused, peer-unreachable. mailbox-spec §5.3, §5.4, §5.5 */
export function addressLivePeer(tree: Tree, me: string, wanted: string): Card {
  const card = addressPeer(tree, me, wanted)
  if (card.agent === 'person') throw isPerson(card)
  if (presence(tree, card.address, card.process) === 'dead') throw isOffline(card)
  const paused = pauseOf(tree, card.address)
  if (paused !== undefined) throw isPaused(card, paused.since)
  const unreachable = whyUnreachable(tree, card)
  if (unreachable !== undefined) throw cannotReceive(card, unreachable)
  return card
}

function isPerson(card: Card): RepowireError {
  return new RepowireError(
    'peer-offline',
    `${card.address} is a person at a shell, and cannot be asked.`,
    'Send a notice instead (notify_peer), or ask your own user.',
  )
}

function isOffline(card: Card): RepowireError {
  return new RepowireError(
    'peer-offline',
    `${card.address} is offline: its process has ended (it was registered at ${card.registered}).`,
    'Ask another peer, or leave it a notice (notify_peer), which its next session gets.',
  )
}

function isPaused(card: Card, since: string): RepowireError {
  return new RepowireError(
    'peer-paused',
    `${card.address} is paused since ${since}: its user does not want it disturbed.`,
    'Ask another peer, or leave it a notice (notify_peer), which it gets when it is resumed.',
  )
}

function cannotReceive(card: Card, why: string): RepowireError {
  return new RepowireError(
    'peer-unreachable',
    `${card.address} runs, and nothing can be given to it: ${why}.`,
    'Ask another peer, or leave it a notice (notify_peer). Its user can start it in tmux, or start its repowire server again (in Claude Code: /mcp).',
  )
}
