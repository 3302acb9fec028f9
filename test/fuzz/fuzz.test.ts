// Bad input of every kind at every place where something comes in. The long form: npm run fuzz.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../world.ts'
import { feedOnce, fuzz } from './check.ts'
import { CORPUS, TARGETS } from './targets.ts'

t.setTimeout(240_000)

const SEED = 7
const RUNS = 60

for (const { name } of TARGETS) {
  t.test(
    `bad ${name}: no crash, nothing outside of the root, no control character, always a code and a reason`,
    async (t) => {
      const { counts, wrong } = await fuzz({ runs: RUNS, seed: SEED, only: name })
      console.log(`fuzz: seed ${SEED}: ${JSON.stringify(counts)}`)
      t.strictSame(wrong, [])
    },
  )
}

const HOSTILE = join(ROOT, 'fixtures/hostile')

for (const place of readdirSync(HOSTILE)) {
  for (const file of readdirSync(join(HOSTILE, place))) {
    t.test(`fixtures/hostile/${place}/${file} is borne`, async (t) => {
      const known = CORPUS[place]
      if (known === undefined) return void t.fail(`nobody reads ${place}`)
      await t.resolves(feedOnce(known.target.feed, known.inputOf(readFileSync(join(HOSTILE, place, file)))))
    })
  }
}
