/** courier.log: what went wrong, one JSON line each; what happened to messages is in the journal. */

import { codeOf, explain } from '../protocol/errors.ts'
import { appendLine } from '../spool/disk.ts'
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
