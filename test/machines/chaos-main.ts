// `npm run chaos`: the long form. The counts go to stdout, how far it is to stderr.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runChaos } from './chaos.ts'

const { values } = parseArgs({
  options: {
    questions: { type: 'string', default: '600' },
    seconds: { type: 'string', default: '81' },
    seed: { type: 'string', default: '1' },
    program: { type: 'string', default: '' },
    peer: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
})
const dir = mkdtempSync(join(realpathSync(tmpdir()), 'rw-chaos-'))
const start = performance.now()
const counts = await runChaos({
  dir,
  questions: Number(values.questions) / 2,
  seconds: Number(values.seconds),
  seed: Number(values.seed),
  graceSeconds: 12,
  program: values.program,
  peer: values.peer,
  say: (text) => process.stderr.write(`${Math.round((performance.now() - start) / 1_000)} s: ${text}\n`),
})
process.stdout.write(`${JSON.stringify(counts, undefined, 2)}\n`)
if (values.keep) process.stderr.write(`kept: ${dir}\n`)
else rmSync(dir, { recursive: true, force: true })
const wrong = [
  counts.handedTwice,
  counts.consumedTwice,
  counts.lost,
  counts.unanswered,
  counts.stuck,
  counts.conflicts,
  counts.different,
]
process.exit(wrong.every(({ length }) => length === 0) ? 0 : 1)
