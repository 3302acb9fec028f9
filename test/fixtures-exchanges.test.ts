// fixtures/exchanges/: step by step, what each program does and what lies there then.

import { existsSync } from 'node:fs'
import t, { type Test } from 'tap'
import { OUTCOMES } from '../src/protocol/message.ts'
import { perform } from './fixtures/deeds.ts'
import { filled, type Stage } from './fixtures/filled.ts'
import { letHoursPass, makeStage } from './fixtures/stage.ts'
import { type ExchangeVector, exchangeVectors, type Step } from './fixtures/vector.ts'
import { bytesOfMessages, expectRules, expectTree } from './fixtures/whole-tree.ts'

const EXCHANGES = exchangeVectors()

// Nothing here is lost with the power: the files need no disk.
if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm'

for (const { name, vector } of EXCHANGES) t.test(`exchanges/${name}: ${vector.what}`, (t) => run(t, vector))

async function run(t: Test, vector: ExchangeVector): Promise<void> {
  const stage = makeStage(t, vector)
  letHoursPass(t, vector.after_hours)
  const before = bytesOfMessages(stage)
  for (const [n, step] of vector.steps.entries()) {
    const got = await perform(stage, step)
    t.strictSame(got, wantedOf(stage, step), `what step ${n + 1} hands over`)
    expectTree(t, stage, step.expect, `after step ${n + 1}: ${step.who} ${step.does ?? ''}`)
    for (const [file, bytes] of bytesOfMessages(stage)) if (!before.has(file)) before.set(file, bytes)
    expectRules(t, stage, before)
  }
}

/** Two ids that were made in one millisecond are in no order. */
function wantedOf(stage: Stage, { gets, refused }: Step): unknown {
  return refused === true ? 'refused' : (filled(stage, gets ?? []) as string[]).sort()
}

t.test('the exchanges are of every kind of end that two living peers can come to', async (t) => {
  const texts = EXCHANGES.map(({ vector }) => JSON.stringify(vector.steps))
  const without = OUTCOMES.filter((outcome) => !texts.some((text) => text.includes(`"outcome":"${outcome}"`)))
  t.strictSame(without, ['expired', 'refused'], 'those two need a tree, and are in trees/')
})
