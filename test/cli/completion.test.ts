// The completion of each shell, asked of the shell itself. One that is not installed is left out: scripts/packages.

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { COMMANDS } from '../../src/surfaces/cli/commands.ts'
import { enrol, run } from '../world.ts'
import { makeShell, PROGRAM } from './shell.ts'

type Shell = 'bash' | 'zsh' | 'fish'

/** Its script in a file, `repowire` on its PATH, and two peers. */
async function setUp(t: Test, shell: Shell) {
  const world = makeShell(t)
  for (const name of ['backend', 'frontend']) enrol(t, world, name)
  const file = join(world.dir, `completion.${shell}`)
  writeFileSync(file, (await world.repowire(['completion', shell])).stdout)
  const bin = join(world.dir, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'repowire'), `#!/bin/sh\nexec ${PROGRAM.map((it) => `'${it}'`).join(' ')} "$@"\n`)
  chmodSync(join(bin, 'repowire'), 0o755)
  const env = { ...world.env, PATH: `${bin}:${world.env.PATH}`, TERM: 'dumb' }
  return { file, ask: async (args: string[]) => await run(t, [shell, ...args], { env, cwd: world.dir }) }
}

/** Why the test of this shell is left out; false where it is not. */
function leftOut(shell: Shell): string | false {
  const there = spawnSync('sh', ['-c', `command -v ${shell}`]).status === 0
  return there ? false : `${shell} is not installed: its completion was not tried`
}

const VISIBLE = COMMANDS.filter(({ hidden }) => !hidden).map(({ usage }) => usage.split(' ')[0] as string)
const PEERS = ['backend', 'frontend']

/** What stands before the cursor, word by word, and what is offered. */
const ROWS: [words: string[], offered: string[]][] = [
  [[''], VISIBLE],
  [['as'], ['ask']],
  [['ask', ''], PEERS],
  [['ask', 'back'], ['backend']],
  [['ask', '--timeout', '30', 'back'], ['backend']],
  [['ask', '--timeout', ''], []],
  [['ask', 'backend', ''], []],
  [['ask', '--ti'], ['--timeout']],
  [['ask', 'backend', '--ur'], ['--urgent']],
  [['notify', ''], PEERS],
  [['inbox', ''], PEERS],
  [['pause', ''], PEERS],
  [['resume', ''], PEERS],
  [['rename', ''], PEERS],
  [['rename', 'backend', ''], []],
  [
    ['daemon', 'st'],
    ['start', 'status', 'stop'],
  ],
  [
    ['completion', ''],
    ['bash', 'fish', 'zsh'],
  ],
  [['config', 't'], ['turns_per_hour']],
  [
    ['demo', '--agent', ''],
    ['claude', 'rehearsal'],
  ],
  [['hook'], []],
  [['names'], []],
  [['frobnicate', ''], []],
]

t.test('bash offers what there is', async (t) => {
  const { file, ask } = await setUp(t, 'bash')
  const script = `source "$1"; shift; COMP_WORDS=(repowire "$@"); COMP_CWORD=$#; _repowire; printf '%s\\n' "\${COMPREPLY[@]}"`
  const offered = async (words: string[]) => {
    const { stdout, stderr } = await ask(['--norc', '-c', script, 'bash', file, ...words])
    t.equal(stderr, '')
    return stdout.split('\n').filter((line) => line !== '')
  }
  for (const [words, expected] of ROWS)
    t.strictSame((await offered(words)).sort(), [...expected].sort(), words.join(' '))
})

t.test('fish offers what there is, and says what it is', { skip: leftOut('fish') }, async (t) => {
  const { file, ask } = await setUp(t, 'fish')
  const lines = async (words: string[]) => {
    const script = 'source $argv[1]; complete -C "$argv[2]"'
    const { stdout, stderr } = await ask(['--no-config', '-c', script, file, `repowire ${words.join(' ')}`])
    t.equal(stderr, '')
    return stdout.split('\n').filter((line) => line !== '')
  }
  for (const [words, expected] of ROWS) {
    const offered = (await lines(words)).map((line) => line.split('\t')[0])
    t.strictSame(offered.sort(), [...expected].sort(), words.join(' '))
  }
  t.strictSame(await lines(['ask', '--ti']), ['--timeout\thow long to wait'])
  t.match(await lines(['as']), [/^ask\tAsk an agent and wait/])
})

// An interactive zsh in a terminal of its own; what it shows is read until it shows what is awaited.
const ZPTY = `
zmodload zsh/zpty
zpty z 'PS1= zsh -f -i'
zpty -w z "stty cols 400; autoload -Uz compinit && compinit -D; source $1; PS1=; echo REA''DY"
zpty -r -m z out '*READY*'
zpty -n -w z "$2"$'\\t\\t'
zpty -r -m z out "*$3*"
print -r -- "$out"
zpty -d z`

t.test('zsh offers what there is, and says what it is', { skip: leftOut('zsh') }, async (t) => {
  const { file, ask } = await setUp(t, 'zsh')
  t.match(await ask(['-n', file]), { code: 0, stderr: '' })
  const shown = async (line: string, until: string) =>
    (await ask(['-f', '-c', ZPTY, 'zsh', file, line, until])).stdout.replaceAll('\r', '')
  const commands = await shown('repowire ', 'Take exactly*')
  for (const name of VISIBLE) t.match(commands, new RegExp(`^${name} +-- `, 'm'))
  t.notMatch(commands, /^(hook|names) /m)
  t.match(await shown('repowire ask --', '--urgent*'), /^--timeout +-- how long to wait/m)
  t.match(await shown('repowire ask ', 'frontend*'), /backend +frontend/)
  t.match(await shown('repowire ask back', 'backend '), /repowire ask backend /)
  t.match(await shown('repowire daemon ', 'stop*'), /run +start +status +stop/)
  t.match(await shown('repowire demo --agent ', 'rehearsal*'), /claude +rehearsal/)
})

t.test('in bash a name that is broken at its "@" is completed behind it', async (t) => {
  const world = makeShell(t)
  for (const host of ['laptop', 'desk', 'dell'])
    writeFileSync(join(world.tree.root, 'peers', `backend@${host}.json`), '{}')
  t.strictSame((await world.repowire(['names'])).stdout, 'backend@dell\nbackend@desk\nbackend\n')
  const { file, ask } = await setUp(t, 'bash')
  const names = "repowire() { printf 'backend\\nbackend@desk\\nbackend@dell\\n'; }"
  const script = `${names}; source "$1"; COMP_WORDS=(repowire ask backend @de); COMP_CWORD=3; _repowire; echo "\${COMPREPLY[@]}"`
  t.equal((await ask(['--norc', '-c', script, 'bash', file])).stdout, '@desk @dell\n')
})
