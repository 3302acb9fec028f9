/** Whether somebody else than this host may write the root, so that a file there says nothing about its writer. mailbox-spec §11.1 */

import * as path from 'node:path'
import { hostOf } from '../protocol/address.ts'
import { createWhole, isThere, listDirectory } from './disk.ts'
import { isRemote } from './file-system.ts'
import { inRoot, inState, isOwnLabel, stateTemporaryPath, type Tree } from './tree.ts'

/** True for the address of a peer of this host, also under a label that it had before. */
export function isOwn(tree: Tree, address: string): boolean {
  return isOwnLabel(tree, hostOf(address))
}

/**
 * True where another machine may write the root: one has, it is on a remote file system, or a program synchronises it. Once found it stays so
 * (`shared` in the state directory, by the courier): whoever writes the root could remove every trace of another host.
 */
export function isShared(tree: Tree): boolean {
  if (isThere(markPath(tree)) || listDirectory(inState(tree, 'allowed')).length > 0) return true
  return isRemote(tree.root) || isSynchronised(tree.root) || showsOthers(tree)
}

/** Writes the mark where the root is shared and it is not there yet. */
export function noteShared(tree: Tree): void {
  if (!isThere(markPath(tree)) && isShared(tree)) createWhole(stateTemporaryPath(tree), markPath(tree), '')
}

/** Syncthing's own mark of a folder, in the root or above it. */
function isSynchronised(dir: string): boolean {
  if (isThere(path.join(dir, '.stfolder'))) return true
  return path.dirname(dir) !== dir && isSynchronised(path.dirname(dir))
}

/** By the names of hosts' files and of cards; nothing is opened. */
function showsOthers(tree: Tree): boolean {
  const hosts = listDirectory(inRoot(tree, 'hosts')).map((file) => `x@${file}`)
  const files = [...hosts, ...listDirectory(inRoot(tree, 'peers'))].filter((file) => file.endsWith('.json'))
  return files.some((file) => file.includes('@') && !isOwn(tree, file.slice(0, -'.json'.length)))
}

function markPath(tree: Tree): string {
  return inState(tree, 'shared')
}
