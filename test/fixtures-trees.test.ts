// fixtures/trees/: what a crash left, who comes next, and what lies there then. Whoever comes comes twice.

import { existsSync } from 'node:fs'
import t, { type Test } from 'tap'
import { OUTCOMES } from '../src/protocol/message.ts'
import { DEEDS, deedOf, perform } from './fixtures/deeds.ts'
import type { Stage } from './fixtures/filled.ts'
import { ROWS, referenceOf, whyNowhere } from './fixtures/spec-rows.ts'
import { letHoursPass, makeStage } from './fixtures/stage.ts'
import { exchangeVectors, type Files, type Step, type TreeVector, treeVectors } from './fixtures/vector.ts'
import { bytesOfMessages, expectRules, expectState, expectTree } from './fixtures/whole-tree.ts'

const TREES = treeVectors()
const EXCHANGES = exchangeVectors()

// Nothing here is lost with the power: the files need no disk.
if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm'

for (const { name, vector } of TREES) t.test(`trees/${name}: ${vector.what}`, (t) => run(t, vector))

async function run(t: Test, vector: TreeVector): Promise<void> {
  const stage = makeStage(t, vector)
  letHoursPass(t, vector.after_hours)
  const before = bytesOfMessages(stage)
  t.strictSame(await come(stage, vector), vector.next.map(isRefused), 'who is refused')
  expectTree(t, stage, vector.expect, 'afterwards')
  const once = bytesOfMessages(stage)
  await come(stage, vector)
  expectTree(t, stage, vector.expect, 'nothing changes the second time')
  expectRules(t, stage, new Map([...once, ...before]))
  expectState(t, stage, vector.expect_state)
}

/** Who was refused. The second time there may be nothing left to do, and then the program may say so. */
async function come(stage: Stage, { next }: TreeVector): Promise<boolean[]> {
  const refused: boolean[] = []
  for (const step of next) refused.push((await perform(stage, step)) === 'refused')
  return refused
}

function isRefused({ refused }: Step): boolean {
  return refused === true
}

t.test('every vector names a section or a row of mailbox-spec.md that is there', async (t) => {
  for (const { name, vector } of [...TREES, ...EXCHANGES]) t.equal(whyNowhere(vector.spec), undefined, name)
  t.ok(ROWS.length > 100, 'the tables are found')
})

const NAMED = TREES.map(({ vector }) => referenceOf(vector.spec))

for (const { section, name } of ROWS.filter(({ headers }) => headers[0] === 'move')) {
  t.test(`a tree vector names the row ${name} of §${section}`, async (t) => {
    t.ok(NAMED.some((to) => to?.section.startsWith('7.') && to.row === name))
  })
}

for (const { section, headers, name } of ROWS.filter((row) => row.headers.some(isCrash))) {
  for (const column of headers.filter((header) => isCrash(header))) {
    const rest = column === 'killed' ? undefined : column
    t.test(`a tree vector shows the crash window ${name} of §${section}, ${column}`, async (t) => {
      t.ok(NAMED.some((to) => to?.section === section && to.row === name && to.column === rest))
    })
  }
}

function isCrash(header: string): boolean {
  return /^killed\b/.test(header)
}

t.test('every outcome appears in what is expected', async (t) => {
  const expected = TREES.flatMap(({ vector }) => outcomesIn(vector.expect))
  t.strictSame([...new Set(expected)].sort(), [...OUTCOMES].sort())
})

function outcomesIn(files: Files): string[] {
  return Object.values(files).flatMap((file) => (file as { outcome?: string } | null)?.outcome ?? [])
}

t.test('everything that somebody can do in a vector is done in one', async (t) => {
  const trees = TREES.flatMap(({ vector }) => vector.next)
  const exchanges = EXCHANGES.flatMap(({ vector }) => vector.steps)
  t.strictSame([...new Set([...trees, ...exchanges].map(deedOf))].sort(), Object.keys(DEEDS).sort())
})
