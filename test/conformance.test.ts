// The runner of mailbox-spec §15.1: with this implementation, with the peer in POSIX shell, and with what must not pass.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bundle, makeDir, makeWorld, plainEnv, ROOT, run, start, until } from './world.ts'

t.setTimeout(240_000)
const PEER = join(ROOT, 'fixtures/shell-peer/peer.sh')
const runner = (...command: string[]) => [join(ROOT, 'scripts/conformance'), ...command]

// Every vector is run in one process by the tests of fixtures/; `npm run conformance` runs every one by the command.
const SOME = '^(exchanges/(a|c)|trees/(claim|closed|register)|messages/valid|cards/valid|messages/invalid/n)'

t.test('this implementation passes as a command, and no vector is passed over', async (t) => {
  const own = await bundle(t, new URL('conformance/own.ts', import.meta.url))
  const { code, stdout } = await run(t, runner('--only', SOME, process.execPath, own))
  t.match({ code, stdout }, { code: 0, stdout: /^\d\d+ passed, 0 failed, 0 passed over\n$/ })
})

t.test('the peer in POSIX shell passes the vectors of what it does', async (t) => {
  const { code, stdout } = await run(
    t,
    runner('--only', '^(exchanges|trees/(register|mail-taken|closed))', 'sh', PEER),
  )
  const [, passed] = stdout.match(/^(\d+) passed, 0 failed, \d+ passed over\n$/) ?? []
  t.match({ code, stdout }, { code: 0 })
  t.ok(Number(passed) >= 13, stdout)
})

t.test('a command that does nothing fails, and so does one that has no role', async (t) => {
  t.match(await run(t, runner('--only', 'messages/valid', 'true')), {
    code: 1,
    stdout: /^FAILED messages\/valid\/.*found , wanted valid$/m,
  })
  t.match(await run(t, runner('--only', '/cancel', 'sh', '-c', 'exit 64')), {
    code: 1,
    stdout: /^0 passed, 0 failed, \d+ passed over$/m,
  })
})

t.test('the peer in POSIX shell registers, and answers what repowire asks', async (t) => {
  const { dir, env } = makeWorld(t)
  const cwd = join(dir, 'src', 'shellpeer')
  mkdirSync(cwd, { recursive: true })
  const peer = start(t, ['sh', PEER, 'serve', 'On "8080",\nas ever.'], { env: plainEnv(env), cwd })
  const said = { stdout: '' }
  peer.stdout?.setEncoding('utf8').on('data', (part: string) => (said.stdout += part))
  await until(() => said.stdout === 'shellpeer@laptop\n')
  const repowire = [process.execPath, join(ROOT, 'dist', 'repowire.js')]
  const shell = { env: plainEnv(env), cwd: dir }
  t.teardown(() => run(t, [...repowire, 'daemon', 'stop'], shell))
  const { code, stdout } = await run(t, [...repowire, 'ask', 'shellpeer', 'Which "port"?'], shell)
  t.match({ code, stdout }, { code: 0, stdout: 'On "8080",\nas ever.' })
})

t.test('the peer in POSIX shell leaves a root of another number alone', async (t) => {
  const dir = makeDir(t)
  writeFileSync(join(dir, 'mailbox.json'), '{"spec":"mailbox/2"}')
  const env = plainEnv({ REPOWIRE_HOME: dir, REPOWIRE_STATE: join(dir, 'state') })
  t.match(await run(t, ['sh', PEER, 'serve', 'x'], { env }), { code: 64, stderr: 'nothing was changed' })
})
