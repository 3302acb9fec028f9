/** This host's own record of what happened to each message, one JSON line per event. mailbox-spec §10. */

import { appendLine, listDirectory, readText } from './disk.ts'
import { timestamp } from './new-id.ts'
import { inState, type Tree } from './tree.ts'

export type Event =
  | 'asked'
  | 'notified'
  | 'broadcast'
  | 'claimed'
  | 'typing'
  | 'entered'
  | 'given'
  | 'held'
  | 'put-back'
  | 'replied'
  | 'consumed'
  | 'ended'
  | 'registered'
  | 'renamed'
  | 'left'

export type Entry = { at: string; event: Event; id?: string; peer: string; [more: string]: unknown }

// What a recovery decides by must survive a power cut; the rest is for people.
const DURABLE: Event[] = ['broadcast', 'typing', 'given', 'replied', 'consumed', 'ended']

/** Appends to journal/<day>.jsonl in one write; fsync'd where a recovery depends on it. */
export function record(tree: Tree, event: Event, peer: string, id?: string, more: object = {}): void {
  const at = timestamp()
  const line = JSON.stringify({ at, event, id, peer, ...more })
  appendLine(inState(tree, `journal/${at.slice(0, 10)}.jsonl`), line, DURABLE.includes(event))
}

/** The entries of the last `days` days, oldest first; all of them without `days`. Torn lines are passed over. */
export function readJournal(tree: Tree, days?: number): Entry[] {
  const files = listDirectory(inState(tree, 'journal')).filter((file) => file.endsWith('.jsonl'))
  return files
    .slice(days === undefined ? 0 : -days)
    .flatMap((file) => entriesIn(readText(inState(tree, `journal/${file}`)) ?? ''))
}

function entriesIn(text: string): Entry[] {
  return text.split('\n').flatMap((line) => entryIn(line) ?? [])
}

/** What a crash tore has no newline, so the next entry stands behind it on the same line. */
function entryIn(line: string): Entry | undefined {
  try {
    const entry = JSON.parse(line) as Entry | null
    return typeof entry?.event === 'string' ? entry : undefined
  } catch {
    const next = line.lastIndexOf('{"at":"') // inside of a text its quotes would be escaped
    return next > 0 ? entryIn(line.slice(next)) : undefined
  }
}
