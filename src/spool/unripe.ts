/**
 * unripe/ in the state directory: messages on a remote file system that are empty, cut or cannot be read yet. Some show a new name before
 * its bytes: such a message is looked at again for ten minutes before it counts as bad. mailbox-spec §4.6, §10
 */

import type { Fault } from '../protocol/message.ts'
import { isThere, listDirectory, readText, removeFile, replaceFile } from './disk.ts'
import { isRemote } from './file-system.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

const RIPE_MS = 600_000

// What the first half of a message is, or a page of zeros, or nothing. All else was read whole.
const TORN: string[] = ['unreadable', 'not-utf8', 'not-json'] satisfies Fault[]

/** True where this message may still become whole. Notes the first time at which that was asked, by this host's clock. */
export function isUnripe(tree: Tree, address: string, file: string, fault: string): boolean {
  if (!TORN.includes(fault) || !isRemote(tree.root)) return false
  const first = Number(readText(pathOf(tree, address, file)) ?? Number.NaN)
  const kept = Date.now() - first
  if (kept >= 0) return kept < RIPE_MS
  // Never seen so, or only before the clock was set back.
  replaceFile(stateTemporaryPath(tree), pathOf(tree, address, file), String(Date.now()))
  return true
}

/** It was read whole, or is refused: what comes under this name again has ten minutes of its own. */
export function forgetUnripe(tree: Tree, address: string, file: string): void {
  if (isThere(pathOf(tree, address, file))) removeFile(pathOf(tree, address, file))
}

/** True while any message of this mailbox is to be looked at again. */
export function hasUnripe(tree: Tree, address: string): boolean {
  return listDirectory(inState(tree, 'unripe')).some((name) => name.startsWith(`${address}+`))
}

function pathOf(tree: Tree, address: string, file: string): string {
  return inState(tree, `unripe/${address}+${file}`)
}
