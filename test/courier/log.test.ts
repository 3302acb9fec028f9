// courier.log as its writers and readers see it: whole lines of JSON, in files that are renamed under their hands.

import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { enterOffice, leaveOffice } from '../../src/courier/courier-file.ts'
import { complain, keepLastWords, note } from '../../src/courier/log.ts'
import { makeLogReader } from '../../src/courier/log-reader.ts'
import { RepowireError } from '../../src/protocol/errors.ts'
import { makeWorld, mockFs, type World } from '../world.ts'

const HALF = 'x'.repeat(600_000)

/** A world whose courier is this very process. */
function inOffice(t: Test): World & { log: string } {
  const world = makeWorld(t)
  enterOffice(world.tree)
  return { ...world, log: join(world.tree.state, 'courier.log') }
}

const logsIn = ({ tree }: World) => readdirSync(tree.state).filter((name) => name.startsWith('courier.log'))

const whats = (lines: { what: string }[]) => lines.map(({ what }) => what.slice(0, 3))

t.test('each line has a time, a level, a code and words; an error also its peer', async (t) => {
  const { tree, log } = inOffice(t)
  note(tree, 'started', 'It runs.', { pid: 7, by: 'hook.cjs' })
  complain(tree, 'backend@laptop', new RepowireError('tmux-missing', 'No tmux.', 'Install it.'))
  const lines = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const at = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/
  t.match(lines, [
    { at, level: 'info', code: 'started', what: 'It runs.', pid: 7, by: 'hook.cjs' },
    { at, level: 'error', peer: 'backend@laptop', code: 'tmux-missing', what: /No tmux\. Install it\./ },
  ])
  t.equal(lines.length, 2)
})

t.test('a full log is renamed, and two old ones are kept', async (t) => {
  const world = inOffice(t)
  for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9]) complain(world.tree, undefined, `${n}: ${HALF}`)
  t.strictSame(logsIn(world), ['courier.log', 'courier.log.1', 'courier.log.2'])
  t.strictSame(whats(makeLogReader(world.tree)()), ['5: ', '6: ', '7: ', '8: ', '9: '])
  for (const name of logsIn(world)) t.ok(statSync(join(world.tree.state, name)).size < 2 ** 21, name)
})

t.test('who is not the courier in office writes, and renames nothing', async (t) => {
  const world = inOffice(t)
  leaveOffice(world.tree)
  for (const n of [1, 2, 3]) complain(world.tree, undefined, `${n}: ${HALF}`)
  t.strictSame(logsIn(world), ['courier.log'])
  t.equal(makeLogReader(world.tree)().length, 3)
})

t.test('a reader gets each line once, whatever the file is called when it looks', async (t) => {
  const { tree, log } = inOffice(t)
  const read = makeLogReader(tree)
  const seen: string[] = []
  for (let n = 10; n < 40; n += 1) {
    complain(tree, undefined, `${n} ${HALF}`)
    // Two lines fill a file, so that five lie in three files that are still there.
    if (n % 4 === 1) seen.push(...whats(read()))
  }
  seen.push(...whats(read()))
  t.strictSame(
    seen,
    Array.from({ length: 30 }, (_, n) => `${n + 10} `),
  )
  // A hook that had opened the file before it was renamed.
  appendFileSync(`${log}.1`, '{"at":"","level":"error","code":"late","what":"late"}\n')
  t.strictSame(whats(read()), ['lat'])
  t.strictSame(read(), [])
})

t.test('a line that is renamed away while a reader goes from file to file is not passed over', async (t) => {
  const { tree, log } = inOffice(t)
  const read = makeLogReader(tree)
  for (const n of [1, 2, 3, 4]) complain(tree, undefined, `${n}: ${HALF}`)
  let looked = 0
  mockFs(t, 'readFileSync', (real, restore) => (...args: Parameters<typeof real>) => {
    const text = real(...args)
    if (String(args[0]).startsWith(log)) {
      looked += 1
      restore()
      complain(tree, undefined, '5: and the log is renamed')
    }
    return text
  })
  const first = whats(read())
  t.equal(looked, 1)
  t.strictSame([...first, ...whats(read())], ['1: ', '2: ', '3: ', '4: ', '5: '])
})

t.test(
  'a line is read when it is whole; one behind a torn one, and one of another kind, are read too',
  async (t) => {
    const { tree, log } = inOffice(t)
    const read = makeLogReader(tree)
    appendFileSync(log, '{"at":"2026-11-22T09:40:12.412Z","co')
    t.strictSame(read(), [])
    appendFileSync(log, '{"at":"2026-11-22T09:40:13.000Z","code":"x","what":"old form"}\nnot JSON\n[1]\n')
    t.match(read(), [
      { at: '2026-11-22T09:40:13.000Z', level: 'error', code: 'x', what: 'old form' },
      { level: 'error', what: 'not JSON' },
      { level: 'error', what: '[1]' },
    ])
  },
)

t.test('what a courier said before it died is told once, and becomes a line of the log', async (t) => {
  const { tree, log } = inOffice(t)
  const stderr = join(tree.state, 'courier.stderr')
  writeFileSync(stderr, 'FATAL ERROR: out of memory\n at somewhere\n')
  const read = makeLogReader(tree)
  const words = { level: 'error', code: 'stderr', what: 'FATAL ERROR: out of memory\n at somewhere' }
  t.match(read(), [words])
  t.strictSame(read(), [], 'once')
  keepLastWords(tree)
  t.strictSame(read(), [], 'and not again as a line of the log')
  t.match(JSON.parse(readFileSync(log, 'utf8')), words)
  t.equal(readFileSync(stderr, 'utf8'), '')
  keepLastWords(tree)
  t.equal(makeLogReader(tree)().length, 1)
})

t.test('last words that cannot be written into the log stay where they are', async (t) => {
  const { tree } = inOffice(t)
  const stderr = join(tree.state, 'courier.stderr')
  writeFileSync(stderr, 'last words')
  const { write } = process.stderr
  process.stderr.write = () => true
  mockFs(t, 'writeSync', (_, restore) => () => {
    restore()
    throw Object.assign(new Error('full'), { code: 'ENOSPC' })
  })
  keepLastWords(tree)
  process.stderr.write = write
  t.equal(readFileSync(stderr, 'utf8'), 'last words')
})

t.test('a step of the courier does not make a state directory anew that was removed', async (t) => {
  const { tree } = inOffice(t)
  rmSync(tree.state, { recursive: true })
  note(tree, 'stopped', 'It stops.')
  t.notOk(existsSync(tree.state))
})
