// The door through the client's own inbox: a socket on which the test listens in the client's place.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { enterOffice } from '../../src/courier/courier-file.ts'
import { type Attempts, deliver, resume } from '../../src/courier/deliver.ts'
import { NEVER } from '../../src/courier/door.ts'
import { openDoor } from '../../src/courier/doors.ts'
import { inboxSocket } from '../../src/courier/inbox-socket.ts'
import { frameText } from '../../src/protocol/frame.ts'
import type { Message } from '../../src/protocol/message.ts'
import { record } from '../../src/spool/journal.ts'
import { isStopped, markOf } from '../../src/spool/process.ts'
import { entriesOf, framed, lay, mailOf, makePair, message, Q, until } from '../world.ts'
import { actor } from './stage.ts'

const TO = 'actor@laptop'
const asked = (more: Partial<Message> = {}) => message({ to: TO, ...more })
const urgent = { id: Q, urgent: true, frame: framed(asked()) }

/** A session at rest without a pane, whose inbox is a socket of the test's; `lines`: what came. */
async function scene(t: Test, words: string[] = []) {
  const world = makePair(t)
  const client = spawn('/bin/sh', ['-c', 'while :; do sleep 60; done', 'client', ...words], {
    detached: true,
  })
  t.teardown(() => process.kill(-(client.pid as number), 'SIGKILL'))
  const mark = await until(() => markOf(client.pid as number))
  const socket = join(world.dir, 'inbox.sock')
  const lines: string[] = []
  const server = createServer((from) => from.on('data', (data) => lines.push(String(data))))
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const { card, status } = actor(t, world, { process: mark })
  const offer = (more: object = {}) =>
    status({ messagingSocketPath: socket, peerProtocol: 1, cwd: world.dir, ...more })
  offer()
  const settings = (keys: object) =>
    writeFileSync(join(world.dir, 'config', 'settings.json'), JSON.stringify(keys))
  return { ...world, card, offer, settings, lines, client: client.pid as number }
}

type Scene = Awaited<ReturnType<typeof scene>>

/** As Ctrl+Z does; it takes a moment. */
async function stop({ client }: Scene): Promise<void> {
  process.kill(client, 'SIGSTOP')
  await until(() => isStopped(client))
}

t.test('a session at rest is handed one line, with its own id and nothing about who sends', async (t) => {
  const { tree, card, lines } = await scene(t)
  enterOffice(tree)
  lay(tree, 'new', asked())
  const held = await deliver(tree, card, [asked()], new Map())
  t.match(held, { why: /given to its client's inbox/ })
  t.strictSame(
    lines.map((line) => JSON.parse(line)),
    [{ type: 'user', session_id: 's', message: { role: 'user', content: frameText(framed(asked())) } }],
  )
  t.match(entriesOf(tree, Q), [{ event: 'claimed' }, { event: 'typing', door: 'socket' }])
  t.strictSame(mailOf(tree, TO), [`cur/${Q}.query.json`])
})

t.test('what the client read and dropped is put back after two looks, not before', async (t) => {
  const { tree, card } = await scene(t)
  const file = lay(tree, 'cur', asked())
  const mail = { id: Q, kind: 'query' as const, file }
  const { now } = performance
  t.teardown(() => {
    performance.now = now
  })
  let ahead = 0
  performance.now = () => now.call(performance) + ahead
  const attempt = { door: 'socket' as const, ids: [Q], typedAt: -60_000, enteredAt: NEVER, enters: 0 }
  const attempts: Attempts = new Map([[file, { ...attempt, read: true }]])
  t.match(await resume(tree, card, mail, attempts), { why: /has not arrived yet/ })
  ahead = 500
  t.equal(await resume(tree, card, mail, attempts), undefined)
  t.strictSame(mailOf(tree, TO), [`new/${Q}.query.json`])
  t.match(
    await inboxSocket.whyShut(card),
    { why: /takes no more messages/ },
    'and then it is left alone for a while',
  )
})

t.test(
  'what a courier handed over as it was killed is put back once its client has read all that came, and dropped it',
  async (t) => {
    const { tree, card, lines } = await scene(t)
    const file = lay(tree, 'cur', asked())
    record(tree, 'typing', TO, Q, { kind: 'query', door: 'socket' })
    const mail = { id: Q, kind: 'query' as const, file }
    const { now } = performance
    t.teardown(() => {
      performance.now = now
    })
    let ahead = 0
    performance.now = () => now.call(performance) + ahead
    const attempts: Attempts = new Map()
    const first = await resume(tree, card, mail, attempts)
    t.match(first, { why: /has not read it yet|no hook has seen it yet/ }, 'it may still take it up')
    t.strictSame(lines, [], 'it is asked without a word')
    ahead += 5_000
    t.match(await resume(tree, card, mail, attempts), { why: /has not arrived yet/ })
    ahead += 500
    t.equal(await resume(tree, card, mail, attempts), undefined)
    t.strictSame(mailOf(tree, TO), [`new/${Q}.query.json`])
    t.equal(await inboxSocket.whyShut(card), undefined, 'and may be handed over at once')
  },
)

t.test('while its client reads nothing it is on its way', async (t) => {
  const { tree, card, offer, dir } = await scene(t)
  const deaf = createServer({ pauseOnConnect: true }, () => {})
  t.teardown(() => deaf.close())
  await new Promise<void>((resolve) => deaf.listen(join(dir, 'deaf.sock'), resolve))
  offer({ messagingSocketPath: join(dir, 'deaf.sock') })
  const file = lay(tree, 'cur', asked())
  record(tree, 'typing', TO, Q, { kind: 'query', door: 'socket' })
  const attempts: Attempts = new Map()
  for (let look = 0; look < 2; look += 1)
    t.match(await resume(tree, card, { id: Q, kind: 'query', file }, attempts), {
      why: /has not read it yet/,
    })
  t.strictSame(mailOf(tree, TO), [`cur/${Q}.query.json`])
})

for (const [what, arrange, why] of [
  ['that offers none', (s) => s.offer({ messagingSocketPath: undefined }), /offers no inbox/],
  ['of another protocol', (s) => s.offer({ peerProtocol: 2 }), /inbox of another kind/],
  [
    'whose user refuses',
    (s) => s.settings({ crossSessionInbound: 'refuse' }),
    /refuses messages of other sessions/,
  ],
  ['that is busy', (s) => s.offer({ status: 'busy' }), /busy with a turn/],
  [
    'that may bypass permissions by its settings',
    (s) => s.settings({ permissions: { defaultMode: 'bypassPermissions' } }),
    /may bypass permissions/,
  ],
  ['that is stopped', stop, /is stopped/],
] as [string, (s: Scene) => unknown, RegExp][]) {
  t.test(`the inbox of a session ${what} is not used`, async (t) => {
    const it = await scene(t)
    await arrange(it)
    t.match(await inboxSocket.whyShut(it.card), { why })
    t.match(await openDoor(it.tree, it.card), { why: /^it runs in no tmux pane, and / })
  })
}

t.test(
  'the inbox of a session that was started to bypass permissions is used only where its user accepts',
  async (t) => {
    const { card, settings } = await scene(t, ['--dangerously-skip-permissions'])
    t.match(await inboxSocket.whyShut(card), { why: /may bypass permissions/ })
    settings({ crossSessionInbound: 'accept' })
    t.equal(await inboxSocket.whyShut(card), undefined)
  },
)

t.test('a busy session takes what is urgent, and only that', async (t) => {
  const { card, offer } = await scene(t)
  for (const status of ['busy', 'waiting']) {
    offer({ status })
    t.equal(await inboxSocket.whyShut(card, urgent), undefined)
    t.match(await inboxSocket.whyShut(card, { ...urgent, urgent: false }), { why: /busy|dialog/ })
  }
  offer({ parkedJobId: 'x' })
  t.match(await inboxSocket.whyShut(card, urgent), { why: /background/ }, 'not one that is not there')
})
