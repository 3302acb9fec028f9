// `repowire setup` and `uninstall` as a person types them: in a terminal, in a pipe, and only to look.

import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { applyPatch, parsePatch, type StructuredPatch } from 'diff'
import t, { type Test } from 'tap'
import { replaceCard } from '../../src/spool/cards.ts'
import { lookTree } from '../../src/spool/tree.ts'
import { eventually } from '../real/eventually.ts'
import { makeHome } from '../real/sandbox.ts'
import { startTmux } from '../real/tmux.ts'
import { enrol, gone, run, startProcess } from '../world.ts'
import { PROGRAM } from './shell.ts'

const skip = process.env.NO_REAL_CLIENT ? 'the real client cannot be had' : false

type Place = {
  dir: string
  settings: string
  env: Record<string, string>
  repowire(...args: string[]): ReturnType<typeof run>
}

function test(name: string, act: (t: Test, place: Place) => Promise<void>): void {
  t.test(name, { skip }, async (t) => {
    const home = await makeHome()
    const env = home.env('http://127.0.0.1:9')
    const repowire = (...args: string[]) => run(t, [...PROGRAM, ...args], { env, cwd: home.dir })
    t.teardown(async () => {
      await repowire('daemon', 'stop')
      await home.remove()
    })
    const settings = join(home.dir, '.claude', 'settings.json')
    await act(t, { dir: home.dir, settings, env, repowire })
  })
}

/** Types the command into a pane of its own and answers its question with these keys; returns the screen after its end. */
async function inTerminal(t: Test, { dir, env }: Place, args: string[], ...keys: string[]): Promise<string> {
  const tmux = await startTmux()
  t.teardown(() => tmux.stop())
  const command = ['/bin/sh', '-c', '"$@"; echo "exit $?"; exec cat', 'sh', ...PROGRAM, ...args]
  const pane = await tmux.newPane(command, { cwd: dir, env, width: 110, height: 40 })
  const screen = () => tmux.capture(pane)
  await eventually('a question', async () => /\[Y\/n\]/.test(await screen()), { lastSeen: screen })
  await tmux.keys(pane, ...keys)
  return await eventually('its end', async () => (await screen()).match(/[\s\S]*exit \d+/)?.[0], {
    lastSeen: screen,
  })
}

test('in a terminal it says what it will write and where, asks once, and says what to do next', async (t, place) => {
  const before = await readFile(place.settings, 'utf8')
  const refused = await inTerminal(t, place, ['setup'], 'n', 'Enter')
  for (const part of [
    /sets up Claude Code [\d.]+/,
    '~/.claude/settings.json',
    '~/.claude.json',
    '~/.repowire',
  ])
    t.match(refused, part)
  t.match(refused, /nothing was changed\n[\s\S]*exit 1$/)
  t.equal(await readFile(place.settings, 'utf8'), before)
  t.notOk((await readdir(place.dir)).includes('.repowire'), 'not even the mailbox was made')
  const agreed = await inTerminal(t, place, ['setup'], 'Enter')
  t.match(agreed, /Done\.\nNext: start \(or restart\) claude[\s\S]*exit 0$/)
  t.match(await readFile(place.settings, 'utf8'), /repowire-hook/)
})

test('Ctrl-C and Ctrl-D at the question change nothing', async (t, place) => {
  const before = await readFile(place.settings, 'utf8')
  t.match(await inTerminal(t, place, ['setup'], 'C-d'), /nothing was changed[\s\S]*exit 1$/)
  t.match(await inTerminal(t, place, ['setup'], 'C-c'), /exit 130$/)
  t.equal(await readFile(place.settings, 'utf8'), before)
})

test('without a terminal, and with --yes, nobody is asked', async (t, place) => {
  const { code, stdout, stderr } = await place.repowire('setup')
  t.same([code, stderr], [0, ''])
  t.match(
    stdout,
    /hooks and permission rule put in\n.*MCP server registered, by claude itself\n[\s\S]*\nDone\.\nNext: /,
  )
  const again = await place.repowire('setup', '--yes')
  t.match(again, { code: 0, stdout: /^Everything was set up already\.\nNext: /, stderr: '' })
})

test('--dry-run prints exactly what set-up then writes, and writes nothing', async (t, place) => {
  const mine = '{\n  "model": "opus",\n  "hooks": {}\n}'
  await writeFile(place.settings, mine)
  const { code, stdout } = await place.repowire('setup', '--dry-run')
  t.equal(code, 0)
  t.equal(await readFile(place.settings, 'utf8'), mine)
  t.same(
    (await readdir(place.dir)).filter((name) => /^\.(repowire|local)$/.test(name)),
    [],
  )
  const [patch] = parsePatch(stdout.split('\n$ ')[0] as string)
  t.equal(patch?.oldFileName, place.settings)
  await place.repowire('setup')
  t.equal(await readFile(place.settings, 'utf8'), applyPatch(mine, patch as StructuredPatch))
  const entry = JSON.parse(await readFile(join(place.dir, '.claude.json'), 'utf8')).mcpServers.repowire
  t.match(
    stdout,
    `$ claude mcp add-json --scope user repowire '${JSON.stringify({ alwaysLoad: true, ...entry })}'`,
  )
  t.match(await place.repowire('setup', '--dry-run'), { stdout: '', stderr: /nothing would be changed/ })
  const back = await place.repowire('uninstall', '--dry-run')
  t.match(back.stdout, /^-.*repowire-hook[\s\S]*\n\$ claude mcp remove --scope user repowire\n$/m)
  t.match(await readFile(place.settings, 'utf8'), /repowire-hook/)
})

test('--dry-run of the plugin prints each of its files', async (t, place) => {
  const { stdout } = await place.repowire('setup', '--plugin', '--dry-run')
  for (const part of ['plugin.json', 'hooks.json', '.mcp.json', 'SKILL.md', 'ask.md']) t.match(stdout, part)
  t.match(stdout, /\n\$ claude plugin marketplace add \S+\n\$ claude plugin install repowire@repowire\n/)
})

test('uninstall leaves no trace but the mail, and with --purge none at all', async (t, place) => {
  const before = await readFile(place.settings)
  await place.repowire('setup')
  const { stdout } = await place.repowire('uninstall')
  t.match(stdout, /The mail stays in ~\/\.repowire; repowire uninstall --purge removes it, too\.\n$/)
  t.same(await readFile(place.settings), before)
  t.ok((await stat(join(place.dir, '.repowire'))).isDirectory())
  t.match(await place.repowire('uninstall', '--purge'), {
    code: 0,
    stdout: /Removed: ~\/\.repowire, and ~\//,
  })
  t.same(
    (await readdir(place.dir)).filter((name) => name === '.repowire'),
    [],
  )
  t.same(await readdir(join(place.dir, '.local', 'state')), [])
})

test('--purge asks, and keeps what in the root is not repowire’s', async (t, place) => {
  await place.repowire('setup')
  await writeFile(join(place.dir, '.repowire', 'notes.txt'), 'mine')
  t.match(await inTerminal(t, place, ['uninstall', '--purge'], 'n', 'Enter'), /nothing was changed/)
  t.match(await readFile(place.settings, 'utf8'), /repowire-hook/)
  const { stdout } = await place.repowire('uninstall', '--purge')
  t.match(stdout, /notes\.txt in it is not repowire's, and stays/)
  t.same(await readdir(join(place.dir, '.repowire')), ['notes.txt'])
})

test('--purge is refused while an agent runs, or another host has mail there', async (t, place) => {
  await place.repowire('setup')
  const tree = lookTree(place.env)
  const world = { dir: place.dir, tree, env: place.env }
  const agent = startProcess(t)
  const card = enrol(t, world, 'backend', { process: agent.mark })
  const refused = await place.repowire('uninstall', '--purge')
  t.match(refused, { code: 1, stderr: /backend@.* still run here.*\[mailbox-in-use\]/s })
  t.match(await readFile(place.settings, 'utf8'), /repowire-hook/, 'nothing was changed')
  await agent.end()
  replaceCard(tree, { ...card, address: 'api@elsewhere', process: gone })
  t.match(await place.repowire('uninstall', '--purge'), {
    code: 1,
    stderr: /it holds the mail of api@elsewhere/,
  })
})

test('a settings file that cannot be written is refused before anything is asked', async (t, place) => {
  await chmod(place.settings, 0o444)
  t.match(await place.repowire('setup'), { code: 1, stdout: '', stderr: /read-only.*\[not-writable\]/ })
  await chmod(place.settings, 0o644)
  await writeFile(place.settings, '{ "hooks": {')
  t.match(await place.repowire('setup'), { code: 1, stdout: '', stderr: /it is not JSON.*\[bad-settings\]/ })
})
