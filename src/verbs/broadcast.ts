/**
 * One text to everybody. The id of each notice is computed from one id and the address, so that a repeat after a crash
 * or a full disk reaches those who were left out and nobody twice.
 */

import type { Card } from '../protocol/card.ts'
import { sharesCircle } from '../protocol/circle.ts'
import { explain, RepowireError } from '../protocol/errors.ts'
import { isId } from '../protocol/id.ts'
import { fileName } from '../protocol/layout.ts'
import { listCards, namesOf, readCard } from '../spool/cards.ts'
import { record } from '../spool/journal.ts'
import { derivedId, newId } from '../spool/new-id.ts'
import { presence } from '../spool/presence.ts'
import { findMessage } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'
import { refuseNotAllowed } from './address-peer.ts'
import { refuseEmpty } from './ask.ts'
import { refuseDenied } from './may-reach.ts'
import { type Notice, type Notified, sendNotice } from './notify.ts'
import { countTurn, refuseTooManyTurns } from './turns.ts'

/** `missed`: who was not reached, and why. `again`: was reached by an earlier try already. */
export type Broadcast = {
  id: string
  reached: (Notified & { again?: true })[]
  missed: { to: string; why: string }[]
}

/** `id`: of an earlier broadcast, which is repeated. `wake`: let it cause a turn of everybody; else it is quiet. `all`: other circles too. */
export type How = { id?: string; wake?: boolean; all?: boolean }

/**
 * Publishes one notice for each living agent of the circle of `me`, but `me`; of a person for everyone. With the `id` of an
 * earlier broadcast it repeats that one: the same text must be given. Writes `broadcast` to the journal, fsync'd, before the
 * first. Errors: bad-input, too-large. mailbox-spec §4.3, §5.6
 */
export function broadcast(
  tree: Tree,
  me: string,
  text: string,
  { id = newId(), wake = false, all = false }: How = {},
): Broadcast {
  refuseEmpty(text)
  if (!isId(id)) throw badId(id)
  const mine = readCard(tree, me)
  const isOf = (card: Card) => all || sharesCircle(mine, card)
  const agents = listCards(tree).filter(
    (card) => card.address !== me && card.agent !== 'person' && isOf(card),
  )
  record(tree, 'broadcast', me, id, { body: text })
  const done: Broadcast = { id, reached: [], missed: [] }
  for (const card of agents) sendTo(tree, me, card, { body: text, wake, thread: id }, done)
  return done
}

/** Who was reached and who was not, in words. */
export function broadcastText({ id, reached, missed }: Broadcast): string {
  const names = reached.map(({ to, again }) => (again ? `${to} (before)` : to))
  const offline = missed.filter(({ why }) => why === 'offline').map(({ to }) => to)
  const failed = missed.filter(({ why }) => why !== 'offline')
  const nobody = failed.length === 0 ? 'Nobody else is online; nothing was sent.' : 'Nobody was reached.'
  const first = names.length === 0 ? nobody : `In the inboxes of ${names.join(', ')}.`
  return [
    first,
    ...(offline.length === 0 ? [] : [`Offline, and not told: ${offline.join(', ')}.`]),
    ...failed.map(({ to, why }) => `Not reached: ${to}: ${why}`),
    ...(failed.length === 0
      ? []
      : [`To reach those as well, and nobody twice, repeat it with the id ${id}.`]),
  ].join('\n')
}

function sendTo(tree: Tree, me: string, card: Card, notice: Notice, done: Broadcast): void {
  const to = card.address
  if (presence(tree, to, card.process) === 'dead') return void done.missed.push({ to, why: 'offline' })
  const one = { id: derivedId(done.id, to), to }
  // Looked for first: whom an earlier try has woken the limit does not concern.
  const tries = namesOf(tree, to).map((name) => ({ id: derivedId(done.id, name), to }))
  const told = tries.find(({ id }) => findMessage(tree, to, fileName(id, 'notice')) !== undefined)
  if (told !== undefined) return void done.reached.push({ ...told, again: true })
  try {
    refuseNotAllowed(tree, to)
    refuseDenied(tree, me, to)
    if (notice.wake) refuseTooManyTurns(tree, me, card)
    const first = sendNotice(tree, me, one, notice)
    if (first && notice.wake) countTurn(tree, me, card)
    done.reached.push(first ? one : { ...one, again: true })
  } catch (error) {
    // Too large for one is too large for all.
    if (error instanceof RepowireError && error.code === 'too-large') throw error
    done.missed.push({ to, why: explain(error) })
  }
}

function badId(id: string): RepowireError {
  return new RepowireError(
    'bad-input',
    `"${id}" is no id of a broadcast.`,
    'Leave it out, or give the one that was printed.',
  )
}
