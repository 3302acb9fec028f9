/** What a directory is in git, read from its files: no git program is run. */

import * as path from 'node:path'
import { isThere, readText } from './disk.ts'

/** The top level of the work tree that holds `directory`, or the directory itself. */
export function topLevel(directory: string): string {
  for (let dir = path.resolve(directory); ; dir = path.dirname(dir)) {
    if (isThere(path.join(dir, '.git'))) return dir
    if (dir === path.dirname(dir)) return path.resolve(directory)
  }
}

/** The checked-out branch, the short commit when detached, or undefined outside of git. */
export function branchOf(directory: string): string | undefined {
  const head = readText(path.join(gitDirectory(topLevel(directory)), 'HEAD'))?.trim()
  if (head === undefined) return undefined
  return head.startsWith('ref: refs/heads/') ? head.slice('ref: refs/heads/'.length) : head.slice(0, 7)
}

function gitDirectory(top: string): string {
  const git = path.join(top, '.git')
  try {
    const pointer = readText(git)?.match(/^gitdir: (.+)$/m)?.[1] // a linked work tree
    return pointer === undefined ? git : path.resolve(top, pointer.trim())
  } catch {
    return git // EISDIR: the usual case
  }
}
