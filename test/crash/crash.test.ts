// Every function of the spool and every verb, killed by SIGKILL before each of its calls of node:fs; then whoever comes
// next recovers. The invariants are in invariants.ts and finished.ts; who may come next, in each scenario.

import { existsSync } from 'node:fs'
import t from 'tap'
import { startCast } from './cast.ts'
import type { Call } from './counting.ts'
import { callSites, exportedFunctions, functionsOn, hiddenUses } from './coverage.ts'
import { CALLS_NOTHING, OUT_OF_REACH } from './exempt.ts'
import { killEverywhere } from './kill.ts'
import { compile } from './program.ts'
import { letTimePass } from './scenario.ts'
import { scenarios } from './scenarios.ts'

t.setTimeout(480_000)
letTimePass()
// A kill loses nothing that was written, so the test's own files need no disk.
if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm'

const cast = startCast(t)
const program = compile(t)
const points: Call[] = []

for (const scenario of scenarios) {
  t.test(`${scenario.who} may be killed before any call`, async (t) => {
    const result = await killEverywhere({ t, cast, program, scenario })
    t.strictSame(result.violations, [])
    points.push(...result.points)
  })
}

t.test('every call of node:fs in the spool has a crash point', async (t) => {
  const reached = new Set(points.map(({ at }) => at))
  const sites = callSites(program)
  const without = sites.filter(({ at, name }) => !reached.has(at) && !(name in OUT_OF_REACH))
  t.strictSame(
    without.map(({ name }) => name),
    [],
    'add a scenario whose act comes by there, or exempt it with the reason',
  )
  const exempt = Object.keys(OUT_OF_REACH).filter(
    (name) => !sites.some((site) => site.name === name && !reached.has(site.at)),
  )
  t.strictSame(exempt, [], 'these are exempt in vain: they have a point, or are no more')
  t.strictSame(hiddenUses(program), [], 'call it as fs.name(…), so that it is seen here')
  console.log(`crash points: ${points.length}, at ${reached.size} calls, in ${scenarios.length} scenarios`)
})

t.test('every exported function of the spool and the verbs has a crash point', async (t) => {
  const reached = functionsOn(points)
  const all = exportedFunctions(program)
  const without = all.filter((name) => !reached.has(name) && !(name in CALLS_NOTHING))
  t.strictSame(without, [], 'add a scenario whose act calls it, or exempt it with the reason')
  const exempt = Object.keys(CALLS_NOTHING).filter((name) => reached.has(name) || !all.includes(name))
  t.strictSame(exempt, [], 'these are exempt in vain: they have a point, or are no more')
})
