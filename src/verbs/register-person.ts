import { nthName, toName } from '../protocol/address.ts'
import type { Card, ProcessMark } from '../protocol/card.ts'
import { SPEC } from '../protocol/layout.ts'
import { createCard, readCard, replaceCard } from '../spool/cards.ts'
import { timestamp } from '../spool/new-id.ts'
import { makeMailbox } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'

/**
 * The address of a person at a shell of this host: user@host, shared by all their shells; it asks and is answered, but
 * cannot be asked. Creates the mailbox; writes or replaces the person's card, naming this process. mailbox-spec §5.2
 */
export function registerPerson(tree: Tree, user: string, process: ProcessMark, directory: string): Card {
  for (let n = 1; ; n++) {
    const address = addressOf(tree, user, n)
    const card: Card = { spec: SPEC, address, agent: 'person', directory, process, registered: timestamp() }
    makeMailbox(tree, address)
    if (createCard(tree, card)) return card
    if (readCard(tree, address)?.agent !== 'person') continue
    replaceCard(tree, card)
    return card
  }
}

/** The card that this person has already, or undefined. Writes nothing. */
export function cardOfPerson(tree: Tree, user: string): Card | undefined {
  for (let n = 1; ; n++) {
    const card = readCard(tree, addressOf(tree, user, n))
    if (card === undefined || card.agent === 'person') return card
  }
}

function addressOf(tree: Tree, user: string, n: number): string {
  return `${nthName(toName(user, 'person'), n)}@${tree.host}`
}
