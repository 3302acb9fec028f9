/**
 * Files that belong to others, such as a client's settings. They are replaced whole or not at all, through symbolic
 * links (people keep their settings in a repository), with their mode, and never without a copy of the old bytes.
 */

import * as fs from 'node:fs'
import * as path from 'node:path'
import { codeOf, RepowireError } from '../protocol/errors.ts'
import { isThere, makeDirectory, temporaryName, unlessGone } from './disk.ts'
import { timestamp } from './new-id.ts'
import { inState, type Tree } from './tree.ts'

/** The bytes of the file, links followed, or undefined when there is none. Errors: not-writable where it cannot be read. */
export function readForeign(file: string): Buffer | undefined {
  return orNotWritable(file, () => unlessGone(() => fs.readFileSync(file)))
}

/** Throws unless the file, or a new one in its place, may be written. Touches nothing. Errors: not-writable. */
export function checkWritable(file: string): void {
  orNotWritable(file, () => {
    const target = targetOf(file)
    const stat = unlessGone(() => fs.statSync(target))
    if (stat !== undefined && !stat.isFile()) throw notWritable(file, 'it is not a file')
    // Read-only is what its owner wants, although a rename would not care.
    if (stat !== undefined && (stat.mode & 0o222) === 0) throw notWritable(file, 'it is read-only')
    if (stat !== undefined) fs.accessSync(target, fs.constants.W_OK)
    fs.accessSync(firstThere(path.dirname(target)), fs.constants.W_OK)
  })
}

/**
 * Replaces `before`, the bytes that the caller has read, by `after`; either may be undefined for no file. Make a backup
 * first. Errors: not-writable, also when the file is no longer `before`; then it is as it was.
 */
export function replaceForeign(file: string, before: Buffer | undefined, after: Buffer | undefined): void {
  orNotWritable(file, () => {
    checkUnchanged(file, before)
    const target = targetOf(file)
    if (after !== undefined) putInPlace(target, after)
    else if (before !== undefined) fs.unlinkSync(target)
  })
}

/** Copies bytes to `backups/<name>.<timestamp>` in the state directory, fsync'd; returns that relative path. */
export function backUp(tree: Tree, file: string, bytes: Buffer): string {
  const name = freeBackup(tree, `backups/${path.basename(file)}.${timestamp().replace(/[:.]/g, '-')}`)
  makeDirectory(inState(tree, 'backups'))
  writeBytes(inState(tree, name), bytes, 0o600)
  return name
}

function freeBackup(tree: Tree, name: string): string {
  return isThere(inState(tree, name)) ? freeBackup(tree, `${name}-2`) : name
}

/** The bytes of a backup, or undefined when it is gone. */
export function readBackup(tree: Tree, name: string): Buffer | undefined {
  return unlessGone(() => fs.readFileSync(inState(tree, name)))
}

/** True for a file that this user may run. */
export function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

function checkUnchanged(file: string, before: Buffer | undefined): void {
  const now = unlessGone(() => fs.readFileSync(file))
  const same = before === undefined ? now === undefined : now?.equals(before)
  if (!same) throw notWritable(file, 'another program has just changed it')
}

function putInPlace(target: string, bytes: Buffer): void {
  const temporary = `${target}.${temporaryName()}.tmp`
  const old = unlessGone(() => fs.statSync(target))
  makeDirectory(path.dirname(target))
  try {
    writeBytes(temporary, bytes, (old?.mode ?? 0o600) & 0o7777, old)
    fs.renameSync(temporary, target)
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  }
  syncDirectory(path.dirname(target))
}

function writeBytes(file: string, bytes: Buffer, mode: number, owner?: { uid: number; gid: number }): void {
  const fd = fs.openSync(file, 'wx', 0o600)
  try {
    fs.writeFileSync(fd, bytes)
    if (owner !== undefined && owner.uid !== process.getuid?.()) fs.fchownSync(fd, owner.uid, owner.gid)
    fs.fchmodSync(fd, mode) // openSync's mode is cut by the umask
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** Makes a rename survive a power cut, where the file system can. */
function syncDirectory(dir: string): void {
  const fd = fs.openSync(dir, 'r')
  try {
    fs.fsyncSync(fd)
  } catch {
    // some network file systems refuse to sync a directory
  } finally {
    fs.closeSync(fd)
  }
}

/** Where the bytes are or would be: every link is followed, also one whose target does not exist yet. */
function targetOf(file: string): string {
  const real = unlessGone(() => fs.realpathSync(file))
  if (real !== undefined) return real
  const link = unlessGone(() => fs.lstatSync(file))?.isSymbolicLink()
  return link ? targetOf(path.resolve(path.dirname(file), fs.readlinkSync(file))) : file
}

/** The directory itself, or the nearest one above it that exists. */
function firstThere(dir: string): string {
  return isThere(dir) ? dir : firstThere(path.dirname(dir))
}

function orNotWritable<T>(file: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw error instanceof RepowireError ? error : notWritable(file, codeOf(error))
  }
}

function notWritable(file: string, why: string): RepowireError {
  return new RepowireError(
    'not-writable',
    `${file} cannot be changed: ${why}.`,
    'Mend that, or make the change where the file comes from, and try again. The file was left as it is.',
  )
}
