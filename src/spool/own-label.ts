/** What is of this host: its label, and those that it had before. mailbox-spec §5.7 */

import { hostOf } from '../protocol/address.ts'
import type { Tree } from './tree.ts'

/** True for the label of this host, and for one that it had before. */
export function isOwnLabel({ host, formerly = [] }: Tree, label: string): boolean {
  return label === host || formerly.includes(label)
}

/** True for the address of a peer of this host, also under a label that it had before. */
export function isOwn(tree: Tree, address: string): boolean {
  return isOwnLabel(tree, hostOf(address))
}
