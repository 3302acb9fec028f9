/** A machine that has the identity of another one: somebody copied its home directory. mailbox-spec §5.7 */

import { RepowireError } from '../protocol/errors.ts'
import { machineMark, readOwnHost } from './own-host.ts'
import { isShared } from './shared.ts'
import type { Tree } from './tree.ts'

/** True where host.json was made on another machine, and that one may share the root. Without sharing it has only moved. */
export function isCloned(tree: Tree, { machine } = readOwnHost(tree.state)): boolean {
  // In this order: what a machine is called is a hash, and who is alone need not load what makes one.
  if (machine === undefined || !isShared(tree)) return false
  const mine = machineMark()
  return mine !== undefined && machine !== mine
}

/** Throws then: both would deliver the same mail. `own`: what host.json says, where that was read before. Errors: host-cloned. */
export function refuseCloned(tree: Tree, own = readOwnHost(tree.state)): void {
  if (!isCloned(tree, own)) return
  throw new RepowireError(
    'host-cloned',
    `${tree.state} is a copy of another machine's, which is the host "${tree.host}" of ${tree.root}.`,
    'Give this machine a label of its own: repowire host rename <label>. Where both machines use that one directory, first set REPOWIRE_STATE to another one here.',
  )
}
