// Does one act and prints the calls of node:fs that it made; or is killed before one of them, having printed that one.

import { writeSync } from 'node:fs'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { markOf } from '../../src/spool/process.ts'
import type { Town } from './acts/town.ts'
import { type ActName, acts } from './acts.ts'
import { type Call, counted } from './counting.ts'

export type Task = { act: ActName; last: number; town: Town }

const print = (calls: Call[]) => writeSync(1, JSON.stringify(calls))
const { act, last, town } = JSON.parse(process.argv[2] ?? '') as Task
const own = markOf(process.pid) as ProcessMark

counted(
  last,
  (call) => print([call]),
  () => acts[act]({ ...town, own }),
).then(print)
