/** Directories, copied as they are: a town for whoever comes next, and what lies there before each call. */

import { copyFileSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Three times as fast as cpSync. `to` is made where it is not there. */
export function copy(from: string, to: string): void {
  mkdirSync(to, { mode: 0o700, recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isFile()) copyFileSync(source, target)
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target)
    if (entry.isDirectory()) copy(source, target)
  }
}

const LOOKS = /^((l|f)?stat|statfs|readdir|readFile|read|readlink|realpath|access|exists|close|fsync)Sync$/

/** What lies there before each call is copied only where the call before it may have changed it: the number of that copy, from 1 on. */
export function lastCopied(calls: { name: string }[], n: number): number {
  for (let at = n; at > 1; at--) if (!LOOKS.test(calls[at - 2]?.name ?? '')) return at
  return 1
}
