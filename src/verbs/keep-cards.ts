import { type Card, sameProcess } from '../protocol/card.ts'
import { readCard, removeCardCopies, replaceCard } from '../spool/cards.ts'
import { tell } from '../spool/journal.ts'
import { liveness } from '../spool/process.ts'
import { makeMailbox } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'

/**
 * The cards of this host that a courier found, and those that it found before of processes that live and that a tree that was
 * rolled back has lost, or has as the card of a process that is over: these are written again. `known`: what was found before; it is brought up to
 * date. Removes what was put aside of them, and writes nothing else. mailbox-spec §7.4
 */
export function keepCards(tree: Tree, known: Map<string, Card>, found: Card[]): Card[] {
  const now = new Map(found.map((card) => [card.address, card]))
  for (const [address, card] of known)
    if (isLost(card, now.get(address)) && bringBack(tree, card)) now.set(address, card)
  removeCardCopies(tree)
  known.clear()
  for (const [address, card] of now) known.set(address, card)
  return [...now.values()]
}

function isLost(card: Card, now: Card | undefined): boolean {
  if (card.renamed !== undefined || (now !== undefined && sameProcess(now.process, card.process)))
    return false
  return liveness(card.process) === 'alive' && (now === undefined || liveness(now.process) === 'dead')
}

/** False where it has come back by itself. */
function bringBack(tree: Tree, card: Card): boolean {
  if (!isLost(card, readCard(tree, card.address))) return false
  makeMailbox(tree, card.address)
  replaceCard(tree, card)
  tell(tree, 'registered', card.address, undefined, { pid: card.process.pid, directory: card.directory })
  return true
}
