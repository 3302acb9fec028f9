/** Copies of a tree: a backup of one, a backup that is put over it, and what two of them differ in. Each file appears whole, as by rsync. */

import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** What is nobody's to copy: what is being written, and what Syncthing keeps for itself. */
const OWN = /^(tmp|\.stfolder|\.stignore|\.stversions)(\/|$)|(^|\/)\.syncthing\..*\.tmp$/
const MOVED_MEANWHILE = /ENOENT/

/** The paths of all files of a tree, from its root. */
function filesOf(root: string): string[] {
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((file) => !OWN.test(file))
    .sort()
}

export function backUp(root: string, to: string): void {
  for (const file of filesOf(root)) copy(root, to, file)
}

/** Puts a backup over a tree that is in use; `exactly`: and takes out what it does not have. */
export function restore(backup: string, root: string, exactly: boolean): void {
  const wanted = filesOf(backup)
  const kept = new Set(wanted)
  if (exactly)
    for (const file of filesOf(root)) if (!kept.has(file)) rmSync(join(root, file), { force: true })
  for (const file of wanted) if (textOf(root, file) !== textOf(backup, file)) copy(backup, root, file)
}

/** What they differ in. What hosts say of themselves is written again and again. */
export function differences(roots: string[]): string[] {
  const [first = '', ...others] = roots
  const all = [...new Set(roots.flatMap(filesOf))].filter((file) => !file.startsWith('hosts/'))
  return all.filter((file) => others.some((root) => textOf(root, file) !== textOf(first, file)))
}

/** Every copy that was put aside, but those of what hosts say of themselves. */
export function conflicts(roots: string[]): string[] {
  return roots.flatMap(filesOf).filter((file) => /^(?!hosts\/).*sync-conflict/.test(file))
}

/** What is not over: messages that lie in a directory for what is under way, and questions that are asked. */
export function leftOver(roots: string[]): string[] {
  return roots.flatMap((root) =>
    filesOf(root).filter((file) => /^inbox\/[^/]+\/(new|cur|open|asks|held)\//.test(file)),
  )
}

function copy(from: string, to: string, file: string): void {
  const aside = join(to, 'tmp', `restored-${process.pid}`)
  try {
    for (const dir of [dirname(aside), dirname(join(to, file))])
      mkdirSync(dir, { recursive: true, mode: 0o700 })
    const { atime, mtime } = statSync(join(from, file))
    copyFileSync(join(from, file), aside)
    utimesSync(aside, atime, mtime)
    renameSync(aside, join(to, file))
  } catch (error) {
    if (!MOVED_MEANWHILE.test(String(error))) throw error
  }
}

function textOf(root: string, file: string): string | undefined {
  try {
    return readFileSync(join(root, file), 'utf8')
  } catch {
    return undefined
  }
}
