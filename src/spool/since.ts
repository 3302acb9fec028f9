/**
 * since/ in the state directory: when this host first saw a message, and when it moved it last, by its own clock. Kept where the times
 * of a file are another machine's: on a remote file system (sshfs does not even change one with a rename), and of mail that another
 * host wrote. mailbox-spec §2.2, §10
 */

import type { State } from '../protocol/layout.ts'
import { elapsed } from './clock.ts'
import { listDirectory, readJson, removeFile, replaceFile, writtenAt } from './disk.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

type Since = { first: number; state: State; at: number }

/** From now on it is in this state. Not fsync'd: what is lost begins anew. */
export function noteState(tree: Tree, address: string, file: string, state: State): Since {
  const at = Date.now()
  const since = { first: sinceOf(tree, address, file)?.first ?? at, state, at }
  replaceFile(stateTemporaryPath(tree), pathOf(tree, address, file), JSON.stringify(since))
  return since
}

/** How long it has been in this state, in ms: since it was moved there, or since it was first seen there, which is now where it was not. */
export function keptInState(tree: Tree, address: string, file: string, state: State): number {
  const since = sinceOf(tree, address, file)
  return since?.state === state ? elapsed(since.at) : elapsed(noteState(tree, address, file, state).at)
}

/** How long ago it was first seen, in ms; that is now where it was not. */
export function knownFor(tree: Tree, address: string, file: string, state: State): number {
  return elapsed((sinceOf(tree, address, file) ?? noteState(tree, address, file, state)).first)
}

function sinceOf(tree: Tree, address: string, file: string): Since | undefined {
  const since = readJson(pathOf(tree, address, file)) as Partial<Since> | undefined
  return typeof since?.first === 'number' && typeof since.at === 'number' ? (since as Since) : undefined
}

function pathOf(tree: Tree, address: string, file: string): string {
  return inState(tree, `since/${address}+${file}`)
}

/** Removes what was noted here of messages of which nothing was noted for so long, and that are on their way no more. */
export function forgetNotes(
  tree: Tree,
  olderThan: number,
  isOnItsWay: (address: string, file: string) => boolean,
): void {
  for (const dir of ['since', 'unripe']) {
    for (const name of listDirectory(inState(tree, dir))) {
      const [address = '', file = ''] = name.split('+')
      const path = inState(tree, `${dir}/${name}`)
      const isOld = Date.now() - (writtenAt(path) ?? Date.now()) > olderThan
      if (isOld && !isOnItsWay(address, file)) removeFile(path)
    }
  }
}
