// Does one act and prints the calls of node:fs that it made, having copied before each what lies there; or is killed before
// one of them, having printed that one.

import { writeSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { markOf } from '../../src/spool/process.ts'
import type { Town } from './acts/town.ts'
import { type ActName, acts } from './acts.ts'
import { copy, lastCopied } from './copy.ts'
import { type Call, counted } from './counting.ts'

/** `copies`: where the copies go, each under the number of the call before which it was made. */
export type Task = { act: ActName; last: number; town: Town; copies?: string }

const print = (calls: Call[]) => writeSync(1, JSON.stringify(calls))
const { act, last, town, copies } = JSON.parse(process.argv[2] ?? '') as Task
const own = markOf(process.pid) as ProcessMark

const made: Call[] = []

function before(call: Call, n: number): void {
  if (copies !== undefined && lastCopied(made, n) === n) copy(town.dir, join(copies, String(n)))
  made.push(call)
  if (n !== last) return
  print([call])
  process.kill(process.pid, 'SIGKILL')
}

counted(before, () => acts[act]({ ...town, own })).then(print)
