/** The end of a mailbox, while nobody would miss it. */

import { hostOf } from '../protocol/address.ts'
import type { Card } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import { listCards } from '../spool/cards.ts'
import { isOwnLabel } from '../spool/own-label.ts'
import { liveness } from '../spool/process.ts'
import { removeTree } from '../spool/remove-tree.ts'
import type { Tree } from '../spool/tree.ts'

/**
 * Removes the mailbox with all its mail, and this host's state. Files in the root that are not ours stay, and their
 * names are returned. Errors: mailbox-in-use.
 */
export function purge(tree: Tree): string[] {
  refuseToPurge(tree)
  return removeTree(tree)
}

/** Throws while an agent of this host lives, or another host has agents in the mailbox. Touches nothing. Errors: mailbox-in-use. */
export function refuseToPurge(tree: Tree): void {
  const agents = listCards(tree).filter(({ agent }) => agent !== 'person')
  const isHere = ({ address }: Card) => isOwnLabel(tree, hostOf(address))
  const alive = agents.filter((card) => isHere(card) && liveness(card.process) !== 'dead')
  const elsewhere = agents.filter((card) => !isHere(card))
  if (alive.length > 0) throw inUse(tree, `${names(alive)} still run here`, 'End these sessions')
  if (elsewhere.length > 0)
    throw inUse(tree, `it holds the mail of ${names(elsewhere)}`, 'Remove their cards')
}

function names(cards: Card[]): string {
  const [first, second, ...more] = cards.map(({ address }) => address)
  const rest = more.length === 0 ? '' : ` and ${more.length} more`
  return [first, second].filter(Boolean).join(', ') + rest
}

function inUse(tree: Tree, why: string, remedy: string): RepowireError {
  return new RepowireError(
    'mailbox-in-use',
    `${tree.root} is in use: ${why}.`,
    `${remedy}, or uninstall without --purge. Nothing was changed.`,
  )
}
