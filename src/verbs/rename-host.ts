/** This host gets another label: its peers come along, and the former label stays its own. mailbox-spec §5.7 */

import { isName, nthName, parseAddress, toName } from '../protocol/address.ts'
import type { Card } from '../protocol/card.ts'
import { codeOf, RepowireError } from '../protocol/errors.ts'
import { cardsOfHost, forgetProcess, listCards } from '../spool/cards.ts'
import { leaveLabel, takeLabel } from '../spool/label.ts'
import { isOwnLabel } from '../spool/own-label.ts'
import { liveness } from '../spool/process.ts'
import type { Tree } from '../spool/tree.ts'
import { finishRename, renameTo } from './rename.ts'

/** `left`: sessions that run here and were registered under a label of another machine; each registers anew. */
export type RenamedHost = { tree: Tree; moved: Card[]; left: Card[] }

/**
 * On disk: the claim of the new label (at that instant it is taken), host.json, each peer's card as §5.2 says, then where the old
 * claim leads. Repeating it finishes what a crash cut short. Where another machine has the old label, nothing of it is
 * touched. Errors: bad-input, host-taken.
 */
export function renameHost(before: Tree, wanted: string): RenamedHost {
  const tree = takeLabel(before, checked(wanted))
  // A new card whose old one is no alias yet would get the next number.
  for (const card of cardsOfHost(tree)) finishRename(tree, card)
  const live = cardsOfHost(tree).filter(({ renamed }) => renamed === undefined)
  const moved = live.flatMap((card) => withNewLabel(tree, card))
  for (const label of tree.formerly ?? []) leaveLabel(tree, label)
  return { tree, moved, left: isOwnLabel(tree, before.host) ? [] : forgetThose(tree, before.host) }
}

function withNewLabel(tree: Tree, card: Card): Card[] {
  const { name, host } = parseAddress(card.address) ?? { name: 'peer', host: tree.host }
  if (host === tree.host) return []
  for (let n = 1; ; n += 1) {
    try {
      return [renameTo(tree, card, `${nthName(name, n)}@${tree.host}`)]
    } catch (error) {
      if (codeOf(error) !== 'name-taken') throw error
    }
  }
}

function forgetThose(tree: Tree, label: string): Card[] {
  const isHere = ({ address, process }: Card) =>
    parseAddress(address)?.host === label && liveness(process) === 'alive'
  return listCards(tree).filter((card) => isHere(card) && (forgetProcess(tree, card) || true))
}

function checked(wanted: string): string {
  if (isName(wanted)) return wanted
  throw new RepowireError(
    'bad-input',
    `"${wanted}" cannot be the label of a host: 1 to 63 of a-z, 0-9 and "-", not "-" at either end.`,
    `Try: ${toName(wanted, 'host')}`,
  )
}
