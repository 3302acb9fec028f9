/** This host's own file in hosts/, rewritten so that others see it change. mailbox-spec §5.7 */

import { formatHost, type HostFile, hostPath } from '../protocol/host.ts'
import { claimOf, refuseTaken } from './claim.ts'
import { replaceFile } from './disk.ts'
import { isRemote } from './file-system.ts'
import { readOwnHost } from './own-host.ts'
import { inRoot, type Tree, temporaryPath } from './tree.ts'

// Nobody but the readers of a remote file system asks a server for it: there it may be oftener.
const EVERY_REMOTE_SECONDS = 10

/** What the file of one courier says at first; its epoch tells it from any other. */
export function newBeat(tree: Tree): HostFile {
  const host = claimOf(tree, { host_id: readOwnHost(tree.state).host_id ?? '' })
  return isRemote(tree.root) ? { ...host, every: EVERY_REMOTE_SECONDS } : host
}

/** Replaces hosts/<own label>.json, one further, not fsync'd. Never another machine's. Errors: host-taken. */
export function beat(tree: Tree, mine: HostFile): void {
  refuseTaken(tree, readOwnHost(tree.state))
  mine.seq += 1
  replaceFile(temporaryPath(tree), inRoot(tree, hostPath(tree.host)), formatHost(mine))
}
