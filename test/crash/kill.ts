/**
 * A scenario, killed before each of its calls. What a SIGKILL leaves is what the calls before it have written: one child
 * copies that before every call, and a few are really killed, to see that it is the same.
 */

import { join } from 'node:path'
import { makeDir, mockFs } from '../world.ts'
import { allowedAfter, type Ending, makeJudge } from './aftermath.ts'
import { lastCopied } from './copy.ts'
import type { Call } from './counting.ts'
import { violationsIn } from './invariants.ts'
import { readDisk } from './on-disk.ts'
import { wholePictureOf, withoutNames } from './picture.ts'
import { type Death, perform } from './program.ts'
import { moved, prepare, type Show, type Start } from './scenario.ts'

/** `points`: the calls before which a child was killed. `violations`: what was not as it must be, in words. */
export type Result = { points: Call[]; violations: string[] }

type Judge = (killed: Start) => Promise<Ending[]>
type Killed = { where: string; disk: string; wrong: string[]; endings: Ending[] }

export async function killEverywhere(show: Show): Promise<Result> {
  mockFs(show.t, 'fsyncSync', () => () => {}) // here, not in the children: what comes next needs no disk either
  const whole = prepare(show)
  const copies = makeDir(show.t)
  const { calls, signal, stderr } = await act(show, whole, { last: 0, copies })
  if (signal !== null || calls.length === 0) return { points: [], violations: [`it does not run: ${stderr}`] }
  const judge = makeJudge(show, await allowedAfter(show, whole))
  const at = (n: number): Start => ({
    ...whole,
    town: moved(whole.town, join(copies, String(lastCopied(calls, n)))),
  })
  const killed: Killed[] = []
  for (const [n, call] of calls.entries()) {
    const where = nameOf(call, n + 1)
    const previous = killed.at(-1)
    const same = previous !== undefined && lastCopied(calls, n + 1) <= n
    killed.push(same ? { ...previous, where } : await look(show, judge, where, at(n + 1), previous))
  }
  const really = await inLanes(someOf(calls), ([n, call]) => kill(show, call, n, at(n)))
  const alive = violationsIn(readDisk(whole.town.dir), whole.before, show.scenario.forgets).map(
    (what) => `not killed: ${what}`,
  )
  return {
    points: calls,
    violations: [
      ...idle(show, whole),
      ...alive,
      ...inSentences(killed),
      ...backwards(killed),
      ...really.flat(),
    ],
  }
}

async function act(
  { t, program, scenario }: Show,
  { town }: Start,
  { last, copies }: { last: number; copies?: string },
): Promise<Death> {
  return await perform(t, program, { act: scenario.act, last, town, ...(copies && { copies }) })
}

function idle({ scenario }: Show, { town, before }: Start): string[] {
  const same = JSON.stringify(readDisk(town.dir)) === JSON.stringify(before)
  if (same === (scenario.looks ?? false)) return []
  return [same ? 'the act changes nothing' : 'the act changes something']
}

/**
 * What is wrong with what lay there before this call, and with what comes of it. A call that only looked has left the
 * disk as it was, and whoever comes next knows nothing else: then both are those of the call before.
 */
async function look(
  show: Show,
  judge: Judge,
  where: string,
  start: Start,
  previous: Killed | undefined,
): Promise<Killed> {
  const left = readDisk(start.town.dir)
  const disk = JSON.stringify(left)
  if (disk === previous?.disk) return { ...previous, where }
  const seen = violationsIn(left, start.before, show.scenario.forgets)
  const endings = await judge(start)
  const later = endings.flatMap(({ who, problems }) => problems.map((problem) => `then ${who}: ${problem}`))
  return { where, disk, endings, wrong: [...seen, ...later] }
}

const nameOf = (call: Call, n: number) => `${n} (${call.name} in ${call.chain[0]})`

const EVERY = process.env.CRASH_KILL_EVERY === undefined ? 96 : Number(process.env.CRASH_KILL_EVERY)

/** The calls before which a child is really killed, with their numbers. */
function someOf(calls: Call[]): [number, Call][] {
  const from = Math.floor((calls.length % EVERY) / 2)
  return calls.flatMap((call, at) => (at % EVERY === from ? [[at + 1, call]] : []))
}

/** Why a child that was killed did not leave what was copied before the same call; nothing where it did. */
async function kill(show: Show, call: Call, n: number, copied: Start): Promise<string[]> {
  const start = prepare(show)
  const { signal, calls, stderr } = await act(show, start, { last: n })
  if (signal !== 'SIGKILL' || calls[0]?.at !== call.at)
    return [`killed before call ${nameOf(call, n)}, it died elsewhere: ${signal} ${calls[0]?.at} ${stderr}`]
  const [left, expected] = [start, copied].map(({ town }) =>
    wholePictureOf(readDisk(town.dir), show.cast).split('\n'),
  ) as [string[], string[]]
  const more = left.filter((line) => !expected.includes(line)).map((line) => `\n  + ${line}`)
  const less = expected.filter((line) => !left.includes(line)).map((line) => `\n  - ${line}`)
  if (more.length + less.length === 0) return []
  return [`killed before call ${nameOf(call, n)}, it left what was not copied:${[...less, ...more].join('')}`]
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

const LANES = 2

async function inLanes<In, Out>(all: In[], each: (one: In) => Promise<Out>): Promise<Out[]> {
  const done: Out[] = []
  const waiting = all.entries()
  const lane = async () => {
    for (const [n, one] of waiting) done[n] = await each(one)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return done
}
