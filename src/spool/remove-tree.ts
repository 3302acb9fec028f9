/** The end of a tree. mailbox-spec §2 */

import * as fs from 'node:fs'
import * as path from 'node:path'
import { CONFIG, MARKER } from '../protocol/layout.ts'
import { listDirectory, removeDirectory, unlessGone } from './disk.ts'
import { inRoot, type Tree } from './tree.ts'

/** The marker last: what a kill in between leaves is known as ours, and goes the next time. */
const OURS = ['tmp', 'peers', 'inbox', 'hosts', CONFIG, MARKER]

/**
 * Removes the mailbox with all mail in it, and this host's state directory. A file in the root that is not ours stays,
 * and the root with it; such names are returned.
 */
export function removeTree(tree: Tree): string[] {
  removeDirectory(tree.state)
  removeIfEmpty(path.dirname(tree.state))
  for (const name of OURS) removeDirectory(inRoot(tree, name))
  removeIfEmpty(tree.root)
  return listDirectory(tree.root)
}

function removeIfEmpty(dir: string): void {
  const isEmpty = unlessGone(() => fs.readdirSync(dir))?.length === 0
  if (isEmpty && !fs.lstatSync(dir).isSymbolicLink()) fs.rmdirSync(dir)
}
