/**
 * courier.log: the courier's own life and what went wrong, one JSON line each; what happened to messages is in the journal.
 * A full one is renamed to courier.log.1, and that one to courier.log.2. What the courier's process says on stderr has a
 * file of its own: a process that dies writes into the file that was opened for it, whatever that is called by then.
 */

import { codeOf, explain } from '../protocol/errors.ts'
import {
  appendLine,
  emptyFile,
  fileSize,
  isThere,
  readFrom,
  readText,
  renameFile,
  writtenAt,
} from '../spool/disk.ts'
import { inState, type Tree } from '../spool/tree.ts'
import { inOffice } from './courier-file.ts'

/** The newest first. */
export const LOGS = ['courier.log', 'courier.log.1', 'courier.log.2'] as const

/** Where the shell that starts a courier sends its stderr. */
export const STDERR = 'courier.stderr'

const FULL_BYTES = 1_048_576

/** `code`: of the error, of a step in the courier's life, or `stderr` for what a process said there. */
export type LogLine = {
  at: string
  level: 'info' | 'error'
  peer?: string
  code: string
  what: string
  [more: string]: unknown
}

/** Writes one line; where even that fails (a full disk), it says so on stderr and lives on. */
export function complain(tree: Tree, peer: string | undefined, error: unknown): void {
  write(tree, { at: now(), level: 'error', peer, code: codeOf(error), what: explain(error) })
}

/** A line in courier.log instead of the courier's end; undefined then. */
export function quietly<T>(tree: Tree, act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    return void complain(tree, undefined, error)
  }
}

/** A line for a step in the courier's own life. A state directory that was removed stays removed. */
export function note(
  tree: Tree,
  code: 'started' | 'replaced' | 'stopped',
  what: string,
  more: object = {},
): void {
  if (isThere(tree.state)) write(tree, { at: now(), level: 'info', code, what, ...more })
}

/** What couriers said on stderr and is not in the log yet: how the last one crashed. Reads only. */
export function lastWords(tree: Tree): LogLine | undefined {
  const file = inState(tree, STDERR)
  const what = readText(file)?.trim() ?? ''
  if (what === '') return undefined
  return { at: new Date(writtenAt(file) ?? 0).toISOString(), level: 'error', code: 'stderr', what }
}

/** Takes that into the log. Only under the lock that guards the start, when nobody else appends to it. */
export function keepLastWords(tree: Tree): void {
  const words = lastWords(tree)
  if (words !== undefined && write(tree, words)) emptyFile(inState(tree, STDERR))
}

function write(tree: Tree, line: LogLine): boolean {
  const text = JSON.stringify(line)
  try {
    if (fileSize(inState(tree, LOGS[0])) >= FULL_BYTES && inOffice(tree)) turnOver(tree)
    appendLine(inState(tree, LOGS[0]), text, false)
    return true
  } catch {
    process.stderr.write(`${text}\n`)
    return false
  }
}

/** The oldest goes. Only by the courier in office: two at once would rename twice. */
function turnOver(tree: Tree): void {
  const [log, last, oldest] = LOGS
  renameFile(inState(tree, last), inState(tree, oldest))
  renameFile(inState(tree, log), inState(tree, last))
}

function now(): string {
  return new Date().toISOString()
}

type Complaint = { at: string; what: string }

// Enough for some hundred lines: a log that was never cut may be long.
const LAST_BYTES = 65_536

/** What went wrong since then (ms), oldest first; only from the end of a long log. */
export function complaintsSince(tree: Tree, since: number): Complaint[] {
  const file = inState(tree, LOGS[0])
  const lines = readFrom(file, Math.max(0, fileSize(file) - LAST_BYTES)).split('\n')
  return lines.flatMap((line) => complaintIn(line) ?? []).filter(({ at }) => Date.parse(at) >= since)
}

/** Undefined for what a crash has written there, and for a line that is cut off. */
function complaintIn(line: string): Complaint | undefined {
  try {
    const { at, level, what } = JSON.parse(line) as Partial<LogLine>
    if (level === 'info') return undefined
    return typeof at === 'string' && typeof what === 'string' ? { at, what } : undefined
  } catch {
    return undefined
  }
}
