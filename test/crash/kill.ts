/** A scenario, killed before each of its calls in turn. */

import { mockFs } from '../world.ts'
import { allowedAfter, type Ending, makeJudge } from './aftermath.ts'
import type { Call } from './counting.ts'
import { violationsIn } from './invariants.ts'
import { readDisk } from './on-disk.ts'
import { withoutNames } from './picture.ts'
import { type Death, perform } from './program.ts'
import { prepare, type Show, type Start } from './scenario.ts'

/** `points`: the calls before which a child was killed. `violations`: what was not as it must be, in words. */
export type Result = { points: Call[]; violations: string[] }

type Judge = (killed: Start) => Promise<Ending[]>
type Killed = { where: string; point?: Call; wrong: string[]; endings: Ending[] }

export async function killEverywhere(show: Show): Promise<Result> {
  mockFs(show.t, 'fsyncSync', () => () => {}) // here, not in the children: what comes next needs no disk either
  const whole = prepare(show)
  const { calls, signal, stderr } = await act(show, whole, 0)
  if (signal !== null || calls.length === 0) return { points: [], violations: [`it does not run: ${stderr}`] }
  const judge = makeJudge(show, await allowedAfter(show, whole))
  const killed = await inLanes(calls, (call, n) => kill(show, judge, call, n + 1))
  const points = killed.flatMap(({ point }) => point ?? [])
  const alive = violationsIn(readDisk(whole.town.dir), whole.before, show.scenario.forgets).map(
    (what) => `not killed: ${what}`,
  )
  return {
    points,
    violations: [...idle(show, whole), ...alive, ...inSentences(killed), ...backwards(killed)],
  }
}

async function act({ t, program, scenario }: Show, { town }: Start, last: number): Promise<Death> {
  return await perform(t, program, { act: scenario.act, last, town })
}

function idle({ scenario }: Show, { town, before }: Start): string[] {
  const same = JSON.stringify(readDisk(town.dir)) === JSON.stringify(before)
  if (same === (scenario.looks ?? false)) return []
  return [same ? 'the act changes nothing' : 'the act changes something']
}

async function kill(show: Show, judge: Judge, call: Call, n: number): Promise<Killed> {
  const where = `${n} (${call.name} in ${call.chain[0]})`
  const start = prepare(show)
  const { signal, calls, stderr } = await act(show, start, n)
  const [point] = calls
  if (signal !== 'SIGKILL' || point?.at !== call.at)
    return { where, endings: [], wrong: [`it died elsewhere: ${signal} ${point?.at} ${stderr}`] }
  const seen = violationsIn(readDisk(start.town.dir), start.before, show.scenario.forgets)
  const endings = await judge(start)
  const later = endings.flatMap(({ who, problems }) => problems.map((problem) => `then ${who}: ${problem}`))
  return { where, point, endings, wrong: [...seen, ...later] }
}

/** Each violation once, with the calls before which it was caused. */
function inSentences(killed: Killed[]): string[] {
  const calls = new Map<string, string[]>()
  for (const { where, wrong } of killed)
    for (const what of wrong.map(withoutNames)) calls.set(what, [...(calls.get(what) ?? []), where])
  return [...calls].map(([what, before]) => `killed before call ${before.join(', ')}: ${what}`)
}

/** Who is killed later has come no less far. */
function backwards(killed: Killed[]): string[] {
  return killed.flatMap(({ where, endings }, n) =>
    endings.flatMap(({ level, who }, at) => {
      const before = killed[n - 1]?.endings[at]?.level ?? -1
      return level < 0 || level >= before
        ? []
        : [`killed before call ${where}: ${who} finds less than one call before`]
    }),
  )
}

// Two children at a time, and one that starts while the test looks at what another has left.
const LANES = 3

async function inLanes<In, Out>(all: In[], each: (one: In, n: number) => Promise<Out>): Promise<Out[]> {
  const done: Out[] = []
  const waiting = all.entries()
  const lane = async () => {
    for (const [n, one] of waiting) done[n] = await each(one, n)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return done
}
