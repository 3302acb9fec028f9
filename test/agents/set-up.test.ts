// Set-up and its undoing with the real client, in a HOME of the test's own.

import { execFile } from 'node:child_process'
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { setUp, setUpState, takeOut } from '../../src/agents/claude-code/set-up.ts'
import {
  ask,
  claude,
  makeInstall,
  NO_MODEL,
  readJson,
  script,
  snapshot,
  test,
  withoutClient,
} from './place.ts'

const EVENTS = ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'Stop', 'SessionEnd']
const run = promisify(execFile)

test('a session that starts after set-up runs the hooks and has the tools, without asking', async (t, place) => {
  await setUp(place.tree, place.env, place.install)
  const seen = await ask(t, place, 'use it')
  t.same(
    seen.map((one) => one.hook_event_name),
    EVENTS,
  )
  t.match(seen[2], { tool_name: 'mcp__repowire__ping', tool_response: [{ text: 'pong' }] })
  t.ok(seen.every((one) => one.NODE_OPTIONS === undefined && one.NODE_EXTRA_CA_CERTS === undefined))
})

test('a turn that ends with an error runs the hook for it, and another tool runs none', async (t, place) => {
  // A headless session ends without waiting for that hook. It waits for those of SessionEnd, and so for this one of its user.
  const file = join(dirname(place.install.hook), 'seen.jsonl')
  const command = `until grep -qE '"Stop(Failure)?"' '${file}'; do sleep 0.05; done`
  const hooks = { SessionEnd: [{ hooks: [{ type: 'command', command, timeout: 30 }] }] }
  await writeFile(place.settings, JSON.stringify({ ...(await readJson(place.settings)), hooks }))
  await setUp(place.tree, place.env, place.install)
  const seen = await ask(t, place, 'fail')
  const events = ['SessionStart', 'UserPromptSubmit', 'StopFailure', 'SessionEnd']
  t.same(seen.map((one) => one.hook_event_name).sort(), events.sort())
  const more = await ask(t, place, 'shell')
  t.notOk(more.some((one) => one.hook_event_name === 'PostToolUse'))
})

test('a session is not disturbed when the program is gone', async (t, place) => {
  await setUp(place.tree, place.env, place.install)
  await rm(dirname(place.install.hook), { recursive: true })
  t.equal((await claude(place, NO_MODEL, ['mcp', 'list'])).code, 0)
  const command: string = (await readJson(place.settings)).hooks.Stop[0].hooks[0].command
  const { stdout, stderr } = await run('/bin/sh', ['-c', command])
  t.same([stdout, stderr], ['', ''])
  const noNode = command.replaceAll(`${process.execPath}'`, "/no/such/node'")
  t.same(await run('/bin/sh', ['-c', noNode]), { stdout: '', stderr: '' })
})

test('set-up tells what it wrote where; done again it finds all in place and writes nothing', async (t, place) => {
  t.match(setUpState(place.tree, place.env, place.install), {
    settings: { state: 'missing' },
    server: { state: 'missing' },
  })
  const report = await setUp(place.tree, place.env, place.install)
  t.same(
    report.changes.map(({ file }) => file),
    [place.settings, place.config],
  )
  t.same(report.warnings, [])
  t.match(setUpState(place.tree, place.env, place.install), {
    settings: { state: 'current' },
    server: { state: 'current' },
  })
  t.same((await readJson(place.config)).mcpServers.repowire, {
    type: 'stdio',
    command: process.execPath,
    args: [place.install.server],
    alwaysLoad: true,
  })
  const before = [await stat(place.settings), await stat(place.config)]
  t.same(await setUp(place.tree, withoutClient(place.env), place.install), { changes: [], warnings: [] })
  t.same([await stat(place.settings), await stat(place.config)], before)
})

test('uninstall gives the settings back byte for byte, keeps its hands off the rest, and is idempotent', async (t, place) => {
  const mine = '{\r\n   "model": "opus",\r\n "hooks": { }, "permissions": {"allow": [ ]}}\r\n\r\n'
  await writeFile(place.settings, mine)
  await chmod(place.settings, 0o640)
  await claude(place, NO_MODEL, ['mcp', 'add', '--scope', 'user', 'other', '--', 'true'])
  await setUp(place.tree, place.env, place.install)
  t.equal((await stat(place.settings)).mode & 0o777, 0o640)
  const report = await takeOut(place.tree, place.env)
  t.same(
    report.changes.map(({ file }) => file),
    [place.settings, place.config],
  )
  t.equal(await readFile(place.settings, 'utf8'), mine)
  t.equal((await stat(place.settings)).mode & 0o777, 0o640)
  t.same(Object.keys((await readJson(place.config)).mcpServers), ['other'])
  t.match(setUpState(place.tree, place.env, place.install), {
    settings: { state: 'missing' },
    server: { state: 'missing' },
  })
  t.same(await takeOut(place.tree, place.env), { changes: [], warnings: [] })
})

test('uninstall removes a settings file that set-up made', async (t, place) => {
  await rm(place.settings)
  await setUp(place.tree, place.env, place.install)
  t.equal((await stat(place.settings)).mode & 0o777, 0o600)
  await takeOut(place.tree, place.env)
  await t.rejects(stat(place.settings), { code: 'ENOENT' })
})

test('uninstall keeps what the user changed since', async (t, place) => {
  await setUp(place.tree, place.env, place.install)
  const changed = { ...(await readJson(place.settings)), model: 'opus' }
  await writeFile(place.settings, JSON.stringify(changed))
  await takeOut(place.tree, place.env)
  t.same(await readJson(place.settings), { skipDangerousModePermissionPrompt: true, model: 'opus' })
})

test('uninstall works without a record, too', async (t, place) => {
  await setUp(place.tree, place.env, place.install)
  await rm(place.tree.state, { recursive: true })
  await takeOut(place.tree, place.env)
  t.notMatch(await readFile(place.settings, 'utf8'), /repowire/)
  t.same((await readJson(place.config)).mcpServers, {})
})

test('after a move both entries follow, and uninstall still gives every byte back', async (t, place) => {
  const before = await readFile(place.settings)
  await setUp(place.tree, place.env, place.install)
  const moved = await makeInstall(join(place.home.dir, 'moved'))
  t.match(setUpState(place.tree, place.env, moved), {
    settings: { state: 'outdated' },
    server: { state: 'outdated' },
  })
  await setUp(place.tree, place.env, moved)
  t.match(setUpState(place.tree, place.env, moved), {
    settings: { state: 'current' },
    server: { state: 'current' },
  })
  t.notMatch(await readFile(place.settings, 'utf8'), dirname(place.install.hook))
  await takeOut(place.tree, place.env)
  t.same(await readFile(place.settings), before)
})

test('what the user added to our server entry stays when it is updated', async (t, place) => {
  const entry = {
    type: 'stdio',
    command: 'node',
    args: ['/old/dist/mcp.js'],
    env: { A: '1' },
    alwaysLoad: false,
  }
  await place.home.mcpServers({ repowire: entry })
  await setUp(place.tree, place.env, place.install)
  const { command, args } = { command: place.install.node, args: [place.install.server] }
  t.same((await readJson(place.config)).mcpServers.repowire, { ...entry, command, args })
})

test('another server of our name is refused and stays, and nothing is written', async (t, place) => {
  await place.home.mcpServers({ repowire: { type: 'stdio', command: 'other', args: ['mcp'] } })
  const before = await snapshot(place)
  await t.rejects(setUp(place.tree, place.env, place.install), { code: 'server-taken' })
  t.same(await snapshot(place), before)
  t.match(setUpState(place.tree, place.env, place.install), { server: { state: 'taken' } })
  t.match(await takeOut(place.tree, place.env), { changes: [], warnings: [/another program/] })
  t.same(await snapshot(place), before)
})

test('without a client nothing is written, and uninstall does what it can', async (t, place) => {
  const before = await snapshot(place)
  const env = withoutClient(place.env)
  await t.rejects(setUp(place.tree, env, place.install), { code: 'client-missing' })
  await t.rejects(setUp(place.tree, { ...place.env, REPOWIRE_CLAUDE: '/no/such' }, place.install), {
    code: 'client-missing',
    message: /REPOWIRE_CLAUDE/,
  })
  t.same(await snapshot(place), before)
  await setUp(place.tree, place.env, place.install)
  t.match(await takeOut(place.tree, env), { changes: [{ file: place.settings }], warnings: [/no claude/] })
})

test('a client that fails leaves everything as it was', async (t, place) => {
  const claude = await script(place, 'echo "no thanks" >&2; exit 3')
  const before = await snapshot(place)
  const env = { ...place.env, REPOWIRE_CLAUDE: claude }
  await t.rejects(setUp(place.tree, env, place.install), { code: 'client-failed', message: /no thanks/ })
  t.same(await snapshot(place), before)
  await rm(place.settings)
  await t.rejects(setUp(place.tree, env, place.install), { code: 'client-failed' })
  await t.rejects(stat(place.settings), { code: 'ENOENT' })
  await setUp(place.tree, place.env, place.install)
  const installed = await snapshot(place)
  await t.rejects(takeOut(place.tree, env), { code: 'client-failed' })
  t.same(await snapshot(place), installed)
})

test('a client that says yes and does nothing is found out', async (t, place) => {
  const before = await snapshot(place)
  const env = { ...place.env, REPOWIRE_CLAUDE: await script(place, 'exit 0') }
  await t.rejects(setUp(place.tree, env, place.install), {
    code: 'client-failed',
    message: /does not show it/,
  })
  t.same(await snapshot(place), before)
})

test('a failed update of the server leaves the entry of before', async (t, place) => {
  await setUp(place.tree, place.env, place.install)
  const before = await snapshot(place)
  const moved = await makeInstall(join(place.home.dir, 'moved'))
  const real = join(place.home.bin, 'claude')
  const claude = await script(place, `case "$*" in *moved*) exit 3;; *) exec '${real}' "$@";; esac`)
  await t.rejects(setUp(place.tree, { ...place.env, REPOWIRE_CLAUDE: claude }, moved), {
    code: 'client-failed',
  })
  t.same(await snapshot(place), before)
})

test('settings that cannot be read are left as they are', async (t, place) => {
  for (const text of ['{ "hooks": {', '{"hooks": []}', '\xff\xfe']) {
    await writeFile(place.settings, text, 'latin1')
    const before = await snapshot(place)
    await t.rejects(setUp(place.tree, place.env, place.install), {
      code: 'bad-settings',
      message: place.settings,
    })
    t.same(await snapshot(place), before)
    t.match(setUpState(place.tree, place.env, place.install), { settings: { state: 'unreadable' } })
  }
})

test('a configuration of the client that cannot be read is left as it is', async (t, place) => {
  await writeFile(place.config, '{ "mcpServers": {')
  const before = await snapshot(place)
  await t.rejects(setUp(place.tree, place.env, place.install), {
    code: 'bad-settings',
    message: place.config,
  })
  t.same(await snapshot(place), before)
  t.match(setUpState(place.tree, place.env, place.install), { server: { state: 'unreadable' } })
})

test('a settings file with comments is written, and it is said that the client ignores it', async (t, place) => {
  await writeFile(place.settings, '{\n  // mine\n  "model": "opus"\n}\n')
  const { warnings } = await setUp(place.tree, place.env, place.install)
  t.match(warnings, [/plain JSON only.*line 2/])
  t.match(setUpState(place.tree, place.env, place.install), { settings: { state: 'current', warnings } })
  t.match(await readFile(place.settings, 'utf8'), '\n  // mine\n')
  t.match((await claude(place, NO_MODEL, ['-p', 'hello'])).output, /malformed JSON/)
})

test('a link to settings elsewhere stays a link, and its target is written', async (t, place) => {
  const target = join(place.home.dir, 'dotfiles', 'claude.json')
  await mkdir(dirname(target))
  await rename(place.settings, target)
  await symlink('../dotfiles/claude.json', place.settings)
  const before = await readFile(target)
  await setUp(place.tree, place.env, place.install)
  t.match(await readFile(target, 'utf8'), /repowire-hook/)
  t.ok((await lstat(place.settings)).isSymbolicLink())
  await takeOut(place.tree, place.env)
  t.ok((await lstat(place.settings)).isSymbolicLink())
  t.same(await readFile(target), before)
  t.same(await readdir(dirname(target)), ['claude.json'])
  await rm(target)
  await setUp(place.tree, place.env, place.install)
  t.match(await readFile(target, 'utf8'), /repowire-hook/)
})

test('a read-only settings file is refused and stays', async (t, place) => {
  await chmod(place.settings, 0o444)
  const before = await snapshot(place)
  await t.rejects(setUp(place.tree, place.env, place.install), { code: 'not-writable', message: /read-only/ })
  t.same(await snapshot(place), before)
})

test('the old bytes of a settings file are kept in the state directory', async (t, place) => {
  const before = await readFile(place.settings)
  await setUp(place.tree, place.env, place.install)
  const [backup] = await readdir(join(place.tree.state, 'backups'))
  t.match(backup, /^settings\.json\.\d{4}-/)
  t.same(await readFile(join(place.tree.state, 'backups', backup as string)), before)
})

test('CLAUDE_CONFIG_DIR holds the settings and the configuration', async (t, place) => {
  const dir = join(place.home.dir, 'elsewhere')
  const env = { ...place.env, CLAUDE_CONFIG_DIR: dir }
  const { changes } = await setUp(place.tree, env, place.install)
  t.same(
    changes.map(({ file }) => file),
    [join(dir, 'settings.json'), join(dir, '.claude.json')],
  )
  t.match(setUpState(place.tree, env, place.install), {
    settings: { state: 'current' },
    server: { state: 'current' },
  })
  t.match(setUpState(place.tree, place.env, place.install), {
    settings: { state: 'missing' },
    server: { state: 'missing' },
  })
  await takeOut(place.tree, env)
  t.match(setUpState(place.tree, env, place.install), {
    settings: { state: 'missing' },
    server: { state: 'missing' },
  })
})

test('a lock that a killed set-up left behind is passed over', async (t, place) => {
  const lock = join(place.tree.state, 'set-up.lock')
  await mkdir(lock)
  await utimes(lock, 1, 1)
  t.equal((await setUp(place.tree, place.env, place.install)).changes.length, 2)
  await t.rejects(stat(lock), { code: 'ENOENT' })
})

test('two set-ups at once write once', async (t, place) => {
  const both = [setUp(place.tree, place.env, place.install), setUp(place.tree, place.env, place.install)]
  const counts = (await Promise.all(both)).map(({ changes }) => changes.length)
  t.same(counts.sort(), [0, 2])
})
