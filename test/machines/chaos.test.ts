// The short form of `npm run chaos`: one of each fault, and a kill at each marked point.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { bundle, makeDir, ROOT } from '../world.ts'
import { chaos, faultsOf, type Plan } from './chaos.ts'

async function play(t: Test, more: Partial<Plan>): Promise<void> {
  const peer = await bundle(t, new URL('peer.ts', import.meta.url))
  const outcome = await chaos({
    ...{ dir: makeDir(t), seed: 1, questions: 40, everyMs: 600, longMs: 2_000, repairSeconds: 8, kills: 10 },
    ...{ drainMs: 60_000, medium: 'syncthing', nudged: true, say: (text) => t.comment(text) },
    programs: { repowire: join(ROOT, 'dist/repowire.js'), peer },
    ...more,
  })
  const { verdict, p50, p95, settledMs, tookMs } = outcome
  t.strictSame(faultsOf(outcome), [])
  t.equal(verdict.once + verdict.forced.length + verdict.unsaid.length, verdict.asked)
  t.ok(verdict.asked >= 30, `${verdict.asked} were asked`)
  t.comment(`p50 ${p50} ms, p95 ${p95} ms; over after ${settledMs} ms; all ${tookMs} ms`)
}

t.test('two hosts in one directory lose nothing and repeat nothing', async (t) => {
  await play(t, { medium: 'directory', everyMs: 400 })
})
