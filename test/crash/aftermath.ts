/** What those who come next leave, and whether they may. */

import { lookTree } from '../../src/spool/tree.ts'
import { sweep } from '../../src/verbs/sweep.ts'
import { makeDir } from '../world.ts'
import { copy } from './copy.ts'
import { leftIn } from './finished.ts'
import { violationsIn } from './invariants.ts'
import { readDisk } from './on-disk.ts'
import { pictureOf, wholePictureOf } from './picture.ts'
import { moved, prepare, type Show, type Start, type Successor } from './scenario.ts'

/** From "as if nothing had begun", over what may lie between, to "as if nobody had been killed". */
export type Allowed = Map<Successor, string[][]>

/** `level`: which of the allowed ends it came to. */
export type Ending = { who: string; level: number; problems: string[] }

/** `whole`: a town in which the act ran to its end. */
export async function allowedAfter(show: Show, whole: Start): Promise<Allowed> {
  const allowed: Allowed = new Map()
  for (const successor of show.scenario.next) {
    const starts = [prepare(show), ...halfWays(show), copyOf(show, whole)]
    const ends = await Promise.all(starts.map((start) => succeed(show, successor, start)))
    allowed.set(
      successor,
      ends.map(({ picture }) => picture),
    )
  }
  return allowed
}

function halfWays(show: Show): Start[] {
  return (show.scenario.between ?? []).map((lay) => {
    const start = prepare(show)
    lay(start.town)
    return start
  })
}

/** Judges what successors make of it; where the same lies there as at a point before, they are not asked again. */
export function makeJudge(show: Show, allowed: Allowed): (killed: Start) => Promise<Ending[]> {
  const known = new Map<string, Promise<Ending[]>>()
  return async (killed) => {
    const found = wholePictureOf(readDisk(killed.town.dir), show.cast)
    const endings = known.get(found) ?? endingsOf(show, allowed, killed)
    known.set(found, endings)
    return await endings
  }
}

/** What each successor makes of a town whose process was killed. */
async function endingsOf(show: Show, allowed: Allowed, killed: Start): Promise<Ending[]> {
  const copies = [...allowed].map(([successor, pictures]) => ({
    successor,
    pictures,
    copy: copyOf(show, killed),
  }))
  const ends = copies.map(async ({ successor, pictures, copy }) => {
    const { picture, problems } = await succeed(show, successor, copy)
    const level = pictures.map(String).lastIndexOf(String(picture))
    const { who } = successor
    return { who, level, problems: [...problems, ...wrongEnd(successor, pictures, picture, level)] }
  })
  return await Promise.all(ends)
}

function wrongEnd(
  { completes }: Successor,
  pictures: string[][],
  picture: string[],
  level: number,
): string[] {
  const done = pictures.at(-1) as string[]
  if (level === pictures.length - 1 || (level >= 0 && !completes)) return []
  const more = picture.filter((line) => !done.includes(line)).map((line) => `\n  + ${line}`)
  const less = done.filter((line) => !picture.includes(line)).map((line) => `\n  - ${line}`)
  return [`it does not end as it would have:${[...less, ...more].join('')}`]
}

/** Whoever comes next comes twice: the second time there is nothing left to do. */
async function succeed({ cast, scenario }: Show, { recover }: Successor, { town, before }: Start) {
  const come = async () => {
    await recover(town, cast)
    sweep(lookTree(town.env))
    return readDisk(town.dir)
  }
  const once = pictureOf(await come(), cast)
  const disk = await come()
  const picture = pictureOf(disk, cast)
  const again = String(once) === String(picture) ? [] : ['the second time it changes something again']
  return {
    picture,
    problems: [...violationsIn(disk, before, scenario.forgets), ...leftIn(disk, before), ...again],
  }
}

function copyOf({ t }: Show, { town, before }: Start): Start {
  const dir = makeDir(t)
  copy(town.dir, dir)
  return { before, town: moved(town, dir) }
}
