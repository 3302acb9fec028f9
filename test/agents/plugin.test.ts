// The same as a plugin of the real client, and from the one way to the other.

import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { planSetUp, setUp, setUpState, takeOut } from '../../src/agents/claude-code/set-up.ts'
import { ask, claude, makeInstall, NO_MODEL, type Place, readJson, script, snapshot, test } from './place.ts'

const TOOL = 'mcp__plugin_repowire_repowire__ping'

const asPlugin = (place: Place) => ({ ...place.install, plugin: true })

/** Whatever of ours the client's own directory holds, but for what it keeps of its sessions. */
async function traces({ home }: Place): Promise<string[]> {
  const all = await readdir(join(home.dir, '.claude'), { recursive: true })
  const files = all.filter(
    (name) => !/^(backups|projects|sessions|debug|statsig|shell-snapshots)\//.test(name),
  )
  const texts = await Promise.all(
    files.map(async (name) => [
      name,
      await readFile(join(home.dir, '.claude', name), 'utf8').catch(() => ''),
    ]),
  )
  return texts.filter(([name, text]) => /repowire/.test(`${name}${text}`)).map(([name]) => name as string)
}

test('a session with the plugin runs the hooks and has the tools, without asking', async (t, place) => {
  await setUp(place.tree, place.env, asPlugin(place))
  const seen = await ask(t, place, 'use it', TOOL)
  t.same(
    seen.map((one) => one.hook_event_name),
    ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'Stop', 'SessionEnd'],
  )
  t.match(seen[2], { tool_name: TOOL, tool_response: [{ text: 'pong' }] })
  const { output } = await claude(place, NO_MODEL, ['plugin', 'details', 'repowire'])
  for (const part of ['ask-a-peer', 'ask', 'tell', 'peers', 'inbox']) t.match(output, part)
})

test('the client finds nothing to complain about in the plugin', async (t, place) => {
  await setUp(place.tree, place.env, asPlugin(place))
  const directory = join(place.tree.state, 'plugin')
  for (const part of [directory, join(directory, 'repowire')]) {
    const { code, output } = await claude(place, NO_MODEL, ['plugin', 'validate', part])
    t.equal(code, 0)
    t.notMatch(output, /Found \d+ (warning|error)/)
  }
})

test('done again it writes nothing, and uninstall leaves the bytes of before and no trace', async (t, place) => {
  const mine = '{\r\n "permissions": {"allow": [ ]},\r\n   "model": "opus" }\r\n\r\n'
  await writeFile(place.settings, mine)
  await setUp(place.tree, place.env, asPlugin(place))
  t.match(setUpState(place.tree, place.env, asPlugin(place)), {
    settings: { state: 'current' },
    plugin: { state: 'current' },
    server: { state: 'missing' },
  })
  const before = await stat(place.settings)
  t.same(await setUp(place.tree, place.env, asPlugin(place)), { changes: [], warnings: [] })
  t.same(await stat(place.settings), before)
  await takeOut(place.tree, place.env)
  t.equal(await readFile(place.settings, 'utf8'), mine)
  t.same(await traces(place), [])
  t.same(await takeOut(place.tree, place.env), { changes: [], warnings: [] })
})

test('what the user changed since stays, and what the client made for the plugin goes', async (t, place) => {
  const before = await readJson(place.settings)
  await setUp(place.tree, place.env, asPlugin(place))
  await writeFile(place.settings, JSON.stringify({ ...(await readJson(place.settings)), model: 'opus' }))
  await takeOut(place.tree, place.env)
  t.same(await readJson(place.settings), { ...before, model: 'opus' })
})

test('each way takes the other out, and uninstall still gives every byte back', async (t, place) => {
  const before = await snapshot(place)
  await setUp(place.tree, place.env, place.install)
  await setUp(place.tree, place.env, asPlugin(place))
  t.notMatch(await readFile(place.settings, 'utf8'), /repowire-hook/)
  t.match(setUpState(place.tree, place.env, place.install), {
    server: { state: 'missing' },
    plugin: { state: 'current' },
  })
  await setUp(place.tree, place.env, place.install)
  t.match(setUpState(place.tree, place.env, place.install), {
    settings: { state: 'current' },
    server: { state: 'current' },
    plugin: { state: 'missing' },
  })
  t.notMatch(await readFile(place.settings, 'utf8'), /plugin_repowire|enabledPlugins/)
  await takeOut(place.tree, place.env)
  t.same(await snapshot(place), before)
  t.same(await traces(place), [])
})

test('after a move the plugin follows, and one that was disabled is enabled', async (t, place) => {
  await setUp(place.tree, place.env, asPlugin(place))
  const moved = { ...(await makeInstall(join(place.home.dir, 'moved'))), plugin: true }
  t.match(setUpState(place.tree, place.env, moved), { plugin: { state: 'outdated' } })
  await setUp(place.tree, place.env, moved)
  t.match(setUpState(place.tree, place.env, moved), { plugin: { state: 'current' } })
  await claude(place, NO_MODEL, ['plugin', 'disable', 'repowire@repowire'])
  t.match(setUpState(place.tree, place.env, moved), { plugin: { state: 'off' } })
  await setUp(place.tree, place.env, moved)
  t.match(setUpState(place.tree, place.env, moved), { plugin: { state: 'current' } })
})

test('a client that does not install it leaves everything as it was', async (t, place) => {
  const before = await snapshot(place)
  const real = join(place.home.bin, 'claude')
  const refuses = await script(place, `case "$*" in *install*) exit 3;; *) exec '${real}' "$@";; esac`)
  await t.rejects(setUp(place.tree, { ...place.env, REPOWIRE_CLAUDE: refuses }, asPlugin(place)), {
    code: 'client-failed',
  })
  t.same(JSON.parse((await snapshot(place))[0] as string), JSON.parse(before[0] as string))
  const silent = await script(place, 'exit 0')
  await t.rejects(setUp(place.tree, { ...place.env, REPOWIRE_CLAUDE: silent }, asPlugin(place)), {
    code: 'client-failed',
    message: /does not show it/,
  })
})

test('an installation of a later version is replaced, and it is said', async (t, place) => {
  const later = await makeInstall(join(place.home.dir, 'later', 'dist'))
  await writeFile(join(place.home.dir, 'later', 'package.json'), '{"version": "99.1.0"}')
  for (const plugin of [false, true]) {
    await setUp(place.tree, place.env, { ...later, plugin })
    const { warnings } = planSetUp(place.tree, place.env, place.install)
    t.match(warnings, [/is of repowire 99\.1\.0, which is newer than this one/])
    await setUp(place.tree, place.env, place.install)
    t.match(setUpState(place.tree, place.env, place.install), { server: { state: 'current' } })
    t.same(planSetUp(place.tree, place.env, place.install).warnings, [])
    await takeOut(place.tree, place.env)
  }
})

test('entries of an earlier version are brought up to date, each once', async (t, place) => {
  await setUp(place.tree, place.env, place.install)
  const settings = await readJson(place.settings)
  const [stop] = settings.hooks.Stop
  stop.hooks[0].timeout = 3
  settings.hooks.PreCompact = [stop]
  delete settings.hooks.StopFailure
  await writeFile(place.settings, JSON.stringify(settings, null, 2))
  t.match(setUpState(place.tree, place.env, place.install), { settings: { state: 'outdated' } })
  await setUp(place.tree, place.env, place.install)
  const { hooks } = await readJson(place.settings)
  t.same([hooks.Stop.length, hooks.Stop[0].hooks[0].timeout, hooks.StopFailure.length], [1, 10, 1])
  t.notMatch(JSON.stringify(hooks.PreCompact ?? []), /repowire/)
})

test('where the directory of the plugin was removed, set-up makes it anew', async (t, place) => {
  await setUp(place.tree, place.env, asPlugin(place))
  await rm(join(place.tree.state, 'plugin'), { recursive: true })
  await mkdir(dirname(place.tree.state), { recursive: true })
  t.match(setUpState(place.tree, place.env, asPlugin(place)), { plugin: { state: 'outdated' } })
  await setUp(place.tree, place.env, asPlugin(place))
  t.match(setUpState(place.tree, place.env, asPlugin(place)), { plugin: { state: 'current' } })
})
