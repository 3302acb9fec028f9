/** Feeds each target with so much bad input, and says what was borne badly: the smallest that is, and how to feed it again. */

import { existsSync } from 'node:fs'
import * as fc from 'fast-check'
import { around, closeField, openField } from './field.ts'
import { TARGETS, type Target } from './targets.ts'

export type Wanted = { runs: number; seed: number; only?: string; path?: string }

export async function fuzz({
  runs,
  seed,
  only,
  path,
}: Wanted): Promise<{ counts: Record<string, number>; wrong: string[] }> {
  const before = process.env.TMPDIR
  if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm'
  const [counts, wrong]: [Record<string, number>, string[]] = [{}, []]
  try {
    for (const target of TARGETS.filter(({ name }) => only === undefined || name === only)) {
      const result = await fc.check(property(target, counts), {
        seed,
        numRuns: runs,
        ...(path && { path, numRuns: 1 }),
      })
      if (result.failed) wrong.push(report(target, result, seed))
    }
  } finally {
    process.env.TMPDIR = before ?? '/tmp'
  }
  return { counts, wrong }
}

function property({ name, input, feed }: Target, counts: Record<string, number>) {
  return fc.asyncProperty(input, async (bad) => {
    counts[name] = (counts[name] ?? 0) + 1
    await feedOnce(feed, bad)
  })
}

/** In a root of its own. Throws with everything that was borne badly. */
export async function feedOnce(feed: Target['feed'], bad: unknown): Promise<void> {
  const field = openField()
  try {
    const before = around(field.dir)
    await feed(field, bad as never)
    const after = around(field.dir)
    if (String(before) !== String(after))
      field.wrong.push(
        `something was written outside of the root: ${after.filter((one) => !before.includes(one))}`,
      )
    if (field.wrong.length > 0) throw new Error(field.wrong.join('\n').slice(0, 4_000))
  } finally {
    closeField(field)
  }
}

function report(
  { name }: Target,
  { counterexample, counterexamplePath, errorInstance }: fc.RunDetails<[unknown]>,
  seed: number,
): string {
  return [
    `${name}: ${(errorInstance as Error)?.stack}`,
    `the smallest input that does this: ${fc.stringify(counterexample?.[0]).slice(0, 2_000)}`,
    `again: npm run fuzz -- --seed ${seed} --only ${name} --path "${counterexamplePath}"`,
  ].join('\n')
}
