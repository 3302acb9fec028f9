/** courier.log: what went wrong, one JSON line each; what happened to messages is in the journal. */

import { codeOf, explain } from '../protocol/errors.ts'
import { appendLine, fileSize, readFrom } from '../spool/disk.ts'
import { inState, type Tree } from '../spool/tree.ts'

/** Writes one line; where even that fails (a full disk), it says so on stderr and lives on. */
export function complain(tree: Tree, peer: string | undefined, error: unknown): void {
  const line = JSON.stringify({
    at: new Date().toISOString(),
    peer,
    code: codeOf(error),
    what: explain(error),
  })
  try {
    appendLine(inState(tree, 'courier.log'), line, false)
  } catch {
    process.stderr.write(`${line}\n`)
  }
}

type Complaint = { at: string; what: string }

// Enough for some hundred lines: a log that was never cut may be long.
const LAST_BYTES = 65_536

/** What went wrong since then (ms), oldest first; only from the end of a long log. */
export function complaintsSince(tree: Tree, since: number): Complaint[] {
  const file = inState(tree, 'courier.log')
  const lines = readFrom(file, Math.max(0, fileSize(file) - LAST_BYTES)).split('\n')
  return lines.flatMap((line) => complaintIn(line) ?? []).filter(({ at }) => Date.parse(at) >= since)
}

/** Undefined for what a crash has written there, and for a line that is cut off. */
function complaintIn(line: string): Complaint | undefined {
  try {
    const { at, what } = JSON.parse(line) as Partial<Complaint>
    return typeof at === 'string' && typeof what === 'string' ? { at, what } : undefined
  } catch {
    return undefined
  }
}
