/** The thin seam to the file system: each function is one or two system calls, and says which failures it expects. */

import * as fs from 'node:fs'
import * as path from 'node:path'
import { makesUpInodes } from './file-system.ts'

const FILE_MODE = 0o600
const DIR_MODE = 0o700

function isCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '')
}

// Node has no name for it.
const ESTALE = -116

/** The file behind the name was replaced by another machine: the name leads to another one by now, or to none. */
function isStale(error: unknown): boolean {
  const { errno, code } = error as NodeJS.ErrnoException
  return errno === ESTALE || code === 'ESTALE'
}

/** What a network file system says while the other machine cannot be reached, or has just changed something: look again. */
export function isPassing(error: unknown): boolean {
  return isStale(error) || isCode(error, 'EIO', 'ENOTCONN', 'ETIMEDOUT', 'EHOSTDOWN', 'EHOSTUNREACH')
}

/** This process, or the machine, has none left: that says nothing about the file, and nobody may conclude anything from it. */
export function isExhausted(error: unknown): boolean {
  return isCode(error, 'EMFILE', 'ENFILE', 'ENOMEM')
}

/** What `act` returns, or undefined when it failed with ENOENT (or ENOTDIR): somebody else was first. */
export function unlessGone<T>(act: () => T, again = 3): T | undefined {
  try {
    return act()
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    if (isStale(error) && again > 0) return unlessGone(act, again - 1)
    throw error
  }
}

/** Creates a directory and those above it; harmless when it exists. */
export function makeDirectory(dir: string): void {
  if (makeOne(dir)) return
  const parent = path.dirname(dir)
  // Node's own recursion never ends where the parent is there and takes no directory, as in /proc.
  if (!isThere(parent)) makeDirectory(parent)
  if (!makeOne(dir)) throw Object.assign(new Error(`${parent} takes no directory`), { code: 'ENOENT' })
}

/** False where the parent is missing. */
function makeOne(dir: string): boolean {
  try {
    return unlessGone(() => fs.mkdirSync(dir, DIR_MODE) ?? true) ?? false
  } catch (error) {
    if (isCode(error, 'EEXIST') && fs.statSync(dir).isDirectory()) return true
    throw error
  }
}

/** Creates the file exclusively, writes, fsyncs where `durable`. Makes the directory when it is missing. */
export function writeNew(file: string, text: string, durable = false): void {
  const fd = openNew(file)
  try {
    fs.writeFileSync(fd, text) // writes on after a short write; writeSync does not
    if (durable) fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

function openNew(file: string): number {
  try {
    return fs.openSync(file, 'wx', FILE_MODE)
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
    makeDirectory(path.dirname(file))
    return fs.openSync(file, 'wx', FILE_MODE)
  }
}

let counter = 0

/** A name that no other process writes: pid, time and a counter. */
export function temporaryName(): string {
  counter += 1
  return `${process.pid}-${process.hrtime.bigint().toString(36)}-${counter}`
}

/** Replaces `file` atomically, by way of `temporary`: a reader sees the old text or the new. Makes missing directories. */
export function replaceFile(temporary: string, file: string, text: string, durable = false): void {
  writeNew(temporary, text, durable)
  if (renameFile(temporary, file)) return
  makeDirectory(path.dirname(file))
  fs.renameSync(temporary, file)
}

/**
 * Creates `file` whole, by way of `temporary`, or returns false because it exists: at the link it is there at once with
 * all its text. Fsyncs it where `durable`. Makes missing directories.
 */
export function createWhole(temporary: string, file: string, text: string, durable = true): boolean {
  writeNew(temporary, text, durable)
  try {
    makeDirectory(path.dirname(file))
    return linkOnce(temporary, file)
  } finally {
    removeLitter(temporary)
  }
}

/**
 * Links `from` as `to`; false when `to` is another file. Judged by the target and never by the error: some file
 * systems report a success as a failure, or EPERM for EEXIST. Where the numbers of inodes are made up, the bytes decide. mailbox-spec §6
 */
export function linkOnce(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to)
    return true
  } catch (error) {
    const source = fs.lstatSync(from)
    const target = unlessGone(() => fs.lstatSync(to))
    if (target === undefined) throw error
    if (target.ino === source.ino && target.dev === source.dev) return true
    return makesUpInodes(path.dirname(to)) && hasSameBytes(from, to)
  }
}

function hasSameBytes(a: string, b: string): boolean {
  const bytes = readRegular(a)
  return bytes !== undefined && readRegular(b)?.equals(bytes) === true
}

/** Renames; false when the source is gone. The caller has looked that the target's name is free. */
export function renameFile(from: string, to: string): boolean {
  return unlessGone(() => fs.renameSync(from, to) ?? true) ?? false
}

/** Removes; false when it was gone already. */
export function removeFile(file: string): boolean {
  return unlessGone(() => fs.unlinkSync(file) ?? true) ?? false
}

/** Removes a file that nobody needs; what cannot be removed, a directory say, stays. */
export function removeLitter(file: string): void {
  try {
    removeFile(file)
  } catch {
    // EISDIR, EPERM, EBUSY: it is not ours, or in use
  }
}

export function inodeOf(file: string): number | undefined {
  return unlessGone(() => fs.lstatSync(file))?.ino
}

/** Six times as fast for a file that is not there as waiting for the exception. */
export function isThere(file: string): boolean {
  return unlessGone(() => fs.lstatSync(file, { throwIfNoEntry: false })) !== undefined
}

export function isLink(file: string): boolean {
  return unlessGone(() => fs.lstatSync(file, { throwIfNoEntry: false }))?.isSymbolicLink() ?? false
}

/** The path without links; as it is where it cannot be followed. */
export function realPath(file: string): string {
  return unlessGone(() => fs.realpathSync(file)) ?? path.resolve(file)
}

/** What tells a directory from every other of its file system, also after a move; undefined where no time of birth is kept. */
export function identityOf(dir: string): string | undefined {
  const stat = unlessGone(() => fs.statSync(dir, { bigint: true }))
  if (stat === undefined || stat.birthtimeNs === 0n) return undefined
  return `${stat.dev}:${stat.ino}:${stat.birthtimeNs}`
}

// Several times what one message holds: nobody's file is to fill the memory.
const MOST_BYTES = 1_048_576

/**
 * The bytes of a regular file that is no link, or undefined when it is gone. Never waits for a FIFO. Errors: EINVAL for what
 * is no file, EFBIG above a mebibyte.
 */
export function readRegular(file: string): Buffer | undefined {
  return unlessGone(() => {
    const fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK)
    try {
      const stat = fs.fstatSync(fd)
      if (!stat.isFile()) throw Object.assign(new Error(`${file} is not a file`), { code: 'EINVAL' })
      if (stat.size > MOST_BYTES)
        throw Object.assign(new Error(`${file} has ${stat.size} bytes`), { code: 'EFBIG' })
      return fs.readFileSync(fd)
    } finally {
      fs.closeSync(fd)
    }
  })
}

/** The text of a file, links followed, or undefined when it is gone. */
export function readText(file: string): string | undefined {
  return unlessGone(() => fs.readFileSync(file, 'utf8'))
}

/** The same as it is, or undefined when it is gone. */
export function readBytes(file: string): Buffer | undefined {
  return unlessGone(() => fs.readFileSync(file))
}

/** The JSON in a file of our own, or undefined when it is gone or not JSON. */
export function readJson(file: string): unknown {
  const text = readText(file)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The JSON in a file that anybody may have put there; undefined for what is no file, no JSON, or cannot be read. Errors: EMFILE. */
export function readStrangersJson(file: string): unknown {
  try {
    return JSON.parse(readRegular(file)?.toString('utf8') ?? '')
  } catch (error) {
    if (isExhausted(error)) throw error
    return undefined
  }
}

/** The text of a file from byte `offset` on, up to byte `end`; empty when it is gone. */
export function readFrom(file: string, offset: number, end = Number.POSITIVE_INFINITY): string {
  const bytes = unlessGone(() => {
    const fd = fs.openSync(file, 'r')
    try {
      const length = Math.max(0, Math.min(fs.fstatSync(fd).size, end) - offset)
      const buffer = Buffer.alloc(length)
      return buffer.subarray(0, fs.readSync(fd, buffer, 0, length, offset))
    } finally {
      fs.closeSync(fd)
    }
  })
  return bytes?.toString('utf8') ?? ''
}

export function fileSize(file: string): number {
  return unlessGone(() => fs.statSync(file).size) ?? 0
}

/** When the inode last changed (a rename counts), in ms by this host's clock; undefined when it is gone. */
export function changedAt(file: string): number | undefined {
  return unlessGone(() => fs.lstatSync(file).ctimeMs)
}

/** When the file was last written, in ms by the clock of its file system; undefined when it is gone. */
export function writtenAt(file: string): number | undefined {
  return unlessGone(() => fs.lstatSync(file).mtimeMs)
}

/** Dates the file as written now, by this host's clock; nothing when it is gone. */
export function touchFile(file: string): void {
  const now = new Date()
  unlessGone(() => fs.utimesSync(file, now, now))
}

/** The names in a directory, sorted; none when it does not exist. */
export function listDirectory(dir: string): string[] {
  return unlessGone(() => fs.readdirSync(dir))?.sort() ?? []
}

/** The entries of a directory by their kind, sorted; links and everything else are passed over. */
export function listByKind(dir: string): { files: string[]; directories: string[] } {
  const entries = unlessGone(() => fs.readdirSync(dir, { withFileTypes: true })) ?? []
  const names = (wanted: fs.Dirent[]) => wanted.map((entry) => entry.name).sort()
  return {
    files: names(entries.filter((entry) => entry.isFile())),
    directories: names(entries.filter((entry) => entry.isDirectory())),
  }
}

/** Appends one line in one write; fsyncs where `durable`. */
export function appendLine(file: string, line: string, durable: boolean): void {
  const fd = openAppend(file)
  try {
    const bytes = Buffer.from(`${line}\n`)
    // A full disk takes a part and says nothing; a second write would not be one with the first.
    if (fs.writeSync(fd, bytes) < bytes.length)
      throw Object.assign(new Error(`${file} took only a part of a line`), { code: 'ENOSPC' })
    if (durable) fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

function openAppend(file: string): number {
  const open = () => fs.openSync(file, 'a', FILE_MODE)
  const fd = unlessGone(open)
  if (fd !== undefined) return fd
  makeDirectory(path.dirname(file))
  return open()
}

/** Leaves the file there and none of its bytes: a process that appends to it goes on. Harmless when it is gone. */
export function emptyFile(file: string): void {
  unlessGone(() => fs.truncateSync(file))
}

/** A new directory of a random name under `parent`, for this process alone; its path without links. */
export function makeTemporaryDirectory(parent: string, prefix: string): string {
  return fs.mkdtempSync(path.join(fs.realpathSync(parent), prefix))
}

/** Removes a directory with all that is in it; tries again while a dying process still writes there. */
export function removeDirectory(dir: string): void {
  fs.rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
}
