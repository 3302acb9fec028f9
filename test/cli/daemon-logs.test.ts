// repowire daemon logs, beside couriers that start, stop, crash and fill their log.

import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { complain, type LogLine } from '../../src/courier/log.ts'
import { enrol, start, until } from '../world.ts'
import { makeShell, PROGRAM, type Shell } from './shell.ts'

const linesIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine)

const logged = async ({ repowire }: Shell) => linesIn((await repowire(['daemon', 'logs', '--json'])).stdout)

const codesOf = (lines: LogLine[]) => lines.map(({ code }) => code)

/** A follower, what it has shown so far, and its end by Ctrl-C, which returns its exit code. */
function follow(t: Test, { env, dir }: Shell) {
  const child = start(t, [...PROGRAM, 'daemon', 'logs', '--follow', '--json'], { env, cwd: dir })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (part: string) => (said[name] += part))
  const interrupt = async () => {
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    return code as number
  }
  return { said, lines: () => linesIn(said.stdout.slice(0, said.stdout.lastIndexOf('\n') + 1)), interrupt }
}

t.test('without a log it says so on stderr, prints nothing, and makes nothing', async (t) => {
  const { repowire, tree } = makeShell(t)
  const before = readdirSync(tree.state)
  for (const more of [[], ['--json']])
    t.match(await repowire(['daemon', 'logs', ...more]), {
      code: 0,
      stdout: /^$/,
      stderr: /^repowire: no courier has written a log yet\n$/,
    })
  t.strictSame(readdirSync(tree.state), before)
})

t.test('it tells when a courier started, by what, and when and why it stopped', async (t) => {
  const shell = makeShell(t)
  await shell.repowire(['daemon', 'start'])
  const courier = JSON.parse(readFileSync(join(shell.tree.state, 'courier.json'), 'utf8'))
  await shell.repowire(['daemon', 'stop'])
  const { version, build } = courier
  const { pid } = courier.process
  t.match(await logged(shell), [
    { level: 'info', code: 'started', pid, version, build, by: 'repowire.js' },
    { level: 'info', code: 'stopped', pid, why: 'SIGTERM' },
  ])
  const { stdout } = await shell.repowire(['daemon', 'logs'])
  const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}info {3}- {2}The courier/
  const rows = stdout.trim().split('\n')
  t.equal(rows.length, 2)
  for (const row of rows) t.match(row, time)
})

t.test('a courier whose office another one has taken says so', async (t) => {
  const shell = makeShell(t)
  await shell.repowire(['daemon', 'start'])
  writeFileSync(join(shell.tree.state, 'courier.json'), '{}')
  enrol(t, shell, 'backend') // it looks at its file when something happens
  const lines = await until(async () => {
    const now = await logged(shell)
    return now.length > 1 ? now : undefined
  })
  t.match(lines[1], { code: 'stopped', why: /courier\.json does not name it/ })
})

t.test('for people an error has its peer, and a text of several lines stays together', async (t) => {
  const shell = makeShell(t)
  complain(shell.tree, 'backend@laptop', new Error('one\ntwo \x1b[2J'))
  const { stdout } = await shell.repowire(['daemon', 'logs'])
  t.match(stdout, /^\S+ \S+ {2}error {2}backend@laptop {2}one\n {4}two \[2J\n$/)
})

t.test('a follower shows each line once, also of files that were renamed, until Ctrl-C', async (t) => {
  const shell = makeShell(t)
  const follower = follow(t, shell)
  await until(() => follower.said.stderr.includes('no courier has written'))
  await shell.repowire(['daemon', 'start'])
  // Whoever is not in office lets it grow; the courier then has a full log when it stops.
  complain(shell.tree, undefined, new Error('x'.repeat(1_100_000)))
  await until(() => follower.lines().length === 2)
  await shell.repowire(['daemon', 'stop'])
  await until(() => follower.lines().length === 3)
  t.ok(existsSync(join(shell.tree.state, 'courier.log.1')), 'it was renamed')
  await shell.repowire(['daemon', 'start'])
  await until(() => follower.lines().length === 4)
  t.equal(await follower.interrupt(), 0)
  t.strictSame(codesOf(follower.lines()), ['started', 'unexpected', 'stopped', 'started'])
  t.strictSame(codesOf(await logged(shell)), codesOf(follower.lines()))
})

t.test('what a courier said as it crashed is shown at once, and once', async (t) => {
  const shell = makeShell(t)
  const follower = follow(t, shell)
  const program = brokenProgram(shell)
  start(t, [process.execPath, program, 'daemon', 'start'], { env: shell.env, cwd: shell.dir })
  const [crash] = await until(() => (follower.lines().length > 0 ? follower.lines() : undefined))
  t.match(crash, { level: 'error', code: 'stderr', what: /Error: it broke[\s\S]*repowire\.js/ })
  t.match(await logged(shell), [{ code: 'stderr' }], 'although no courier has come since')
  await shell.repowire(['daemon', 'start'])
  await until(() => follower.lines().length > 1)
  t.strictSame(codesOf(follower.lines()), ['stderr', 'started'])
  t.strictSame(codesOf(await logged(shell)), ['stderr', 'started'])
  const file = join(shell.tree.state, 'courier.stderr')
  t.equal(readFileSync(file, 'utf8'), '')
  t.equal(statSync(file).mode & 0o777, 0o600, 'nobody else can read it')
})

/** This program, but for the courier, which crashes when it starts. */
function brokenProgram({ dir }: Shell): string {
  const file = join(dir, 'broken', 'repowire.js')
  mkdirSync(join(dir, 'broken'))
  const whole = JSON.stringify(pathToFileURL(PROGRAM[1] as string).href)
  writeFileSync(file, `if (process.argv[3] === 'run') throw new Error('it broke')\nawait import(${whole})\n`)
  return file
}
