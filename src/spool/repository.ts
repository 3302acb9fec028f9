/** What a directory is in git, read from its files: no git program is run. */

import * as path from 'node:path'
import { identityOf, isThere, readText, realPath } from './disk.ts'

/** The top level of the work tree that holds `directory`, or the directory itself; without links. */
export function topLevel(directory: string): string {
  const start = realPath(directory)
  for (let dir = start; ; dir = path.dirname(dir)) {
    if (isThere(path.join(dir, '.git'))) return dir
    if (dir === path.dirname(dir)) return start
  }
}

/** A directory as a card names it: its path, and what stays the same when it is moved. mailbox-spec §5.1 */
export type Place = { directory: string; directory_id?: string }

export function placeOf(directory: string): Place {
  const top = topLevel(directory)
  const directory_id = identityOf(top)
  return { directory: top, ...(directory_id !== undefined && { directory_id }) }
}

/** True when both are one directory, which may have been moved from the first place to the second. */
export function isSamePlace(before: Place, now: Place): boolean {
  return before.directory === now.directory || hasMoved(before, now)
}

/** A copy has an identity of its own; so has a new directory that got the inode of a removed one. */
export function hasMoved(before: Place, now: Place): boolean {
  const same = before.directory_id !== undefined && before.directory_id === now.directory_id
  return same && before.directory !== now.directory && !isThere(before.directory)
}

/** The checked-out branch, the short commit when detached, or undefined outside of git. */
export function branchOf(directory: string): string | undefined {
  const head = (headIn(directory) ?? headIn(topLevel(directory)))?.trim()
  if (head === undefined) return undefined
  return head.startsWith('ref: refs/heads/') ? head.slice('ref: refs/heads/'.length) : head.slice(0, 7)
}

function headIn(top: string): string | undefined {
  const git = path.join(top, '.git')
  return readText(path.join(git, 'HEAD')) ?? headOfLinked(git)
}

/** In a linked work tree .git is a file, which says where the directory is. */
function headOfLinked(git: string): string | undefined {
  if (!isThere(git)) return undefined
  try {
    const pointer = readText(git)?.match(/^gitdir: (.+)$/m)?.[1]
    return pointer && readText(path.resolve(path.dirname(git), pointer.trim(), 'HEAD'))
  } catch {
    return undefined // EISDIR: a repository without a HEAD
  }
}
