/** Whether somebody else than this host may write the root, so that a file there says nothing about its writer. mailbox-spec §11.1 */

import * as path from 'node:path'
import { createWhole, isThere, listDirectory } from './disk.ts'
import { isRemote } from './file-system.ts'
import { isOwn } from './own-label.ts'
import type { Tree } from './tree.ts'

/**
 * True where another machine may write the root: one has, it is on a remote file system, or a program synchronises it. Once found it stays so
 * (`shared` in the state directory, by the courier): whoever writes the root could remove every trace of another host.
 */
export function isShared(tree: Tree): boolean {
  if (isKnownShared(tree) || listDirectory(path.join(tree.state, 'allowed')).length > 0) return true
  return isRemote(tree.root) || isSynchronised(tree.root) || showsOthers(tree)
}

/** Writes the mark where the root is shared and it is not there yet. */
export function noteShared(tree: Tree, temporary: string): void {
  if (!isKnownShared(tree) && isShared(tree)) createWhole(temporary, markPath(tree), '')
}

/** By the mark alone. */
export function isKnownShared(tree: Pick<Tree, 'state'>): boolean {
  return isThere(markPath(tree))
}

/** Syncthing's own mark of a folder, in the root or above it. */
function isSynchronised(dir: string): boolean {
  if (isThere(path.join(dir, '.stfolder'))) return true
  return path.dirname(dir) !== dir && isSynchronised(path.dirname(dir))
}

/** By the names of hosts' files and of cards; nothing is opened. */
function showsOthers(tree: Tree): boolean {
  const hosts = listDirectory(path.join(tree.root, 'hosts')).map((file) => `x@${file}`)
  const files = [...hosts, ...listDirectory(path.join(tree.root, 'peers'))].filter((file) =>
    file.endsWith('.json'),
  )
  return files.some((file) => file.includes('@') && !isOwn(tree, file.slice(0, -'.json'.length)))
}

export function markPath(tree: Pick<Tree, 'state'>): string {
  return path.join(tree.state, 'shared')
}
