/** A machine that has the identity of another one: somebody copied its home directory. mailbox-spec §5.7 */

import { RepowireError } from '../protocol/errors.ts'
import { machineMark, readOwnHost } from './own-host.ts'
import { isShared } from './shared.ts'
import type { Tree } from './tree.ts'

/** True where host.json was made on another machine, and that one may share the root. Without sharing it has only moved. */
export function isCloned(tree: Tree): boolean {
  const { machine } = readOwnHost(tree.state)
  const mine = machineMark()
  return machine !== undefined && mine !== undefined && machine !== mine && isShared(tree)
}

/** Throws then: both would deliver the same mail. Errors: host-cloned. */
export function refuseCloned(tree: Tree): void {
  if (!isCloned(tree)) return
  throw new RepowireError(
    'host-cloned',
    `${tree.state} is a copy of another machine's, which is the host "${tree.host}" of ${tree.root}.`,
    'Give this machine a label of its own: repowire host rename <label>. Where both machines use that one directory, first set REPOWIRE_STATE to another one here.',
  )
}
