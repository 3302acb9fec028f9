/** Time and processes as a program of the model says, not as they are: both are the same whenever it is run again. */

import type { ProcessMark } from '../../src/protocol/card.ts'

const RealDate = Date
const realNow = performance.now.bind(performance)

let now = RealDate.UTC(2026, 10, 22, 9, 40)
let passed = 0

class ModelDate extends RealDate {
  constructor(...given: [] | [number | string]) {
    if (given.length === 0) super(now)
    else super(given[0])
  }
  static override now(): number {
    return now
  }
}

/** From here until `realTime` it is the time of the model; it never goes back behind that of an earlier program but by `setClock`. */
export function modelTime(): void {
  now = Math.max(now, newest) + 40 * 86_400_000
  newest = now
  globalThis.Date = ModelDate as DateConstructor
  performance.now = () => passed
}

export function realTime(): void {
  globalThis.Date = RealDate
  performance.now = realNow
}

let newest = now

/** Both clocks go on. */
export function pass(ms: number): void {
  now += ms
  passed += ms
  newest = Math.max(newest, now)
}

/** Somebody sets the clock; what measures time goes on as before. */
export function setClock(by: number): void {
  now += by
  newest = Math.max(newest, now)
}

// No system has pids of this size.
const FIRST_PID = 10_000_000
let last = FIRST_PID

const lines = new Map<number, string>()

/** A process that lives until `end`. */
export function begin(parent: number, like: ProcessMark): ProcessMark {
  last += 1
  const mark = { ...like, pid: last, start: String(last) }
  const rest = Array.from({ length: 13 }, () => '0').join(' ')
  lines.set(last, `${last} (model) S ${parent} ${last} ${last} 0 -1 ${rest} ${last} 0\n`)
  return mark
}

export function end(mark: ProcessMark): void {
  lines.delete(mark.pid)
}

/** The line of /proc/<pid>/stat; undefined where the path is none of ours. */
export function statLine(path: string): string | undefined | 'real' {
  const [, pid] = path.match(/^\/proc\/(\d+)\/stat$/) ?? []
  return pid === undefined || Number(pid) <= FIRST_PID ? 'real' : lines.get(Number(pid))
}
