/**
 * The hook: one process per event of the client, which reads the payload, calls one verb and is gone. It never fails
 * its client: whatever happens it exits 0, and what went wrong is a line with its code in hook.log.
 */

import { codeOf, explain } from '../../protocol/errors.ts'
import { appendLine } from '../../spool/disk.ts'
import { readInput, writeOutput } from '../../spool/program.ts'
import { inState, locateTree } from '../../spool/tree.ts'
import { runHook } from './run.ts'

try {
  const output = runHook(JSON.parse(readInput()), process.env)
  if (output !== undefined) writeOutput(output)
} catch (error) {
  complain(error)
}

function complain(error: unknown): void {
  try {
    const at = new Date().toISOString()
    const line = JSON.stringify({ at, code: codeOf(error), what: explain(error), pid: process.pid })
    appendLine(inState(locateTree(process.env), 'hook.log'), line, false)
  } catch {
    // There is no place left to say it.
  }
}
