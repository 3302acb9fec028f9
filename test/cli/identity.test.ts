// Who the command line and the hooks speak for: by the ancestry of their process, whatever the environment says. mailbox-spec §11

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Card, ProcessMark } from '../../src/protocol/card.ts'
import { listCards } from '../../src/spool/cards.ts'
import { markOf } from '../../src/spool/process.ts'
import { actor } from '../courier/stage.ts'
import { ended, enrol, filesIn, HOST_ID, here, lay, makeDir, Q, ROOT, run } from '../world.ts'
import { makeShell, PERSON, PROGRAM, type Shell } from './shell.ts'

const HOOK = [process.execPath, join(ROOT, 'dist', 'hook.cjs')]

/** Who `repowire notify` turns out to be, with more in its environment. */
async function speaker(t: Test, shell: Shell, more: Record<string, string> = {}, to = 'backend') {
  const env = { ...shell.env, ...more }
  const done = await run(t, [...PROGRAM, 'notify', to, 'x', '--json'], { env, cwd: shell.dir })
  t.equal(done.code, 0, done.stderr)
  return writerOf(shell, JSON.parse(done.stdout))
}

function writerOf({ tree }: Shell, { id, to }: { id: string; to: string }): string {
  return JSON.parse(readFileSync(join(tree.root, `inbox/${to}/new/${id}.notice.json`), 'utf8')).from
}

/** A state directory that somebody made for himself: the cache of who has which process is not there. The courier that is started for it ends with the test. */
function otherState(t: Test, { env }: Shell): string {
  const state = join(makeDir(t), 'state')
  mkdirSync(state, { mode: 0o700 })
  writeFileSync(join(state, 'host.json'), JSON.stringify({ label: 'laptop', host_id: HOST_ID }))
  const [node = '', program = ''] = PROGRAM
  t.teardown(() =>
    execFileSync(node, [program, 'daemon', 'stop'], { env: { ...env, REPOWIRE_STATE: state } }),
  )
  return state
}

function disguises(t: Test, shell: Shell, peer: Card): Record<string, string>[] {
  const { pid } = peer.process
  return [
    { REPOWIRE_NAME: 'backend' },
    { CLAUDE_PID: String(pid), CLAUDE_CODE_ENTRYPOINT: 'cli', CLAUDE_PROJECT_DIR: peer.directory },
    { USER: 'ada', LOGNAME: 'ada', HOME: makeDir(t) },
    { REPOWIRE_STATE: otherState(t, shell) },
    { REPOWIRE_ADDRESS: 'backend@laptop', REPOWIRE_PEER: 'backend', REPOWIRE_FROM: 'backend@laptop' },
  ]
}

for (const [who, address] of [
  ['an agent', 'frontend@laptop'],
  ['a person', PERSON],
] as const) {
  t.test(`below ${who} the command line is ${who}, and no variable makes it somebody else`, async (t) => {
    const shell = makeShell(t)
    const peer = enrol(t, shell, 'backend')
    enrol(t, shell, 'cache')
    if (who === 'an agent') enrol(t, shell, 'frontend', { process: here })
    for (const more of disguises(t, shell, peer))
      t.equal(await speaker(t, shell, more, 'cache'), address, Object.keys(more).join())
    const persons = listCards(shell.tree).filter(({ agent }) => agent === 'person')
    t.strictSame(
      persons.map((card) => card.address),
      who === 'a person' ? [PERSON] : [],
    )
  })
}

/** A shell that is a process of its own and runs one command when it is told. */
function startShell(t: Test, { env }: Shell, command: string[]): ChildProcess & { mark: ProcessMark } {
  const child = spawn('sh', ['-c', 'read go; "$@"; exit $?', 'sh', ...command], { env, stdio: 'pipe' })
  t.teardown(() => child.kill('SIGKILL'))
  return Object.assign(child, { mark: markOf(child.pid as number) as ProcessMark })
}

t.test('of an agent below an agent it is the nearest', async (t) => {
  const shell = makeShell(t)
  enrol(t, shell, 'backend')
  enrol(t, shell, 'frontend', { process: here })
  const inner = startShell(t, shell, [...PROGRAM, 'notify', 'backend', 'x', '--json'])
  enrol(t, shell, 'inner', { process: inner.mark })
  const end = ended(inner)
  inner.stdin?.write('go\n')
  t.equal(writerOf(shell, JSON.parse((await end).stdout)), 'inner@laptop')
})

t.test(
  'a question of somebody else is neither awaited, cancelled nor answered by whoever asks to',
  async (t) => {
    const shell = makeShell(t)
    const { tree, repowire } = shell
    const backend = startShell(t, shell, [...PROGRAM, 'reply', Q, 'the answer'])
    enrol(t, shell, 'backend', { process: backend.mark })
    enrol(t, shell, 'frontend', { process: here })
    lay(tree, 'new', { from: 'cache@laptop' })
    const before = filesIn(tree.root, 'inbox')
    for (const words of [
      ['await', Q],
      ['cancel', Q],
      ['reply', Q, 'forged'],
    ])
      t.match(await repowire(words), { code: 1, stdout: '', stderr: /\[no-such-query\]/ }, words.join(' '))
    t.strictSame(filesIn(tree.root, 'inbox'), before)
    const end = ended(backend)
    backend.stdin?.write('go\n')
    t.match(await end, { code: 0, stdout: 'Sent to cache@laptop.\n' }, 'and whoever was asked answers it')
  },
)

/** Runs a hook as the client of this pid would. */
async function hook(t: Test, { env, dir }: Shell, pid: number, payload: object) {
  const more = { CLAUDE_PID: String(pid), CLAUDE_CODE_ENTRYPOINT: 'cli' }
  const input = JSON.stringify({ cwd: dir, ...payload })
  return await run(t, HOOK, { env: { ...env, ...more }, cwd: dir, input })
}

const EVENTS = [
  { hook_event_name: 'UserPromptSubmit', prompt: `[repowire:${Q} question from frontend@laptop]` },
  {
    hook_event_name: 'PostToolUse',
    tool_name: 'mcp__repowire__inbox',
    tool_response: `[repowire:${Q} answer`,
  },
  { hook_event_name: 'Stop', last_assistant_message: 'forged' },
  { hook_event_name: 'SessionEnd', reason: 'clear' },
  { hook_event_name: 'SessionEnd', reason: 'other' },
  { hook_event_name: 'SessionStart' },
]

t.test('a hook that says it is of a client which did not start it does nothing, and logs why', async (t) => {
  const shell = makeShell(t)
  const { tree } = shell
  const { card } = actor(t, shell, { name: 'backend' })
  lay(tree, 'cur', { to: card.address })
  lay(tree, 'open', { to: card.address, id: '20261122t094012413z-00000000' })
  const before = filesIn(tree.root)
  for (const payload of EVENTS)
    t.match(await hook(t, shell, card.process.pid, payload), { code: 0, stdout: '', stderr: '' })
  t.strictSame(filesIn(tree.root), before)
  const lines = readFileSync(join(tree.state, 'hook.log'), 'utf8').trim().split('\n')
  t.strictSame(
    lines.map((line) => JSON.parse(line).code),
    EVENTS.map(() => 'not-a-peer'),
  )
})

t.test('a hook of the client that started it is believed', async (t) => {
  const shell = makeShell(t)
  const { card } = actor(t, shell, { name: 'backend', process: here })
  lay(shell.tree, 'cur', { to: card.address })
  await hook(t, shell, process.pid, EVENTS[0] as object)
  t.ok(filesIn(shell.tree.root).includes(`inbox/${card.address}/open/${Q}.query.json`))
})
