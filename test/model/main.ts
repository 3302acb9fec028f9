// `npm run model`: the long form. The counts go to stdout, how far it is to stderr.

import { parseArgs } from 'node:util'
import { check } from './check.ts'

const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    path: { type: 'string' },
  },
})
const start = performance.now()
const seconds = () => Math.round((performance.now() - start) / 1_000)
const { counts, wrong } = await check({
  programs: Number(values.programs),
  seed: Number(values.seed),
  path: values.path,
  say: (text) => process.stderr.write(`${seconds()} s: ${text}\n`),
})
process.stdout.write(`${JSON.stringify({ seed: Number(values.seed), seconds: seconds(), ...counts })}\n`)
if (wrong !== undefined) process.stderr.write(`${wrong}\n`)
process.exit(wrong === undefined ? 0 : 1)
