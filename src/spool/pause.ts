/** paused.json in a mailbox: its peer is not to be disturbed. mailbox-spec §5.3 */

import { isAddress } from '../protocol/address.ts'
import { pausePath } from '../protocol/layout.ts'
import { isThere, readStrangersJson, removeFile, renameFile, replaceFile } from './disk.ts'
import { inRoot, type Tree, temporaryPath } from './tree.ts'

/** `since`: for people. */
export type Pause = { since: string; by: string }

/** Mail waits in new/ from now on. */
export function pause(tree: Tree, address: string, pause: Pause): void {
  replaceFile(temporaryPath(tree), path(tree, address), `${JSON.stringify(pause)}\n`)
}

/** False when it was not paused. */
export function resume(tree: Tree, address: string): boolean {
  return removeFile(path(tree, address))
}

/** A peer has a new name, under which it is as little to be disturbed. */
export function forwardPause(tree: Tree, from: string, to: string): void {
  renameFile(path(tree, from), path(tree, to))
}

/** Undefined where nothing is paused; a file that cannot be read pauses too. */
export function pauseOf(tree: Tree, address: string): Pause | undefined {
  if (!isThere(path(tree, address))) return undefined
  const { since, by } = (readStrangersJson(path(tree, address)) ?? {}) as Partial<Pause>
  // Both are shown to agents: nothing else than what they must be.
  return { since: isTime(since) ? since : 'some time ago', by: isAddress(by) ? by : 'somebody' }
}

function isTime(text: unknown): text is string {
  return typeof text === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/.test(text)
}

function path(tree: Tree, address: string): string {
  return inRoot(tree, pausePath(address))
}
