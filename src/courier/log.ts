/** courier.log: what went wrong, one JSON line each; what happened to messages is in the journal. */

import { codeOf, explain } from '../protocol/errors.ts'
import { appendLine } from '../spool/disk.ts'
import { inState, type Tree } from '../spool/tree.ts'

export function complain(tree: Tree, peer: string | undefined, error: unknown): void {
  const line = { at: new Date().toISOString(), peer, code: codeOf(error), what: explain(error) }
  appendLine(inState(tree, 'courier.log'), JSON.stringify(line), false)
}
