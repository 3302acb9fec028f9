/** One way to be killed: what lies there, what the process is doing, and who comes next. */

import { join } from 'node:path'
import type { Test } from 'tap'
import type { Town } from './acts/town.ts'
import type { ActName } from './acts.ts'
import type { Cast } from './cast.ts'
import { type File, readDisk } from './on-disk.ts'
import type { Program } from './program.ts'

export type Scenario = {
  /** Who is killed: the name of the test goes on with "may be killed before any call". */
  who: string
  act: ActName
  prepare(t: Test, cast: Cast): Town
  next: Successor[]
  /** What may lie there between nothing and everything, in order, each made by hand from the beginning. */
  between?: ((town: Town) => unknown)[]
  /** The act changes nothing. */
  looks?: true
  /** The act removes messages. */
  forgets?: true
}

/** `completes`: afterwards everything is as if nobody had been killed; otherwise that, or as if nothing had begun. */
export type Successor = {
  who: string
  completes: boolean
  recover(town: Town, cast: Cast): unknown
}

export type Show = { t: Test; cast: Cast; program: Program; scenario: Scenario }

/** A town, and all that lay in it when the scenario began, and may not be lost. */
export type Start = { town: Town; before: File[] }

/** Whoever comes next comes two hours later: everything is at rest, and litter is old. */
export function letTimePass(): void {
  const { now } = Date
  Date.now = () => now() + 7_200_000
}

/** The same town, in another directory. */
export function moved(town: Town, dir: string): Town {
  const [root, state] = [join(dir, 'root'), join(dir, 'state')]
  const env = { REPOWIRE_HOME: root, REPOWIRE_STATE: state }
  return { ...town, dir, env, tree: { ...town.tree, root, state } }
}

export function prepare({ t, cast, scenario }: Show): Start {
  const town = scenario.prepare(t, cast)
  return { town, before: readDisk(town.dir) }
}
