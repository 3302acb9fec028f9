/**
 * A peer gets another name. The old card becomes an alias, and what lies in the old mailbox follows by one rename for each
 * file: a message keeps its id, its state and its bytes, and is never in two places. mailbox-spec §5.2
 */

import { COURIER, isName, toName } from '../protocol/address.ts'
import { type Card, sameProcess } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import type { State } from '../protocol/layout.ts'
import { forwardAsk, listAskFiles } from '../spool/asks.ts'
import {
  createCard,
  currentAddress,
  currentCard,
  readCard,
  rememberProcess,
  replaceCard,
} from '../spool/cards.ts'
import { record } from '../spool/journal.ts'
import { forward } from '../spool/moves.ts'
import { forwardPause } from '../spool/pause.ts'
import { liveness } from '../spool/process.ts'
import { makeMailbox } from '../spool/publish.ts'
import { hasMail, scan } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'

// First what hooks are about to move. Then what is over: by it a repeat is known, an exchange quoted, an answer found again.
const MOVING: State[] = ['open', 'cur', 'done', 'dead', 'held', 'new']

/**
 * Gives this peer of this host the name `wanted` and returns its new card. On disk: the new mailbox, the new card (at
 * that instant the name is taken), the old card as an alias, then the mail. Errors: bad-input, name-taken.
 */
export function rename(tree: Tree, card: Card, wanted: string): Card {
  return renameTo(tree, card, `${checked(wanted)}@${tree.host}`)
}

/** The same with the whole address, where the host has another label. Errors: name-taken. */
export function renameTo(tree: Tree, card: Card, address: string): Card {
  if (address === card.address) return card
  finishRename(tree, card)
  const registered = later(card.registered)
  const renamed = { ...card, address, formerly: card.address, registered }
  takeName(tree, renamed)
  finishRename(tree, renamed)
  record(tree, 'renamed', address, undefined, { formerly: card.address })
  return currentCard(tree, address) ?? renamed
}

/** What comes after the new card is there; repeated by the courier, and at registration, after a crash. */
export function finishRename(tree: Tree, card: Card): void {
  const old = card.formerly === undefined ? undefined : readCard(tree, card.formerly)
  if (old === undefined || !sameProcess(old.process, card.process)) return
  // Back and forth: the later of two cards of one process is the one that counts.
  if (old.renamed === undefined)
    return void (old.registered < card.registered && becomeAlias(tree, old, card))
  const now = currentCard(tree, old.address)
  if (now?.address === card.address) forwardMail(tree, old.address)
  // Two renames at once: the old name leads to one of the two.
  else if (now !== undefined && sameProcess(now.process, card.process)) becomeAlias(tree, card, now)
}

/**
 * Brings what a rename that is still under way has not moved yet, for whoever is about to look for it under the new name. Looks
 * only where the card says that there was another one. mailbox-spec §5.2
 */
export function fetchMail(tree: Tree, card: Card): void {
  if (card.formerly !== undefined && hasMail(tree, card.formerly)) finishRename(tree, card)
}

function becomeAlias(tree: Tree, { formerly, ...old }: Card, card: Card): void {
  replaceCard(tree, { ...old, renamed: card.address, registered: card.registered })
  if (liveness(card.process) !== 'dead') rememberProcess(tree, card)
  forwardMail(tree, old.address)
}

/** Moves what has come to an alias on to the peer's name of today; returns how many files. Repeating it is harmless. */
export function forwardMail(tree: Tree, alias: string): number {
  const to = currentAddress(tree, alias)
  if (to === alias) return 0
  const asks = listAskFiles(tree, alias)
  if (asks.length > 0 || MOVING.some((state) => scan(tree, alias, state).length > 0)) makeMailbox(tree, to)
  forwardPause(tree, alias, to)
  for (const ask of asks) forwardAsk(tree, alias, to, ask)
  return MOVING.flatMap((state) =>
    scan(tree, alias, state).filter(({ file }) => forward(tree, alias, to, state, file)),
  ).length
}

function takeName(tree: Tree, card: Card): void {
  const holder = readCard(tree, card.address)
  const mine = holder?.renamed !== undefined && currentAddress(tree, card.address) === card.formerly
  const free = holder === undefined && !hasMail(tree, card.address)
  if (!mine && !free) throw taken(card.address)
  makeMailbox(tree, card.address)
  if (mine) replaceCard(tree, card)
  else if (!createCard(tree, card)) throw taken(card.address)
}

function checked(wanted: string): string {
  if (wanted === COURIER) throw taken(wanted)
  if (isName(wanted)) return wanted
  throw new RepowireError(
    'bad-input',
    `"${wanted}" cannot be a name: 1 to 63 of a-z, 0-9 and "-", not "-" at either end.`,
    `Try: ${toName(wanted, 'peer')}`,
  )
}

function taken(address: string): RepowireError {
  return new RepowireError(
    'name-taken',
    `${address} is the name of another peer or of the courier, or mail for it remains.`,
    'Choose another name; repowire peers lists those in use.',
  )
}

/** Now, and in any case later than `before`, also where the clock was set back. */
function later(before: string): string {
  return new Date(Math.max(Date.now(), (Date.parse(before) || 0) + 1)).toISOString()
}
