/** The vectors of trees/ and exchanges/, each step done by the command under test. fixtures/README.md */

import { filled, type Stage } from '../fixtures/filled.ts'
import { makeStage } from '../fixtures/stage.ts'
import type { ExchangeVector, Step, TreeVector } from '../fixtures/vector.ts'
import { bytesOfMessages, expectRules, expectState, expectTree } from '../fixtures/whole-tree.ts'
import { call, wordsOf } from './calling.ts'
import { makeEnds, says } from './ends.ts'
import { makeAsExpected } from './make-as-expected.ts'

type Got = string[] | 'refused' | undefined

/** Undefined where it passes; `passed over` where somebody comes whose role the command has not; throws for a difference. */
export async function runTree(command: string[], vector: TreeVector): Promise<string | undefined> {
  return await staged(vector, async (stage) => {
    const before = bytesOfMessages(stage)
    const refused: boolean[] = []
    for (const step of vector.next) {
      const got = await come(command, stage, step, vector.after_hours)
      if (got === undefined) return 'passed over'
      refused.push(got === 'refused')
    }
    says.strictSame(refused, vector.next.map(isRefused), 'who is refused')
    expectTree(says, stage, vector.expect, 'afterwards')
    const once = bytesOfMessages(stage)
    for (const step of vector.next) await come(command, stage, step, vector.after_hours)
    expectTree(says, stage, vector.expect, 'the second time')
    expectRules(says, stage, new Map([...once, ...before]))
    expectState(says, stage, vector.expect_state)
    return undefined
  })
}

function isRefused({ refused }: Step): boolean {
  return refused === true
}

/** The steps of other roles are made so; passed over where no step is left. */
export async function runExchange(command: string[], vector: ExchangeVector): Promise<string | undefined> {
  return await staged(vector, async (stage) => {
    const before = bytesOfMessages(stage)
    let own = 0
    for (const [n, step] of vector.steps.entries()) {
      const what = `step ${n + 1}, ${step.who} ${step.does ?? ''}`
      const got = await come(command, stage, step, vector.after_hours)
      if (got === undefined) makeAsExpected(stage, step)
      else {
        own += step.does === 'ends' && step.who === 'process' ? 0 : 1
        says.strictSame(got, wantedOf(stage, step), `${what}: what it hands over`)
        expectTree(says, stage, step.expect, `after ${what}`)
      }
      for (const [file, bytes] of bytesOfMessages(stage)) if (!before.has(file)) before.set(file, bytes)
      expectRules(says, stage, before)
    }
    return own === 0 ? 'passed over' : undefined
  })
}

/** In any order. */
function wantedOf(stage: Stage, { gets, refused }: Step): unknown {
  return refused === true ? 'refused' : (filled(stage, gets ?? []) as string[]).sort()
}

async function come(command: string[], stage: Stage, step: Step, hours = 2): Promise<Got> {
  const { who, does, expect, gets, refused, as, ...fields } = step
  if (who === 'process') return await endProcess(stage, String(fields.process))
  const { process, ...rest } = filled(stage, fields) as Record<string, unknown>
  const mark = process === undefined ? {} : { process: stage.actors[String(process)]?.mark }
  const words = [who, ...(does === undefined ? [] : [does]), ...wordsOf({ ...mark, ...rest })]
  const { root, state } = stage.tree
  const got = await call(command, words, { root, state, hours })
  if (as === undefined || !Array.isArray(got)) return Array.isArray(got) ? got.sort() : got
  if (got[0] === undefined) throw new Error(`\`${who} ${does}\` did not print the id that it made`)
  stage.names.set(String(as), got[0])
  return got.slice(1)
}

async function endProcess(stage: Stage, name: string): Promise<string[]> {
  await stage.actors[name]?.end?.()
  return []
}

async function staged(
  vector: Parameters<typeof makeStage>[1],
  act: (stage: Stage) => Promise<string | undefined>,
): Promise<string | undefined> {
  const ends = makeEnds()
  try {
    return await act(makeStage(ends, vector))
  } finally {
    await ends.close()
  }
}
