/**
 * The moves of mailbox-spec §7.1: one function per row, each committing with one rename. Only the mailbox's own host
 * calls them. All return false when the source is gone, or was a copy: somebody else was first, and that is no error. Errors: bad-root, where the
 * directory is a link.
 */

import * as path from 'node:path'
import { messagePath, type State } from '../protocol/layout.ts'
import { createWhole, inodeOf, removeFile, renameFile } from './disk.ts'
import { isRemote } from './file-system.ts'
import { refuseLink } from './links.ts'
import { findMessage, makeMailbox } from './publish.ts'
import { noteState } from './since.ts'
import { inRoot, type Tree, temporaryPath } from './tree.ts'

/** new → cur. Of any number of processes that claim a file, one gets true. */
export function claim(tree: Tree, address: string, file: string): boolean {
  return move(tree, address, file, 'new', 'cur')
}

/** cur → open: a hook saw the query's id in a prompt. */
export function giveQuery(tree: Tree, address: string, file: string): boolean {
  return move(tree, address, file, 'cur', 'open')
}

/** new → open: the query was handed over as a tool's result. */
export function giveQueryUnclaimed(tree: Tree, address: string, file: string): boolean {
  return move(tree, address, file, 'new', 'open')
}

/** cur → done: a hook saw the id of a notice or a reply. */
export function finish(tree: Tree, address: string, file: string): boolean {
  return move(tree, address, file, 'cur', 'done')
}

/** new → done: handed over as a tool's result, or wanted by nobody. */
export function finishUnclaimed(tree: Tree, address: string, file: string): boolean {
  return move(tree, address, file, 'new', 'done')
}

/** new → held: its host is not allowed, or its user must let it through. mailbox-spec §11.1, §11.2 */
export function holdBack(tree: Tree, address: string, file: string): boolean {
  return move(tree, address, file, 'new', 'held')
}

/** held → new: it need not be held any more. */
export function release(tree: Tree, address: string, file: string): boolean {
  return move(tree, address, file, 'held', 'new')
}

/** cur → new: not typed, or shown to be nowhere on its way. */
export function putBack(tree: Tree, address: string, file: string): boolean {
  return move(tree, address, file, 'cur', 'new')
}

/** open → done: the reply is in the asker's mailbox. */
export function closeQuery(tree: Tree, address: string, file: string): boolean {
  return move(tree, address, file, 'open', 'done')
}

/** new, cur, open, held → dead: the reply that says why is in the asker's mailbox, or nobody gets one. */
export function bury(tree: Tree, address: string, file: string, from: State): boolean {
  return move(tree, address, file, from, 'dead')
}

/** One state of a mailbox → the same state of the mailbox of the peer's new name. mailbox-spec §5.2 */
export function forward(tree: Tree, from: string, to: string, state: State, file: string): boolean {
  const source = inRoot(tree, messagePath(from, state, file))
  const found = findMessage(tree, to, file)
  if (found === undefined) return renameFile(source, inRoot(tree, messagePath(to, state, file)))
  // Another process may move it, to the new name or back: only another file is a copy.
  const there = inodeOf(inRoot(tree, messagePath(to, found, file)))
  if (there !== undefined && inodeOf(source) !== there) removeFile(source)
  return false
}

/** Any state → the one where a copy that came back belongs; where that has the message, the copy is removed. mailbox-spec §7.4 */
export function restore(tree: Tree, address: string, file: string, from: State, to: State): boolean {
  return move(tree, address, file, from, to)
}

/** nothing → open: a query that was given, and whose file a tree that was rolled back has lost. mailbox-spec §7.4 */
export function reopen(tree: Tree, address: string, file: string, text: string): boolean {
  makeMailbox(tree, address)
  return createWhole(temporaryPath(tree), inRoot(tree, messagePath(address, 'open', file)), text)
}

/** done, dead → nothing: kept long enough. mailbox-spec §12 */
export function discard(tree: Tree, address: string, state: 'done' | 'dead', file: string): boolean {
  return removeFile(inRoot(tree, messagePath(address, state, file)))
}

function move(tree: Tree, address: string, file: string, from: State, to: State): boolean {
  const source = inRoot(tree, messagePath(address, from, file))
  const target = inRoot(tree, messagePath(address, to, file))
  refuseLink(path.dirname(target))
  // Names are used once: what has this name is this message, further on. Renaming would replace it in silence.
  // The same file behind both names was claimed and put back between two looks: it is no copy.
  const there = inodeOf(target)
  if (there === undefined) return renameFile(source, target) && noteMove(tree, address, file, to)
  if (inodeOf(source) !== there) removeFile(source)
  return false
}

/** The times that another machine's file system keeps do not tell when it was. */
function noteMove(tree: Tree, address: string, file: string, to: State): boolean {
  if (isRemote(tree.root) && to !== 'done' && to !== 'dead') noteState(tree, address, file, to)
  return true
}
