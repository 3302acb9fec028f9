// The short form of `npm run chaos`: one of each misfortune, and a kill at each marked point. Nothing is lost, nothing repeated.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { bundle, makeDir, ROOT } from '../world.ts'
import { chaos, faultsOf, type Plan } from './chaos.ts'
import { withoutSyncthing } from './syncthing.ts'

async function play(t: Test, more: Partial<Plan>): Promise<void> {
  const peer = await bundle(t, new URL('peer.ts', import.meta.url))
  const outcome = await chaos({
    ...{ dir: makeDir(t), seed: 1, questions: 30, everyMs: 400, longMs: 1_000, repairSeconds: 5, kills: 10 },
    ...{
      drainMs: 100_000,
      rescanMs: 3_000,
      medium: 'syncthing',
      nudged: false,
      say: (text) => t.comment(text),
    },
    atEnd: (end) => t.teardown(end),
    programs: { repowire: join(ROOT, 'dist/repowire.js'), peer },
    ...more,
  })
  const { verdict, settledMs, tookMs, faults } = outcome
  t.comment(`over ${settledMs} ms after the last question, ${tookMs} ms in all; ${faults.join(', ')}`)
  t.strictSame(faultsOf(outcome), [])
  // A kill between the answer and the word that it was had is counted apart: nobody can tell the two times from one.
  t.equal(verdict.once + verdict.forced.length + verdict.unsaid.length, verdict.asked)
  t.equal(verdict.asked + verdict.refused, 30)
}

t.test(
  'two hosts over Syncthing lose nothing and repeat nothing',
  { skip: withoutSyncthing() },
  async (t) => {
    await play(t, {})
  },
)

t.test('two hosts in one directory lose nothing and repeat nothing', async (t) => {
  await play(t, { medium: 'directory', everyMs: 200 })
})
