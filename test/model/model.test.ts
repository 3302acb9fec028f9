// Random programs of everything that peers do, and of what befalls them, against the spec. The long form: npm run model.

import t from 'tap'
import { check } from './check.ts'

t.setTimeout(240_000)

const SEED = 7
const PROGRAMS = 120

t.test(
  'whatever several peers do, and whatever befalls them, nothing is lost, given twice or answered wrongly',
  async (t) => {
    const { counts, wrong } = await check({ programs: PROGRAMS, seed: SEED })
    console.log(`model: seed ${SEED}: ${JSON.stringify(counts)}`)
    t.equal(wrong, undefined)
  },
)
