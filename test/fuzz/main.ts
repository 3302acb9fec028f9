// `npm run fuzz`: the long form. The counts go to stdout, what was borne badly to stderr.

import { parseArgs } from 'node:util'
import { fuzz } from './check.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    path: { type: 'string' },
  },
})
const { runs, seed, only, path } = values
const start = performance.now()
const { counts, wrong } = await fuzz({ runs: Number(runs), seed: Number(seed), only, path })
const seconds = Math.round((performance.now() - start) / 1_000)
process.stdout.write(`${JSON.stringify({ seed: Number(seed), seconds, wrong: wrong.length, ...counts })}\n`)
if (wrong.length > 0) process.stderr.write(`${wrong.join('\n\n')}\n`)
process.exit(wrong.length === 0 ? 0 : 1)
