// `npm run load`: the long form. The figures go to stdout, how far it is to stderr.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { figuresOf, wrongIn } from './figures.ts'
import { load } from './load.ts'

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '500' },
    sessions: { type: 'string', default: '12' },
    messages: { type: 'string', default: '100000' },
    writers: { type: 'string', default: '8' },
    stopped: { type: 'string', default: '60' },
    soak: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    program: { type: 'string', default: '' },
    people: { type: 'string', default: '' },
  },
})

const dir = mkdtempSync(join(realpathSync(tmpdir()), 'rw-load-'))
process.on('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130))
const start = performance.now()
const seconds = () => Math.round((performance.now() - start) / 1_000)
const outcome = await load({
  dir,
  program: values.program,
  people: values.people,
  peers: Number(values.peers),
  sessions: Number(values.sessions),
  writers: Number(values.writers),
  messages: Number(values.messages),
  seed: Number(values.seed),
  stoppedMs: Number(values.stopped) * 1_000,
  silenceMs: 60_000,
  soakMs: Number(values.soak) * 60_000,
  say: (what) => process.stderr.write(`${seconds()} s: ${what}\n`),
})
const wrong = wrongIn(outcome)
console.log(JSON.stringify({ seed: Number(values.seed), ...figuresOf(outcome), wrong }, null, 2))
process.exitCode = wrong.length === 0 ? 0 : 1
