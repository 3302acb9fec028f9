// `npm run chaos`: the long form. Counts to stdout, how far it is to stderr.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chaos, faultsOf } from './chaos.ts'

const { values } = parseArgs({
  options: {
    questions: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
    every: { type: 'string', default: '270' },
    repair: { type: 'string', default: '12' },
    kills: { type: 'string', default: '20' },
    medium: { type: 'string', default: 'syncthing' },
    nudged: { type: 'boolean', default: false },
    program: { type: 'string', default: '' },
    peer: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
})

const dir = mkdtempSync(join(realpathSync(tmpdir()), 'rw-chaos-'))
try {
  const outcome = await chaos({
    dir,
    seed: Number(values.seed),
    questions: Number(values.questions),
    everyMs: Number(values.every),
    longMs: Math.min(12_000, Number(values.questions) * 40),
    repairSeconds: Number(values.repair),
    kills: Number(values.kills),
    medium: values.medium === 'directory' ? 'directory' : 'syncthing',
    nudged: values.nudged,
    programs: { repowire: values.program, peer: values.peer },
    drainMs: 300_000,
    rescanMs: 150_000,
    atEnd: () => {},
    say: (text) => console.error(`== ${text}`),
  })
  console.log(JSON.stringify(outcome, null, 2))
  process.exitCode = faultsOf(outcome).length === 0 ? 0 : 1
} finally {
  if (values.keep) console.error(`== kept in ${dir}`)
  else rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}
