import type { Card } from '../protocol/card.ts'
import { cardWrittenAt, touchCard } from '../spool/cards.ts'
import type { Tree } from '../spool/tree.ts'

// The clock that dates files is behind the one that programs ask, by one tick at most.
const TICK_MS = 10

/**
 * Gives the file of a card the time of now where it says to be older than the card is, or than it was when it was last looked at. Syncthing puts
 * a time back, of a text that was replaced meanwhile, and overlooks the new text then: it has the old one's length and time. Replaces no text.
 * `seen`: when each card was written; it is brought up to date. mailbox-spec §7.4
 */
export function touchCards(tree: Tree, seen: Map<string, number>, cards: Card[]): void {
  for (const { address, registered } of cards) {
    const card = `${address} ${registered}`
    const since = seen.get(card) ?? Date.parse(registered) - TICK_MS
    if ((cardWrittenAt(tree, address) ?? since) < since) touchCard(tree, address)
    // What it says now, and not what it was told: a file system may keep its own time, and is asked once.
    seen.set(card, cardWrittenAt(tree, address) ?? since)
  }
}
