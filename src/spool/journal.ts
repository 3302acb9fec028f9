/** This host's own record of what happened to each message, one JSON line per event. mailbox-spec §10. */

import { ID_LENGTH, timeOf } from '../protocol/id.ts'
import type { Kind } from '../protocol/layout.ts'
import { objectIn } from '../protocol/line.ts'
import { appendLine, listDirectory, readBytes, readText } from './disk.ts'
import { timestamp } from './new-id.ts'
import { inState, type Tree } from './tree.ts'

export type Event =
  | 'approved'
  | 'asked'
  | 'notified'
  | 'broadcast'
  | 'claimed'
  | 'typing'
  | 'entered'
  | 'cleared'
  | 'given'
  | 'held'
  | 'put-back'
  | 'repaired'
  | 'returned'
  | 'seen'
  | 'replied'
  | 'consumed'
  | 'ended'
  | 'registered'
  | 'renamed'
  | 'left'

/** The line by which the journal says that a message of this kind was published, or is about to be. */
export const SAYS_SENT: Partial<Record<Kind, Event>> = {
  query: 'asked',
  notice: 'notified',
  reply: 'replied',
}

export type Entry = { at: string; event: Event; id?: string; peer: string; [more: string]: unknown }

// What a recovery decides by must survive a power cut; the rest is for people.
const DURABLE: Event[] = ['approved', 'broadcast', 'typing', 'given', 'replied', 'consumed', 'ended']

/** Appends to journal/<day>.jsonl in one write; fsync'd where a recovery depends on it. */
export function record(tree: Tree, event: Event, peer: string, id?: string, more: object = {}): void {
  const at = timestamp()
  const line = JSON.stringify({ at, event, id, peer, ...more })
  appendLine(inState(tree, `journal/${at.slice(0, 10)}.jsonl`), line, DURABLE.includes(event))
}

/**
 * The same for a line that only people read, of what has happened already: where it cannot be written (a full disk), that
 * is no failure of the deed, and must not make anybody repeat it.
 */
export function tell(tree: Tree, event: Event, peer: string, id?: string, more: object = {}): void {
  try {
    record(tree, event, peer, id, more)
  } catch (error) {
    process.stderr.write(`repowire: the journal lacks a line (${(error as Error).message})\n`)
  }
}

/**
 * The entries of the last `days` days, oldest first; all of them without `days`. Torn lines are passed over. `about`: only
 * lines that hold this text, such as an id: the others are not parsed.
 */
export function readJournal(tree: Tree, days?: number, about = ''): Entry[] {
  const files = listDirectory(inState(tree, 'journal')).filter((file) => file.endsWith('.jsonl'))
  const recent =
    days === undefined ? files : files.filter((file, n) => isRecent(file, files.length - n, days))
  return recent.flatMap((file) => entriesIn(inState(tree, `journal/${file}`), about))
}

const DAY_MS = 86_400_000
const SLACK_DAYS = 3

/**
 * Everything about these messages, oldest first. Of a name's time only its day counts, and three days more: a clock that is further off than
 * that makes the whole journal be read, never less. mailbox-spec §7.4
 */
export function readAbout(tree: Tree, ids: string[]): Entry[] {
  const wanted = new Set(ids)
  const first = dayBefore(Math.min(...ids.map(timeOf)))
  const files = listDirectory(inState(tree, 'journal')).filter((file) => file.endsWith('.jsonl'))
  const paths = files.filter((file) => file >= first).map((file) => inState(tree, `journal/${file}`))
  const [only = ''] = ids
  const entries = paths.flatMap((file) =>
    ids.length === 1 ? entriesIn(file, only) : entriesOf(file, wanted),
  )
  return entries.filter(({ id }) => wanted.has(String(id)))
}

/** The name from which on files count; the first of all where that time cannot be that of a file of today. */
function dayBefore(time: number): string {
  const sane = time <= Date.now() + SLACK_DAYS * DAY_MS && time > 0
  return sane ? new Date(time - SLACK_DAYS * DAY_MS).toISOString().slice(0, 10) : ''
}

const BEFORE_ID = '"id":"'

/** In one pass, however many are wanted: only lines that name one of them are parsed. */
function entriesOf(file: string, wanted: Set<string>): Entry[] {
  const lines = (readText(file) ?? '').split('\n')
  const idOf = (line: string) => line.slice(line.indexOf(BEFORE_ID) + BEFORE_ID.length).slice(0, ID_LENGTH)
  return lines.filter((line) => wanted.has(idOf(line))).flatMap((line) => entryIn(line) ?? [])
}

/** One of the last files, or of the last days: a clock that was ahead for a while has left later names than today's. */
function isRecent(file: string, fromEnd: number, days: number): boolean {
  return fromEnd <= days || Date.parse(file.slice(0, 10)) > Date.now() - days * 86_400_000
}

function entriesIn(file: string, about: string): Entry[] {
  const lines = about === '' ? (readText(file) ?? '').split('\n') : linesWith(about, readBytes(file))
  return lines.flatMap((line) => entryIn(line) ?? [])
}

const NEWLINE = 10

/** By the bytes: to decode and split the lines of two busy days costs a hook half a second. */
function linesWith(text: string, bytes: Buffer = Buffer.alloc(0)): string[] {
  const lines: string[] = []
  for (let at = bytes.indexOf(text); at >= 0; ) {
    const newline = bytes.indexOf(NEWLINE, at)
    const end = newline < 0 ? bytes.length : newline
    lines.push(bytes.toString('utf8', bytes.lastIndexOf(NEWLINE, at) + 1, end))
    at = bytes.indexOf(text, end)
  }
  return lines
}

function entryIn(line: string): Entry | undefined {
  const entry = objectIn(line)
  return typeof entry?.event === 'string' ? (entry as Entry) : undefined
}
