/** Runs one program, looks at the whole tree after each step, and sees at last that everything comes to its end. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, RepowireError } from '../../src/protocol/errors.ts'
import { STATES } from '../../src/protocol/layout.ts'
import { listMailboxes } from '../../src/spool/scan.ts'
import { leftIn } from '../crash/finished.ts'
import { violationsIn } from '../crash/invariants.ts'
import { type File, readDisk } from '../crash/on-disk.ts'
import { ACTS } from './acts.ts'
import { finish } from './ending.ts'
import type { Program, Step } from './program.ts'
import { strangeNames, wrongMove } from './rules.ts'
import { type Lived, listen, live, liveWithin, setRemote } from './seam.ts'
import { modelTime, pass, realTime } from './sky.ts'
import { makeTown, removeTown, type Town } from './town.ts'

export type Counts = Record<
  | 'programs'
  | 'steps'
  | 'calls'
  | 'kills'
  | 'faults'
  | 'between'
  | 'questions'
  | 'notices'
  | 'replies'
  | 'moves'
  | 'refused',
  number
>

export const noCounts = (): Counts => ({
  programs: 0,
  steps: 0,
  calls: 0,
  kills: 0,
  faults: 0,
  between: 0,
  questions: 0,
  notices: 0,
  replies: 0,
  moves: 0,
  refused: 0,
})

/** Throws with everything that is wrong, in words, at the first step at which anything is. */
export async function runProgram(program: Program, counts: Counts): Promise<void> {
  modelTime()
  setRemote(program.remote)
  const town = makeTown()
  listen((move) => {
    counts.moves += 1
    const isThere = (file: string) => isSomewhere(town, file)
    town.ledger.wrong.push(...wrongMove(move, isThere))
  })
  try {
    let disk = readDisk(town.dir)
    for (const [n, step] of program.steps.entries()) disk = await takeStep(town, step, n, disk, counts)
    const wrong = await finish(town)
    const after = readDisk(town.dir)
    complain(
      [...town.ledger.wrong, ...wrong, ...look(town, after, disk), ...leftIn(after, after)],
      'in the end',
    )
    count(town, counts)
  } finally {
    listen(undefined)
    setRemote(false)
    removeTown(town)
    realTime()
  }
}

function isSomewhere({ tree }: Town, file: string): boolean {
  const places = listMailboxes(tree).flatMap((address) =>
    STATES.map((state) => join(tree.root, 'inbox', address, state, file)),
  )
  return places.some((place) => existsSync(place))
}

function complain(wrong: string[], where: string): void {
  if (wrong.length > 0) throw new Error(`${where}:\n${wrong.map((one) => `  ${one}`).join('\n')}`)
}

/** What needs no living client. */
const BY_NOBODY = /^courier|^begin an agent|^a |^an hour|^ten |^clock|^sweep|^reconcile|^lose the/

async function takeStep(town: Town, step: Step, n: number, before: File[], counts: Counts): Promise<File[]> {
  pass(20)
  const { trouble, meanwhile } = step
  const between = meanwhile && {
    at: meanwhile.at,
    act: () => {
      counts.between += 1
      const other = liveWithin(() => perform(town, meanwhile))
      town.ledger.wrong.push(...unexpected(other))
    },
  }
  const lived = await live(() => perform(town, step), trouble, between)
  counts.steps += 1
  counts.calls += lived.calls
  if (lived.dead) counts.kills += 1
  counts.faults += lived.failed.length
  if (lived.error instanceof RepowireError) counts.refused += 1
  if (lived.dead) bury(town, step)
  if (lived.failed.length > 0) town.tornLines ||= trouble?.kind === 'fault' && trouble.code === 'ENOSPC'
  const disk = readDisk(town.dir)
  complain(
    [...town.ledger.wrong, ...unexpected(lived), ...look(town, disk, before)],
    `after step ${n + 1}, ${step.act}`,
  )
  return disk
}

/** The process of the deed was killed. */
function bury(town: Town, { act, who }: Step): void {
  town.ledger.excused.add(who)
  if (act.startsWith('courier')) ACTS['courier: another'](town, {} as never)
}

function perform(town: Town, deed: Step): unknown {
  const me = town.actors[deed.who]
  const you = town.actors[deed.whom === deed.who ? (deed.whom + 1) % 3 : deed.whom]
  if (me === undefined || you === undefined || (!me.alive && !BY_NOBODY.test(deed.act))) return
  return ACTS[deed.act](town, { ...deed, whom: town.actors.indexOf(you), me, you })
}

const FAULTS = ['ENOSPC', 'EIO', 'EROFS', 'EMFILE', 'EACCES', 'ESTALE']

/** An error has a code of ours, or one that the system gave. */
function unexpected({ error, dead, failed }: Lived<unknown>): string[] {
  if (error === undefined || dead || error instanceof RepowireError) return []
  const known = failed.length > 0 && FAULTS.includes(codeOf(error))
  return known ? [] : [`an error that nobody expects: ${(error as Error).stack}`]
}

function look(town: Town, disk: File[], before: File[]): string[] {
  const torn = (what: string) =>
    town.tornLines && what.startsWith('a partial file is visible: state/journal/')
  return [...violationsIn(disk, before).filter((what) => !torn(what)), ...strangeNames(disk)]
}

function count({ ledger }: Town, counts: Counts): void {
  counts.programs += 1
  counts.questions += ledger.sent.filter(({ kind, sure }) => kind === 'query' && sure).length
  counts.notices += ledger.sent.filter(({ kind, sure }) => kind === 'notice' && sure).length
  counts.replies += ledger.answers.filter(({ sure }) => sure).length
}
