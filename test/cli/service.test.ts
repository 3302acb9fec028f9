// setup --service, status and uninstall of the built command line. systemctl, launchctl and claude are stand-ins: the real
// managers cannot be reached in a container.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { makeShell, PROGRAM, type Shell } from './shell.ts'

const CLAUDE = `#!${process.execPath}
const [, , , act, , , name, entry] = process.argv
const file = process.env.HOME + '/.claude.json'
const mcpServers = act === 'remove' ? {} : { [name]: JSON.parse(entry) }
require('fs').writeFileSync(file, JSON.stringify({ mcpServers }))
`

/** A shell on whose PATH the stand-ins come first. */
function withStandIns(t: Test): Shell & { file: string } {
  const shell = makeShell(t)
  const bin = join(shell.dir, 'bin')
  mkdirSync(bin)
  const manager = '#!/bin/sh\necho "$*" >>"$HOME/calls"\ncase $* in print*) exit 1; esac\n'
  for (const [name, text] of Object.entries({ systemctl: manager, launchctl: manager, claude: CLAUDE }))
    writeFileSync(join(bin, name), text, { mode: 0o755 })
  Object.assign(shell.env, { PATH: `${bin}:${shell.env.PATH}`, REPOWIRE_CLAUDE: join(bin, 'claude') })
  const file =
    process.platform === 'darwin'
      ? 'Library/LaunchAgents/repowire-courier.plist'
      : '.config/systemd/user/repowire-courier.service'
  return { ...shell, file: join(shell.dir, file) }
}

const stateOf = async ({ repowire }: Shell) =>
  JSON.parse((await repowire(['status', '--json'])).stdout).service

t.test('the service is set up, told of, and taken out again by uninstall', async (t) => {
  const shell = withStandIns(t)
  const { repowire, file } = shell
  t.match(await stateOf(shell), { file, state: 'missing' })
  const said = (await repowire(['status'])).stdout
  t.match(said, /^service +none, the courier is started on demand/m)
  t.match(said, /^program +\S*dist\/repowire\.js, run by \S+ \(Node [\d.]+\)$/m)

  const first = await repowire(['setup', '--yes', '--service'])
  t.match(first, { code: 0, stderr: '' })
  t.match(first.stdout, /repowire-courier\.(service|plist) +service of the courier\n[\s\S]*\nDone\.\n/)
  for (const word of [...PROGRAM, '--stay']) t.ok(readFileSync(file, 'utf8').includes(word), word)
  t.match(readFileSync(join(shell.dir, 'calls'), 'utf8'), /enable --now repowire-courier|bootstrap gui/)
  t.match(await stateOf(shell), { file, state: 'current' })
  t.match((await repowire(['status'])).stdout, /^service +set up \(/m)

  const again = await repowire(['setup', '--yes', '--service'])
  t.match(again, { code: 0, stdout: /^Everything was set up already\./, stderr: '' })

  const would = await repowire(['uninstall', '--dry-run'])
  t.match(would, { code: 0, stdout: /^--- .*repowire-courier[\s\S]*^-.*--stay/m })
  t.ok(existsSync(file))
  const out = await repowire(['uninstall'])
  t.match(out, { code: 0, stderr: '' })
  t.match(out.stdout, /repowire-courier\.(service|plist) +the service removed/)
  t.notOk(existsSync(file))
})

t.test('where another one has its name, nothing is set up at all', async (t) => {
  const { repowire, file, dir } = withStandIns(t)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, 'of another program')
  t.match(await repowire(['setup', '--yes', '--service']), {
    code: 1,
    stdout: '',
    stderr: /repowire did not write it\. .*\[service-taken\]\n$/,
  })
  t.notOk(existsSync(join(dir, '.claude')))
  t.notOk(existsSync(join(dir, 'calls')))
  t.equal(readFileSync(file, 'utf8'), 'of another program')
})
