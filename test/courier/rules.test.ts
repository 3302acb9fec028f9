// Rules that only one mutant of test/mutants/table.mjs would break without anybody seeing it.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readComposer } from '../../src/agents/claude-code/composer.ts'
import { attend } from '../../src/courier/attend.ts'
import { enterOffice } from '../../src/courier/courier-file.ts'
import { deliver, resume } from '../../src/courier/deliver.ts'
import type { Message } from '../../src/protocol/message.ts'
import { pinHost } from '../../src/spool/allowed.ts'
import { blockOn } from '../../src/spool/asks.ts'
import { readsItsTerminal } from '../../src/spool/process.ts'
import { publish } from '../../src/spool/publish.ts'
import { ownPublicKey } from '../../src/spool/signing.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { receive } from '../../src/verbs/receive.ts'
import { eventsOf, framed, here, lay, mailOf, makePair, message, place, Q, until } from '../world.ts'
import { makeStage, openTmux } from './stage.ts'

const TO = 'actor@laptop'
const SECOND = '20261122t094012413z-00000000'
const tmux = await openTmux(t)
const asked = (more: Partial<Message> = {}) => message({ to: TO, ...more })
const memory = () => ({ attempts: new Map(), typedBefore: new Set<string>(), known: new Map() })

t.test('a client that is stopped, and still in the foreground, does not read its keys', async (t) => {
  const { dir } = makePair(t)
  const file = join(dir, 'pid')
  writeFileSync(file, '')
  // The shell has no job control: what it starts stays in its own group, and it does not see it stop.
  await tmux.newPane(['bash', '-c', `sh -c 'echo $$ > "${file}"; exec sleep 1000'; true`])
  const pid = await until(() => Number(readFileSync(file, 'utf8')) || undefined)
  await until(() => readsItsTerminal(pid))
  process.kill(pid, 'SIGSTOP')
  await until(() => stateOf(pid).startsWith('T'))
  t.notOk(readsItsTerminal(pid))
  process.kill(pid, 'SIGCONT')
  await until(() => readsItsTerminal(pid))
  process.kill(pid, 'SIGKILL')
})

const RULE = '─'.repeat(40)
const CURSOR = '\x1b[7m \x1b[0m'
const box = (rows: string, top = RULE) => readComposer(`a turn of before\n${top}\n${rows}\n${RULE}\n`)

t.test('a draft whose first rows are out of sight is a draft', async (t) => {
  t.match(box('  the last row', `─── ↑ 3 more ${RULE}`), { state: 'holds', text: /the last row/ })
})

t.test('a box with a second row is not empty', async (t) => {
  t.match(box(`❯\u00a0${CURSOR}\n  second`), { state: 'holds', text: 'second' })
})

t.test('a draft under whose first blank the cursor stands is not empty', async (t) => {
  t.match(box(`❯\u00a0${CURSOR}draft`), { state: 'holds', text: 'draft' })
})

t.test('a courier that loses the claim types nothing', async (t) => {
  const stage = await makeStage(t, tmux)
  enterOffice(stage.tree)
  lay(stage.tree, 'open', asked())
  t.equal(await deliver(stage.tree, stage.peer, [asked()], new Map()), undefined)
  t.strictSame(mailOf(stage.tree, TO), [`open/${Q}.query.json`])
  t.equal(stage.typed(), '')
})

t.test('a reply that a process has just begun to wait for is left to it', async (t) => {
  const stage = await makeStage(t, tmux)
  enterOffice(stage.tree)
  const reply = asked({ kind: 'reply' })
  lay(stage.tree, 'new', reply)
  blockOn(stage.tree, TO, { id: Q, to: 'frontend@laptop', process: here, since: '' })
  t.equal(await deliver(stage.tree, stage.peer, [reply], new Map()), undefined)
  t.strictSame(mailOf(stage.tree, TO), [`asks/${Q}.blocked.json`, `new/${Q}.reply.json`])
  t.equal(stage.typed(), '')
})

t.test('the intent to type is in the journal before tmux is told to paste', async (t) => {
  const stage = await makeStage(t, tmux)
  enterOffice(stage.tree)
  lay(stage.tree, 'new', asked())
  const seen = watchPastes(t, stage.dir, join(stage.tree.state, 'journal'))
  const delivered = deliver(stage.tree, stage.peer, [asked()], new Map())
  await until(() => stage.typed() !== '')
  t.match(readFileSync(seen, 'utf8'), new RegExp(`"typing".*"${Q}"`))
  await stage.paint('a draft')
  await delivered
})

/** Copies the journal when tmux is told to paste; returns where to. */
function watchPastes(t: Test, dir: string, journal: string): string {
  const seen = join(dir, 'journal-at-paste')
  before(t, dir, 'paste-buffer', `cat '${journal}'/* > '${seen}'`)
  return seen
}

/** Puts a tmux before the real one that runs this first where it is told something with this word. */
function before(t: Test, dir: string, word: string, command: string): void {
  const bin = join(dir, 'bin')
  const { PATH } = process.env
  mkdirSync(bin)
  const lines = ['#!/bin/sh', `PATH='${PATH}'`, `case "$*" in *${word}*) ${command};; esac`, 'exec tmux "$@"']
  writeFileSync(join(bin, 'tmux'), `${lines.join('\n')}\n`)
  chmodSync(join(bin, 'tmux'), 0o755)
  t.teardown(() => {
    process.env.PATH = PATH
  })
  process.env.PATH = `${bin}:${PATH}`
}

t.test('an Enter that its pane refused is none of the three', async (t) => {
  const stage = await makeStage(t, tmux)
  const { tree, peer, dir } = stage
  enterOffice(tree)
  const mail = { id: Q, kind: 'query' as const, file: lay(tree, 'cur', asked()) }
  const { header, body } = framed(asked())
  await stage.paint(`${header}[Pasted text #1 +${body.split('\n').length - 1} lines]`)
  before(t, dir, 'Enter', `tmux -S '${tmux.socket}' copy-mode -t '${peer.tmux?.pane}'`)
  const long = Number.NEGATIVE_INFINITY
  const attempt = { door: 'tmux' as const, ids: [Q], typedAt: long, enteredAt: long, enters: 2 }
  t.match(await resume(tree, peer, mail, new Map([[mail.file, attempt]])), { why: /took no Enter/ })
  t.equal(attempt.enters, 2)
  t.strictSame(eventsOf(tree, Q), [])
})

t.test('nothing is typed while another message is on its way', async (t) => {
  const stage = await makeStage(t, tmux)
  enterOffice(stage.tree)
  lay(stage.tree, 'cur', asked({ kind: 'notice' }))
  lay(stage.tree, 'new', asked({ id: SECOND }))
  await attend(stage.tree, stage.peer, memory())
  t.strictSame(mailOf(stage.tree, TO), [`cur/${Q}.notice.json`, `new/${SECOND}.query.json`])
  t.equal(stage.typed(), '')
})

t.test('the inbox tool leaves a reply to the process that waits for it', async (t) => {
  const { tree, peer } = makePair(t)
  lay(tree, 'new', { kind: 'reply', from: 'frontend@laptop', to: peer.address })
  blockOn(tree, peer.address, { id: Q, to: 'frontend@laptop', process: here, since: '' })
  t.strictSame(takeInbox(tree, peer, true), [])
  t.strictSame(mailOf(tree, peer.address), [`asks/${Q}.blocked.json`, `new/${Q}.reply.json`])
})

t.test('a cancel that was refused withdraws nothing that comes later', async (t) => {
  const { tree, peer, dir } = makePair(t)
  const from = 'web@desk'
  const desk = { ...tree, host: 'desk', state: join(dir, 'desk') }
  pinHost(tree, { host: 'desk', host_id: '', key: ownPublicKey(desk) })
  const cancel = message({ kind: 'cancel', from })
  place(tree, peer.address, 'dead', `${Q}.cancel.json`, JSON.stringify(cancel))
  publish(desk, message({ from }))
  const mail = { id: Q, kind: 'query' as const, file: `${Q}.query.json` }
  t.match(receive(tree, peer.address, mail), { message: { id: Q } })
  t.strictSame(mailOf(tree, peer.address), [`dead/${Q}.cancel.json`, `new/${Q}.query.json`])
})

/** T when it is stopped, as ps tells on every platform. */
function stateOf(pid: number): string {
  return execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' }).trim()
}
