// What a server says and does for a peer without hooks: its card, its limits, and what becomes of it when it is killed.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { livingCourier } from '../../src/courier/courier-file.ts'
import { listCards, readCard } from '../../src/spool/cards.ts'
import { liveness } from '../../src/spool/process.ts'
import { bundle, mailOf, makeWorld, read, until } from '../world.ts'
import { startPeer, stopCourier } from './client.ts'

const [ME, TO] = ['frontend@laptop', 'backend@laptop']
const program = await bundle(t, new URL('peer.ts', import.meta.url))

/** Two agents, of which backend has so many servers. */
async function makeOffice(t: Test, servers = 1) {
  const world = makeWorld(t)
  stopCourier(t, world.env)
  const frontend = await startPeer(t, program, world, 'frontend')
  const backend = await startPeer(t, program, world, 'backend', servers)
  await until(() => listCards(world.tree).length === 2)
  return { ...world, frontend, backend }
}

t.test(
  'a server is on the card of its client, and when it is killed another one of the same client is',
  async (t) => {
    const { tree } = await makeOffice(t, 2)
    const serverOf = () => readCard(tree, TO)?.server
    const first = await until(serverOf)
    t.equal(liveness(first), 'alive')
    process.kill(first.pid, 'SIGKILL')
    await until(() => serverOf()?.pid !== first.pid)
    const second = await until(serverOf)
    t.equal(liveness(second), 'alive')
  },
)

t.test('a peer whose only server was killed cannot be asked, and says why', async (t) => {
  const { tree, frontend } = await makeOffice(t)
  const server = await until(() => readCard(tree, TO)?.server)
  process.kill(server.pid, 'SIGKILL')
  await until(() => liveness(server) === 'dead')
  const told = await frontend.call('ask_peer', { peer: 'backend', question: 'x' })
  t.match(
    told,
    /^error: backend@laptop runs, and nothing can be given to it: .*has ended.*\[peer-unreachable\]/,
  )
})

t.test('who asks a peer that takes its mail itself is told so with the time-out', async (t) => {
  const { frontend } = await makeOffice(t)
  const told = await frontend.call('ask_peer', { peer: 'backend', question: 'x', timeout_seconds: 1 })
  t.match(told, /backend@laptop runs in no tmux pane: it takes its mail only when it looks.*It stays asked/)
})

t.test('a courier that is killed just before the peer is replaced by the server that waits', async (t) => {
  const { tree, frontend, backend } = await makeOffice(t)
  const call = frontend.begin('ask_peer', { peer: 'backend', question: 'x', timeout_seconds: 3600 })
  await until(() => mailOf(tree, TO).some((file) => file.startsWith('new/')))
  process.kill(await until(() => livingCourier(tree)?.process.pid), 'SIGKILL')
  process.kill(backend.pid, 'SIGKILL')
  t.match((await call.end).text, /No answer \(gone\)/)
})

t.test('urgent, quiet and waking are what the tools say', async (t) => {
  const { tree, frontend } = await makeOffice(t)
  const last = () => mailOf(tree, TO).at(-1)?.slice('new/'.length) ?? ''
  const fieldsOf = async (tool: string, args: object) => {
    await frontend.call(tool, args as Record<string, unknown>)
    const { urgent, wake } = read(tree, TO, 'new', last())
    return [urgent, wake]
  }
  t.strictSame(await fieldsOf('notify_peer', { peer: 'backend', message: 'x' }), [undefined, undefined])
  t.strictSame(await fieldsOf('notify_peer', { peer: 'backend', message: 'x', wake: false }), [
    undefined,
    false,
  ])
  t.strictSame(await fieldsOf('broadcast', { message: 'x' }), [undefined, false])
  t.strictSame(await fieldsOf('broadcast', { message: 'x', wake: true }), [undefined, undefined])
  const question = { peer: 'backend', question: 'x', urgent: true, timeout_seconds: 1 }
  t.strictSame(await fieldsOf('ask_peer', question), [true, undefined])
})

t.test('an agent that is over a limit is told which, and what to do', async (t) => {
  const { tree, frontend, backend } = await makeOffice(t)
  writeFileSync(join(tree.root, 'config.json'), '{"turns_per_hour":1,"chain_depth":0}')
  const call = frontend.begin('ask_peer', { peer: 'backend', question: 'x' })
  await until(() => mailOf(tree, TO).some((file) => file.startsWith('new/')))
  await backend.call('inbox')
  const deep = await backend.call('ask_peer', { peer: 'frontend', question: 'why?' })
  t.match(deep, /^error: .*frontend@laptop asked backend@laptop.*\[chain-too-deep\]/)
  const often = await backend.call('notify_peer', { peer: 'frontend', message: 'x' })
  t.match(often, /^error: You and frontend@laptop have caused.*\[too-many-turns\]/)
  const [id = ''] = mailOf(tree, ME).flatMap((file) => file.match(/^asks\/(\S+)\.blocked/)?.[1] ?? [])
  await backend.call('reply_peer', { id, answer: 'y' })
  t.match((await call.end).text, /\n\ny\n\n-----/)
})
