/** Whom the settings of this host let reach whom. Its own peers are kept by it from others, and told early what others would not take. mailbox-spec §11.3 */

import { COURIER } from '../protocol/address.ts'
import { RepowireError } from '../protocol/errors.ts'
import { ANYBODY, isRuled, type Party } from '../protocol/rules.ts'
import { currentCard, namesOf } from '../spool/cards.ts'
import { readConfig } from '../spool/config.ts'
import { isOwn } from '../spool/own-label.ts'
import type { Tree } from '../spool/tree.ts'

/** Why no question and no notice goes from the one to the other; undefined where they may. Opens no card where nothing is set. */
export function whyDenied(tree: Tree, from: string, to: string): string | undefined {
  const { allow, deny } = readConfig(tree)
  if (deny.length === 0 && allow.includes(ANYBODY)) return undefined
  if (isOwnPerson(tree, from) || isCourier(from) || isCourier(to)) return undefined
  const [sender, receiver] = [partyOf(tree, from), partyOf(tree, to)]
  // Under a new name it is who it was.
  const [known, asked] = [knownAs(tree, sender), knownAs(tree, receiver)]
  const rule = deny.find((one) => isRuled(one, known, asked))
  if (rule !== undefined) return `"${rule}" is denied`
  return allow.some((one) => isRuled(one, sender, receiver)) ? undefined : 'no rule of "allow" lets it'
}

/** Throws where it is not to be reached. Errors: denied. */
export function refuseDenied(tree: Tree, from: string, to: string): void {
  const why = whyDenied(tree, from, to)
  if (why === undefined) return
  throw new RepowireError(
    'denied',
    `${from} may not reach ${to}: ${why}.`,
    'Ask another peer (list_peers), or your user: "allow" and "deny" of this machine say who may (repowire config).',
  )
}

function partyOf(tree: Tree, address: string): Party {
  const card = currentCard(tree, address)
  return { addresses: [card?.address ?? address], circle: card?.circle }
}

function knownAs(tree: Tree, { addresses, circle }: Party): Party {
  return { addresses: addresses.flatMap((address) => namesOf(tree, address)), circle }
}

/** Whoever types there is the user himself. */
function isOwnPerson(tree: Tree, address: string): boolean {
  return isOwn(tree, address) && currentCard(tree, address)?.agent === 'person'
}

function isCourier(address: string): boolean {
  return address.startsWith(`${COURIER}@`)
}
