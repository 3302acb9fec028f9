// Every command in every way that it can end: its exit code, what it says on stderr, and that stdout holds the result alone.

import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Outcome } from '../../src/protocol/message.ts'
import { listAsks } from '../../src/spool/asks.ts'
import { pause } from '../../src/spool/pause.ts'
import { COMMANDS } from '../../src/surfaces/cli/commands.ts'
import { EXIT, MEANINGS } from '../../src/surfaces/cli/exit-codes.ts'
import { ask } from '../../src/verbs/ask.ts'
import { endQuery } from '../../src/verbs/end-query.ts'
import { reply } from '../../src/verbs/reply.ts'
import { ended, enrol, gone, here, mailOf, Q, type Run, start, until } from '../world.ts'
import { LOOKS_ITSELF, makeShell, PERSON, PROGRAM, type Shell, TO } from './shell.ts'

const { done, failed, usage, notYet, unanswered, notRunning, interrupted } = EXIT

/** The code of the error on stderr; `undefined` where stderr is to be empty. */
type Row = [command: string, code: number, error?: string, input?: string]

/** MINE, LATE and THEIRS stand for ids: a question of the person, one that has an answer, one of somebody else. */
const ROWS: Row[] = [
  ['peers', done],
  ['peers extra', usage, 'bad-input'],
  ['hosts', done],
  ['hosts frobnicate', usage, 'bad-input'],
  ['hosts allow ../x', usage, 'bad-input'],
  ['hosts allow nowhere', failed, 'host-unknown'],
  ['hosts deny nowhere', done],
  ['status', done],
  ['status --frobnicate', usage, 'bad-input'],
  ['doctor --quick', failed],
  ['doctor extra', usage, 'bad-input'],
  ['ask', usage, 'bad-input'],
  ['ask backend', usage, 'bad-input'],
  ['ask backend -', usage, 'bad-input'],
  ['ask backend -', usage, 'bad-input', '\n \n'],
  ['ask backend x --timeout 0', usage, 'bad-input'],
  ['ask backend x --timeout', usage, 'bad-input'],
  ['ask nobody x', failed, 'peer-unknown'],
  ['ask nobody -', failed, 'peer-unknown', 'from stdin'],
  ['ask stale x', failed, 'peer-offline'],
  ['ask quiet x', failed, 'peer-paused'],
  [`ask ${PERSON} x`, failed, 'peer-self'],
  ['ask backend x --reply-to junk', failed, 'no-such-query'],
  ['ask backend x --reply-to THEIRS', failed, 'no-such-query'],
  ['ask backend x --timeout 1', notYet, 'no-answer-yet'],
  ['await', usage, 'bad-input'],
  ['await junk', usage, 'bad-input'],
  ['await ../../x', usage, 'bad-input'],
  [`await ${Q} --timeout x`, usage, 'bad-input'],
  [`await ${Q}`, failed, 'no-such-query'],
  ['await THEIRS', failed, 'no-such-query'],
  ['await MINE --timeout 1', notYet, 'no-answer-yet'],
  ['await LATE', done],
  ['cancel', usage, 'bad-input'],
  ['cancel junk', usage, 'bad-input'],
  [`cancel ${Q}`, failed, 'no-such-query'],
  ['cancel THEIRS', failed, 'no-such-query'],
  ['cancel MINE extra', usage, 'bad-input'],
  ['reply', usage, 'bad-input'],
  ['reply junk x', usage, 'bad-input'],
  ['reply THEIRS', usage, 'bad-input'],
  ['reply THEIRS -', usage, 'bad-input'],
  [`reply ${Q} x`, failed, 'no-such-query'],
  ['reply THEIRS x', failed, 'no-such-query'],
  ['reply MINE x', failed, 'no-such-query'],
  ['notify', usage, 'bad-input'],
  ['notify backend', usage, 'bad-input'],
  ['notify nobody x', failed, 'peer-unknown'],
  [`notify ${PERSON} x`, failed, 'peer-self'],
  ['notify backend x', done],
  ['notify quiet x', done],
  ['notify stale x', done],
  ['broadcast', usage, 'bad-input'],
  ['broadcast x --id junk', usage, 'bad-input'],
  ['broadcast x', done],
  ['inbox', done],
  ['inbox backend', done],
  ['inbox quiet', done],
  ['inbox nobody', failed, 'peer-unknown'],
  ['inbox a b', usage, 'bad-input'],
  ['held', done],
  ['held extra', usage, 'bad-input'],
  ['approve', usage, 'bad-input'],
  ['approve junk', usage, 'bad-input'],
  [`approve ${Q}`, failed, 'no-such-message'],
  ['approve THEIRS', failed, 'no-such-message'],
  ['refuse', usage, 'bad-input'],
  ['refuse junk', usage, 'bad-input'],
  [`refuse ${Q}`, failed, 'no-such-message'],
  ['refuse THEIRS no', failed, 'no-such-message'],
  ['config deny x', usage, 'bad-input'],
  ['config hold_weaker true', done],
  ['show', usage, 'bad-input'],
  ['show junk', usage, 'bad-input'],
  [`show ${Q}`, failed, 'no-such-message'],
  ['show THEIRS', done],
  ['trace', usage, 'bad-input'],
  ['trace junk', usage, 'bad-input'],
  [`trace ${Q}`, failed, 'no-such-message'],
  ['trace MINE', done],
  ['log extra', usage, 'bad-input'],
  ['log', done],
  ['pause nobody', failed, 'peer-unknown'],
  [`pause ${PERSON}`, usage, 'bad-input'],
  ['pause a b', usage, 'bad-input'],
  ['pause quiet', done],
  ['resume nobody', failed, 'peer-unknown'],
  ['resume backend', done],
  ['resume a b', usage, 'bad-input'],
  ['rename', usage, 'bad-input'],
  ['rename x', usage, 'bad-input'],
  ['rename a b c', usage, 'bad-input'],
  ['rename nobody x', failed, 'peer-unknown'],
  ['rename quiet backend', failed, 'name-taken'],
  ['rename quiet B@d', usage, 'bad-input'],
  ['rename spare spare', done],
  ['host', usage, 'bad-input'],
  ['host rename', usage, 'bad-input'],
  ['host rename B@d', usage, 'bad-input'],
  ['host rename laptop', done],
  ['gc --days x', usage, 'bad-input'],
  ['gc --days 1.5', usage, 'bad-input'],
  ['gc --days', usage, 'bad-input'],
  ['gc 7', usage, 'bad-input'],
  ['gc --dry-run', done],
  ['gc', done],
  ['config', done],
  ['share off', done],
  ['share dropbox', usage, 'bad-input'],
  ['share syncthing --config nowhere', failed, 'share-failed'],
  ['config doors', done],
  ['config dors', usage, 'bad-input'],
  ['config chain_depth 3', done],
  ['config chain_depth many', usage, 'bad-input'],
  ['config dors []', usage, 'bad-input'],
  ['config chain_depth 3 x', usage, 'bad-input'],
  ['config --unset', usage, 'bad-input'],
  ['config chain_depth 3 --unset', usage, 'bad-input'],
  ['config dors --unset', usage, 'bad-input'],
  ['config chain_depth --unset', done],
  ['completion', usage, 'bad-input'],
  ['completion tcsh', usage, 'bad-input'],
  ['completion bash', done],
  ['completion zsh', done],
  ['completion fish', done],
  ['daemon', usage, 'bad-input'],
  ['daemon frobnicate', usage, 'unknown-command'],
  ['demo --agent frobnicate', usage, 'bad-input'],
  ['setup extra', usage, 'bad-input'],
  ['uninstall extra', usage, 'bad-input'],
  ['frobnicate', usage, 'unknown-command'],
  ['--frobnicate', usage, 'unknown-command'],
]

// What happened, why, what next, and a code in brackets: at least two sentences.
const ERROR = (code: string) =>
  new RegExp(`^(?:${LOOKS_ITSELF})?repowire: \\S.+[.?\\]] \\S.*\\[${code}\\]\\n$`)
const WITHOUT_JSON = /^(setup|uninstall|completion|demo|frobnicate|--)/

function furnish(t: Test, shell: Shell): (name: string) => string {
  const { tree } = shell
  for (const name of ['backend', 'quiet', 'spare']) enrol(t, shell, name)
  enrol(t, shell, 'stale', { process: gone })
  const { address, process } = enrol(t, shell, 'asker')
  const put = (from: string, mark = here) =>
    ask(tree, from, mark, { peer: 'backend', body: 'Which port?' }).id
  const ids: Record<string, string> = { MINE: put(PERSON), LATE: put(PERSON), THEIRS: put(address, process) }
  reply(tree, TO, ids.LATE as string, '8080')
  pause(tree, 'quiet@laptop', { since: '2026-11-22T09:40:00.000Z', by: PERSON })
  return (name) => ids[name] ?? name
}

function check(t: Test, [command, code, error]: Row, { stdout, stderr, ...end }: Run, json: boolean): void {
  const what = `${command}${json ? ' --json' : ''}`
  t.equal(end.code, code, what)
  if (error === undefined) t.equal(stderr, '', what)
  else t.match(stderr, ERROR(error), what)
  if (error !== undefined) t.equal(stdout, '', what)
  else if (!json) t.match(stdout, /\S/, what)
  else if (command === 'log') for (const line of stdout.trim().split('\n')) t.ok(JSON.parse(line), what)
  else t.type(JSON.parse(stdout), 'object', what)
  t.notMatch(stdout + stderr, /\x1b|undefined|\n\s+at /, what)
}

t.test('each command ends with its code, says why, and with --json prints nothing but JSON', async (t) => {
  const shell = makeShell(t)
  await shell.repowire(['notify', 'nobody', 'x']) // makes the tree, and registers the person
  const idOf = furnish(t, shell)
  const words = (command: string) => command.replace(/MINE|LATE|THEIRS/g, idOf).split(' ')
  for (const row of ROWS) {
    const [command, , , input] = row
    check(t, row, await shell.repowire(words(command), input), false)
    if (WITHOUT_JSON.test(command)) continue
    check(t, row, await shell.repowire([...words(command), '--json'], input), true)
  }
})

/** Ends a question of the person as its peer, or its user at the keyboard, would. */
type Ending = Outcome | 'SIGINT'

const ENDINGS: [ending: Ending, code: number, asks: RegExp, awaits?: RegExp][] = [
  ['answered', done, /^$/],
  ...(['unanswered', 'interrupted', 'failed', 'expired', 'gone', 'refused', 'withdrawn'] as const).map(
    (outcome): [Ending, number, RegExp] => [
      outcome,
      unanswered,
      new RegExp(
        `^repowire: no answer \\(${outcome}\\): Why\\. .*repowire trace \\S+\\. \\[${outcome}\\]\\n$`,
      ),
    ],
  ),
  [
    'SIGINT',
    interrupted,
    /^repowire: The question to backend@laptop is withdrawn\. \[interrupted\]\n$/,
    /^repowire: no longer waiting; it stays asked.*repowire cancel \S+\. \[interrupted\]\n$/,
  ],
]

/** Begins to wait, at a shell, for a question that is asked by the command itself or was before. */
async function begin(t: Test, { tree, env }: Shell, command: 'ask' | 'await') {
  const before = command === 'ask' ? '' : ask(tree, PERSON, here, { peer: 'backend', body: 'x' }).id
  const args = command === 'ask' ? ['backend', 'x'] : [before]
  const child = start(t, [...PROGRAM, command, ...args], { env })
  const end = ended(child)
  const mine = (pid: number) => pid === child.pid
  const { id } = await until(() => listAsks(tree, PERSON).find(({ process }) => mine(process.pid)))
  await until(() => mailOf(tree, TO).includes(`new/${id}.query.json`))
  return { id, end, interrupt: () => child.kill('SIGINT') }
}

for (const command of ['ask', 'await'] as const) {
  t.test(`${command} ends as its question does, and its exit code says how`, async (t) => {
    const shell = makeShell(t)
    await shell.repowire(['notify', 'nobody', 'x'])
    enrol(t, shell, 'backend')
    for (const [ending, code, asks, awaits = asks] of ENDINGS) {
      const { id, end, interrupt } = await begin(t, shell, command)
      const mail = { id, kind: 'query' as const, file: `${id}.query.json` }
      if (ending === 'SIGINT') interrupt()
      else endQuery(shell.tree, TO, mail, 'new', { outcome: ending, body: 'Why.', by: 'test' })
      const stdout = ending === 'answered' ? 'Why.\n' : ''
      const { stderr, ...done } = await end
      t.match(done, { code, signal: null, stdout }, ending)
      const [first, said] = command === 'ask' ? [LOOKS_ITSELF, asks] : ['', awaits]
      t.ok(stderr.startsWith(first), ending)
      t.match(stderr.slice(first.length), said, ending)
      const isAsked = mailOf(shell.tree, PERSON).some((file) => file.startsWith(`asks/${id}`))
      t.equal(isAsked, command === 'await' && ending === 'SIGINT', ending)
    }
  })
}

t.test('daemon status tells by its code alone whether a courier runs', async (t) => {
  const { repowire } = makeShell(t)
  const daemon = (action: string) => repowire(['daemon', action, '--json'])
  t.match(await daemon('status'), { code: notRunning, stdout: 'null\n', stderr: '' })
  t.match(JSON.parse((await daemon('start')).stdout), { process: { pid: Number } })
  t.match(await daemon('status'), { code: done, stderr: '' })
  t.strictSame(JSON.parse((await daemon('stop')).stdout), { stopped: true })
  t.strictSame(JSON.parse((await daemon('stop')).stdout), { stopped: false })
  t.match(await daemon('status'), { code: notRunning })
})

t.test('a broadcast that did not reach somebody fails, and says how to repeat it', async (t) => {
  const shell = makeShell(t)
  const { tree, repowire } = shell
  for (const name of ['backend', 'cache']) enrol(t, shell, name)
  const inNew = join(tree.root, 'inbox', TO, 'new')
  rmdirSync(inNew)
  writeFileSync(inNew, 'no directory')
  const first = await repowire(['broadcast', 'main is frozen'])
  t.equal(first.code, failed)
  t.match(first.stdout, /^In the inboxes of cache@laptop\.\nNot reached: backend@laptop: /)
  t.match(first.stderr, ERROR('not-writable'))
  const id = first.stderr.match(/--id (\S+):/)?.[1] ?? 'no id'
  rmSync(inNew)
  mkdirSync(inNew)
  const again = JSON.parse((await repowire(['broadcast', 'main is frozen', '--id', id, '--json'])).stdout)
  t.match(again, { id, reached: [{ to: TO }, { to: 'cache@laptop', again: true }], missed: [] })
  t.equal(again.reached[0].again, undefined)
  for (const peer of [TO, 'cache@laptop']) t.equal(mailOf(tree, peer).length, 1, peer)
})

t.test('every command is in the table, and every exit code has one meaning', async (t) => {
  const inTable = new Set(ROWS.map(([command]) => command.split(' ')[0]))
  for (const { usage: words, hidden } of COMMANDS) if (!hidden) t.ok(inTable.has(words.split(' ')[0]), words)
  const codes = Object.values(EXIT)
  t.strictSame(
    MEANINGS.map(([code]) => code),
    codes,
  )
  t.equal(new Set(codes).size, codes.length)
})
