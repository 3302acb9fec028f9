/** Any number of random programs, and what is said of the first that goes wrong: the smallest one that does, and how to run it again. */

import { existsSync } from 'node:fs'
import * as fc from 'fast-check'
import { inWords, program } from './program.ts'
import { type Counts, noCounts, runProgram } from './run.ts'
import { installSeam } from './seam.ts'

export type Wanted = { programs: number; seed: number; path?: string; say?: (text: string) => void }

/** Nothing needs a disk here: no power is cut. */
const IN_MEMORY = '/dev/shm'

export async function check({
  programs,
  seed,
  path,
  say,
}: Wanted): Promise<{ counts: Counts; wrong?: string }> {
  const before = process.env.TMPDIR
  if (existsSync(IN_MEMORY)) process.env.TMPDIR = IN_MEMORY
  const [remove, loud] = [installSeam(), hush()]
  const counts = noCounts()
  const property = fc.asyncProperty(program, async (one) => {
    await runProgram(one, counts)
    if (counts.programs % 100 === 0) say?.(`${counts.programs} programs`)
  })
  try {
    const result = await fc.check(property, { seed, numRuns: programs, ...(path && { path, numRuns: 1 }) })
    return { counts, ...(result.failed && { wrong: report(result, seed) }) }
  } finally {
    loud()
    remove()
    process.env.TMPDIR = before ?? '/tmp'
  }
}

function report(
  { counterexample, counterexamplePath, errorInstance }: fc.RunDetails<[Parameters<typeof inWords>[0]]>,
  seed: number,
): string {
  const [smallest] = counterexample ?? []
  return [
    (errorInstance as Error)?.stack ?? 'it failed, and said nothing',
    ...(smallest === undefined ? [] : ['the smallest program that does this:', inWords(smallest)]),
    `again: npm run model -- --seed ${seed} --path "${counterexamplePath}"`,
  ].join('\n')
}

/** What is no failure of a deed is said on stderr: here it is of no interest. */
function hush(): () => void {
  const { write } = process.stderr
  const real = write.bind(process.stderr)
  process.stderr.write = ((text: string, ...more: []) =>
    String(text).startsWith('repowire: ') || real(text, ...more)) as typeof write
  return () => Object.assign(process.stderr, { write })
}
