// What becomes of a question when its server, its client, its asker's patience or its peer's user ends it; and who may say what.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { idsIn } from '../../src/protocol/frame.ts'
import type { Message } from '../../src/protocol/message.ts'
import { blockOn, listAsks, whoWants } from '../../src/spool/asks.ts'
import { listCards } from '../../src/spool/cards.ts'
import { pause, resume } from '../../src/spool/pause.ts'
import { liveness } from '../../src/spool/process.ts'
import { publish } from '../../src/spool/publish.ts'
import { ask } from '../../src/verbs/ask.ts'
import { reply } from '../../src/verbs/reply.ts'
import {
  bundle,
  ended,
  enrol,
  entriesOf,
  eventsOf,
  gone,
  lay,
  mailOf,
  makeWorld,
  message,
  plainEnv,
  Q,
  ROOT,
  run,
  until,
  type World,
} from '../world.ts'
import { HELLO, type Peer, type Server, startPeer, startServer, stopCourier } from './client.ts'

const [ME, TO] = ['frontend@laptop', 'backend@laptop']
const program = await bundle(t, new URL('peer.ts', import.meta.url))

/** Two agents, frontend and backend, that are processes of their own. */
async function makeOffice(t: Test) {
  const world = makeWorld(t)
  stopCourier(t, world.env)
  const [frontend, backend] = await Promise.all([
    startPeer(t, program, world, 'frontend'),
    startPeer(t, program, world, 'backend'),
  ])
  await until(() => listCards(world.tree).length === 2)
  return { ...world, frontend, backend }
}

/** A call of ask_peer whose question has come. */
async function askAndSee(peer: Peer, { tree }: World, more: Record<string, unknown> = {}) {
  const before = new Set(listAsks(tree, ME).map(({ id }) => id))
  const call = peer.begin('ask_peer', { peer: 'backend', question: 'Which port?', ...more })
  const { id } = await until(() => listAsks(tree, ME).find((ask) => !before.has(ask.id)))
  await until(() => mailOf(tree, TO).includes(`new/${id}.query.json`))
  return { id, end: call.end, cancel: call.cancel, said: () => call.said }
}

const mailLike = (tree: World['tree'], address: string, id: string) =>
  mailOf(tree, address).filter((file) => file.includes(id))

/** A server of this very process, that has been greeted. */
async function greet(t: Test, world: World, more: Record<string, string> = {}): Promise<Server> {
  const server = startServer(t, { dir: world.dir, env: { ...world.env, ...more } })
  await server.ask('initialize', HELLO)
  return server
}

const callOf = (name: string, args: object) => ['tools/call', { name, arguments: args }] as const
const textOf = (said: Record<string, unknown>) =>
  (said.result as { content: { text: string }[] } | undefined)?.content[0]?.text

async function kill({ child }: Server): Promise<void> {
  const end = ended(child)
  child.kill('SIGKILL')
  await end
}

t.test(
  'when a server dies alone another server of its client goes on waiting, for the same answer',
  async (t) => {
    const world = makeWorld(t)
    const { tree } = world
    stopCourier(t, world.env)
    enrol(t, world, 'backend')
    const first = await greet(t, world)
    first.tell(...callOf('ask_peer', { peer: 'backend', question: 'Which port?' }))
    const me = await until(() => listCards(tree).find((card) => card.process.pid === process.pid)?.address)
    const { id } = await until(() => listAsks(tree, me)[0])
    await until(() => mailOf(tree, TO).includes(`new/${id}.query.json`))
    t.equal(whoWants(tree, me, id), 'waiting')
    await kill(first)
    t.equal(whoWants(tree, me, id), 'late')

    const second = await greet(t, world)
    const answer = second.ask(...callOf('await_reply', { id }))
    await until(() => whoWants(tree, me, id) === 'waiting')
    t.match(listAsks(tree, me), [{ id, process: { pid: second.child.pid } }])
    reply(tree, TO, id, '8080')
    t.match(textOf(await answer), /\n8080\n\n----- \w{8} -----$/)
    t.strictSame(mailLike(tree, me, id), [`done/${id}.reply.json`])
    t.equal(listCards(tree).filter((card) => card.process.pid === process.pid).length, 1, 'it is one peer')
  },
)

t.test('when a server dies with its client the answer is mail for the next session there', async (t) => {
  const { frontend, backend, ...world } = await makeOffice(t)
  const { tree } = world
  const { id } = await askAndSee(frontend, world)
  const waiter = listAsks(tree, ME)[0]?.process
  process.kill(frontend.pid, 'SIGKILL')
  await until(() => whoWants(tree, ME, id) === 'late')
  await until(() => waiter !== undefined && liveness(waiter) === 'dead')
  await backend.call('inbox')
  t.match(await backend.call('reply_peer', { id, answer: 'for your heir' }), `Sent to ${ME}`)
  const heir = await startPeer(t, program, world, 'frontend')
  t.match(await heir.call('whoami'), ME, 'it has the name of its directory')
  const mail = await heir.call('inbox')
  t.strictSame(idsIn(mail), [id])
  t.match(mail, /for your heir/)
  t.strictSame(mailLike(tree, ME, id), [`done/${id}.reply.json`])
})

/** The environment in which a session of the client that has hooks starts its server; this process is the session. */
function sessionEnv({ dir }: World): Record<string, string> {
  const config = join(dir, 'config')
  mkdirSync(join(config, 'sessions'), { recursive: true })
  writeFileSync(join(config, 'sessions', `${process.pid}.json`), '{}')
  return { CLAUDE_CONFIG_DIR: config, CLAUDE_CODE_ENTRYPOINT: 'cli' }
}

t.test(
  'an answer is done only when the model was shown it: a restarted server finds it claimed',
  async (t) => {
    const world = makeWorld(t)
    const { tree } = world
    stopCourier(t, world.env)
    enrol(t, world, 'backend')
    const session = sessionEnv(world)
    const first = await greet(t, world, session)
    const answer = first.ask(...callOf('ask_peer', { peer: 'backend', question: 'Which port?' }))
    const me = await until(() => listCards(tree).find((card) => card.process.pid === process.pid)?.address)
    const { id } = await until(() => listAsks(tree, me)[0])
    await until(() => mailOf(tree, TO).includes(`new/${id}.query.json`))
    reply(tree, TO, id, '8080')
    const text = textOf(await answer) as string
    t.match(text, /\n8080\n\n----- \w{8} -----$/)
    t.strictSame(mailLike(tree, me, id), [`cur/${id}.reply.json`], 'claimed, and nobody knows of the model')
    await kill(first)

    const second = await greet(t, world, session)
    t.equal(textOf(await second.ask(...callOf('await_reply', { id }))), text)
    t.notOk(mailLike(tree, me, id).includes(`done/${id}.reply.json`))
    const seen = {
      hook_event_name: 'PostToolUse',
      tool_name: 'mcp__repowire__await_reply',
      tool_response: text,
    }
    const env = plainEnv({ ...world.env, ...session, CLAUDE_PID: String(process.pid) })
    await run(t, [process.execPath, join(ROOT, 'dist', 'hook.cjs')], { env, input: JSON.stringify(seen) })
    t.strictSame(mailLike(tree, me, id), [`done/${id}.reply.json`])
    t.equal(eventsOf(tree, id).filter((event) => event === 'consumed').length, 1)
  },
)

t.test(
  'a call that is cancelled after its peer was given the question: the answer is filed, not delivered',
  async (t) => {
    const { frontend, backend, ...world } = await makeOffice(t)
    const { tree } = world
    const { id, end, cancel } = await askAndSee(frontend, world)
    await backend.call('inbox')
    cancel()
    t.ok((await end).error)
    await until(() => mailOf(tree, TO).includes(`done/${id}.cancel.json`))
    // The cancel comes first, and the file in asks/ goes after it.
    await until(() => mailLike(tree, ME, id).length === 0)
    t.match(await backend.call('reply_peer', { id, answer: 'for nobody' }), `Sent to ${ME}`)
    await until(() => mailOf(tree, ME).includes(`done/${id}.reply.json`))
    t.equal(await frontend.call('inbox'), 'No mail waits, and you owe no answer.')
    t.notOk(eventsOf(tree, id).includes('consumed'))
  },
)

t.test(
  'a peer that ends while it is asked: every call that waits for it hears that it is gone',
  async (t) => {
    const { frontend, backend, ...world } = await makeOffice(t)
    const first = await askAndSee(frontend, world)
    await backend.call('inbox')
    const second = await askAndSee(frontend, world)
    process.kill(backend.pid, 'SIGKILL')
    for (const { end } of [first, second]) t.match((await end).text, /gone|ended before it answered/)
    t.match(await frontend.call('ask_peer', { peer: 'backend', question: 'x' }), /^error: .*\[peer-offline\]/)
    t.strictSame(listAsks(world.tree, ME), [])
  },
)

t.test('a late question whose peer ends is gone: its asker hears of it by mail', async (t) => {
  const { frontend, backend, ...world } = await makeOffice(t)
  const { tree } = world
  const { id, end } = await askAndSee(frontend, world, { timeout_seconds: 1 })
  t.match(await end, { isError: true, text: /\[no-answer-yet\]/ })
  t.equal(whoWants(tree, ME, id), 'late')
  process.kill(backend.pid, 'SIGKILL')
  await until(() => mailOf(tree, ME).includes(`new/${id}.reply.json`))
  t.match(await frontend.call('inbox'), /ended before it answered/)
  t.strictSame(mailLike(tree, ME, id), [`done/${id}.reply.json`])
  t.match(await frontend.call('await_reply', { id }), /ended before it answered/, 'and it can be read again')
})

t.test('a paused peer is not asked, and a call that waits for it already is told', async (t) => {
  const { frontend, backend, ...world } = await makeOffice(t)
  const { tree } = world
  const { id, end, said } = await askAndSee(frontend, world)
  pause(tree, TO, { since: '2026-11-22T09:40:00.000Z', by: ME })
  const told = (it: { progress?: unknown }) => /is paused since 2026-11-22/.test(JSON.stringify(it.progress))
  t.ok(await until(() => said().some(told)))
  const asks = await frontend.call('ask_peer', { peer: 'backend', question: 'x' })
  t.match(asks, /^error: .*paused since 2026-11-22.*notify_peer.*\[peer-paused\]/)
  t.match(await frontend.call('inbox'), new RegExp(`answer ${id} \\(await_reply\\): .*is paused since`))
  t.match(await frontend.call('list_peers'), /^backend@laptop .*backend is paused since/)
  resume(tree, TO)
  await backend.call('reply_peer', { id, answer: '8080' })
  t.match(await end, { isError: false, text: /\n8080\n\n----- \w{8} -----$/ })
})

t.test('an urgent question in the queue of its client ends a wait once, and not the next', async (t) => {
  const { frontend, ...world } = await makeOffice(t)
  const { tree } = world
  const { id, end } = await askAndSee(frontend, world)
  const from = enrol(t, world, 'cache').address
  lay(tree, 'cur', { from, to: ME, urgent: true })
  t.match(await end, { text: new RegExp(`asks you something urgent.*reply_peer, id "${Q}".*id "${id}"`) })
  const next = frontend.begin('await_reply', { id })
  await until(() => whoWants(tree, ME, id) === 'waiting' || next.said.length > 0)
  reply(tree, TO, id, '8080')
  t.match(await next.end, { text: /\n8080\n\n----- \w{8} -----$/ })
})

t.test('a follow-up shows the agent the exchange before it, and only one of its own', async (t) => {
  const { frontend, backend, ...world } = await makeOffice(t)
  const { tree } = world
  const first = await askAndSee(frontend, world)
  await backend.call('reply_peer', { id: first.id, answer: '8080' })
  await first.end
  const second = await askAndSee(frontend, world, { question: 'And TLS?', reply_to: first.id })
  const shown = await backend.call('inbox')
  t.match(shown, /asked backend@laptop:\nWhich port\?\n\nbackend@laptop answered:\n8080\n[\s\S]*And TLS\?/)
  await backend.call('reply_peer', { id: second.id, answer: '8443' })
  await second.end

  const cache = enrol(t, world, 'cache')
  const foreign = ask(tree, cache.address, cache.process, { peer: 'backend', body: 'Secret?' }).id
  const before = mailOf(tree, TO)
  for (const reply_to of [foreign, Q, 'junk', '../x', '']) {
    const told = await frontend.call('ask_peer', { peer: 'backend', question: 'x', reply_to })
    t.match(told, /^error: .*\[no-such-query\]/, reply_to)
  }
  t.strictSame(mailOf(tree, TO), before)
})

t.test(
  'a broadcast says who was reached and who was not, and repeated with its id reaches nobody twice',
  async (t) => {
    const { frontend, backend, ...world } = await makeOffice(t)
    enrol(t, world, 'stale', { process: gone })
    const said = 'In the inboxes of backend@laptop.\nOffline, and not told: stale@laptop.'
    t.equal(await frontend.call('broadcast', { message: 'Frozen.' }), said)
    const [file = ''] = mailOf(world.tree, TO)
    const { thread } = JSON.parse(
      JSON.stringify(entriesOf(world.tree, file.slice(4, 32)).find(({ event }) => event === 'notified')),
    )
    const again = await frontend.call('broadcast', { message: 'Frozen.', id: thread })
    t.match(again, /^In the inboxes of backend@laptop \(before\)\./)
    t.strictSame(idsIn(await backend.call('inbox')), [file.slice(4, 32)])
  },
)

t.test('what a server is called by its environment makes it nobody else', async (t) => {
  const { frontend, ...world } = await makeOffice(t)
  const disguise = {
    REPOWIRE_NAME: 'frontend',
    REPOWIRE_ADDRESS: ME,
    CLAUDE_PID: String(frontend.pid),
    CLAUDE_CODE_ENTRYPOINT: 'cli',
  }
  const other = await startPeer(t, program, { dir: world.dir, env: { ...world.env, ...disguise } }, 'other')
  t.match(await other.call('whoami'), /You are frontend-2@laptop/)
  await other.call('notify_peer', { peer: 'frontend', message: 'x' })
  t.match(await frontend.call('inbox'), /notice from frontend-2@laptop\]/)
})

/** Writes a message by hand, as an agent would that was talked into it. */
function forge({ tree }: World, more: Partial<Message>): string {
  const it = message(more)
  publish(tree, it)
  return `${it.id}.${it.kind}.json`
}

t.test('what is written by hand in the name of another is given to nobody', async (t) => {
  const { backend, ...world } = await makeOffice(t)
  const { tree } = world
  const cache = enrol(t, world, 'cache')
  const ids = [0, 1, 2].map((n) => `20261122t09401240${n}z-00000000`)
  const files = [
    forge(world, { id: ids[0], body: 'not asked by frontend' }),
    forge(world, { id: ids[1], body: 'asked by a process of cache' }),
    forge(world, { id: ids[2], kind: 'notice', from: 'nobody@laptop', body: 'from nobody' }),
  ]
  blockOn(tree, ME, { id: ids[1] as string, to: TO, process: cache.process, since: '' })
  t.equal(await backend.call('inbox'), 'No mail waits, and you owe no answer.')
  t.strictSame(
    mailOf(tree, TO),
    files.map((file) => `dead/${file}`),
  )
  for (const id of ids) t.match(entriesOf(tree, id), [{ event: 'ended', fault: 'wrong-sender' }])
  t.notOk(
    mailOf(tree, ME).some((file) => file.includes('reply')),
    'and nobody is told',
  )
})

t.test('neither an answer nor a cancel of a stranger touches a question', async (t) => {
  const { frontend, backend, ...world } = await makeOffice(t)
  const { tree } = world
  enrol(t, world, 'cache')
  const { id, end } = await askAndSee(frontend, world)
  forge(world, { id, kind: 'cancel', from: 'cache@laptop', to: TO })
  await until(() => mailOf(tree, TO).includes(`dead/${id}.cancel.json`))
  forge(world, { id, kind: 'reply', from: 'cache@laptop', to: ME, body: 'forged' })
  await until(() => mailOf(tree, ME).includes(`dead/${id}.reply.json`))
  t.match(await backend.call('inbox'), 'Which port?')
  await backend.call('reply_peer', { id, answer: 'the real one' })
  t.match(await end, { isError: false, text: /\nthe real one\n\n----- \w{8} -----$/ })
  t.strictSame(mailLike(tree, ME, id), [`dead/${id}.reply.json`, `done/${id}.reply.json`])
})

t.test('a question that a stranger cancelled can be cancelled by its asker', async (t) => {
  const { frontend, backend, ...world } = await makeOffice(t)
  const { tree } = world
  enrol(t, world, 'cache')
  const { id, end, cancel } = await askAndSee(frontend, world)
  forge(world, { id, kind: 'cancel', from: 'cache@laptop', to: TO })
  await until(() => mailOf(tree, TO).includes(`dead/${id}.cancel.json`))
  cancel()
  await end
  await until(() => mailOf(tree, ME).includes(`done/${id}.reply.json`))
  await until(() => mailOf(tree, TO).includes(`done/${id}.cancel.json`))
  t.strictSame(mailLike(tree, TO, id).sort(), [
    `dead/${id}.cancel.json`,
    `dead/${id}.query.json`,
    `done/${id}.cancel.json`,
  ])
  t.equal(await backend.call('inbox'), 'No mail waits, and you owe no answer.')
})
