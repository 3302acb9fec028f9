import { hostOf, namesakes, resolveAddress } from '../protocol/address.ts'
import type { Card } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import { readAllowed } from '../spool/allowed.ts'
import { currentCard, listAddresses, listCards } from '../spool/cards.ts'
import { isOwn } from '../spool/own-label.ts'
import { pauseOf } from '../spool/pause.ts'
import { presence } from '../spool/presence.ts'
import type { Tree } from '../spool/tree.ts'
import { refuseDenied } from './may-reach.ts'
import { whyAway, whyUnreachable } from './reach.ts'
import { type Reach, withinReach } from './within-reach.ts'

/**
 * The card that `wanted` means among those within reach of `me`; a former name leads to the peer of today. Opens the cards
 * of that name, however many others there are. Errors: peer-unknown, peer-ambiguous, other-circle, peer-self, host-not-allowed, denied. mailbox-spec §3, §5.6, §11.1, §11.3
 */
export function addressPeer(tree: Tree, me: string, wanted: string, reach: Reach = {}): Card {
  const card = cardNamed(tree, wanted, me, withinReach(tree, me, reach))
  refuseNotAllowed(tree, card.address)
  refuseDenied(tree, me, card.address)
  if (card.address !== me) return card
  throw new RepowireError(
    'peer-self',
    `${card.address} is you.`,
    'Choose another peer; list_peers (or: repowire peers) lists them.',
  )
}

/** Throws for the peer of a host from which nothing is taken: what it answered could not be believed. Errors: host-not-allowed. mailbox-spec §11.1 */
export function refuseNotAllowed(tree: Tree, address: string): void {
  const host = hostOf(address)
  if (isOwn(tree, address) || readAllowed(tree, host) !== undefined) return
  throw new RepowireError(
    'host-not-allowed',
    `${address} is of the host ${host}, which is not allowed here: no mail goes there, and what comes from there is held.`,
    `Your user can allow it, in a shell of this machine: repowire hosts allow ${host}`,
  )
}

/** The same for somebody who only looks: among all. `me`: who asks, within whose reach (`isNear`) the peer must be. */
export function cardNamed(tree: Tree, wanted: string, me = '', isNear = (_: Card) => true): Card {
  const named = new Map<string, Card>()
  for (const address of namesakes(wanted, listAddresses(tree))) {
    const card = currentCard(tree, address)
    if (card !== undefined) named.set(address, card)
  }
  const near = [...named.keys()].filter((address) => isNear(named.get(address) as Card))
  const [far] = near.length === 0 ? named.values() : []
  if (far !== undefined) throw isElsewhere(currentCard(tree, me), far)
  const other = (card: Card) => card.agent !== 'person' && card.address !== me && isNear(card)
  const suggested = () => listCards(tree).flatMap((card) => (other(card) ? [card.address] : []))
  return named.get(resolveAddress(wanted, near, tree.host, suggested)) as Card
}

/** The same as addressPeer, for a question: the peer must be able to answer. Errors: also peer-offline, host-away, peer-paused, peer-unreachable. mailbox-spec §5.3, §5.4, §5.5 */
export function addressLivePeer(tree: Tree, me: string, wanted: string, reach: Reach = {}): Card {
  const card = addressPeer(tree, me, wanted, reach)
  if (card.agent === 'person') throw isPerson(card)
  if (presence(tree, card.address, card.process) === 'dead') throw isOffline(card)
  const away = whyAway(tree, card)
  if (away !== undefined) throw isAway(card, away)
  const paused = pauseOf(tree, card.address)
  if (paused !== undefined) throw isPaused(card, paused.since)
  const unreachable = whyUnreachable(tree, card)
  if (unreachable !== undefined) throw cannotReceive(card, unreachable)
  return card
}

/** Circles are order: who is named is no secret, and how to reach it is a help. mailbox-spec §5.6 */
function isElsewhere(me: Card | undefined, { address, circle }: Card): RepowireError {
  const theirs = circle === undefined ? 'in no circle' : `in another circle (${circle})`
  const mine = me?.circle === undefined ? 'you are in none' : `yours is ${me.circle}`
  return new RepowireError(
    'other-circle',
    `${address} is ${theirs}; ${mine}.`,
    'Choose one of your own circle (list_peers). Who is in which your user can change (REPOWIRE_CIRCLE, or "circles" in config.json); in a shell repowire ask, notify and peers have --all.',
  )
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

function isAway(card: Card, why: string): RepowireError {
  return new RepowireError(
    'host-away',
    `${card.address} cannot be asked now: ${why}.`,
    'Ask another peer, or leave it a notice (notify_peer), which it gets when its host is back.',
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
