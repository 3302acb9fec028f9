// A message whose `from` is not its writer is refused. mailbox-spec §10

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { blockOn } from '../../src/spool/asks.ts'
import { liveness, markOf } from '../../src/spool/process.ts'
import { publish } from '../../src/spool/publish.ts'
import { openTree, type Tree } from '../../src/spool/tree.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { fileUnwanted } from '../../src/verbs/inbox.ts'
import { receive } from '../../src/verbs/receive.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { agentAbove } from '../../src/verbs/sender.ts'
import {
  enrol,
  entriesOf,
  gone,
  HOST_ID,
  here,
  lay,
  mailOf,
  makePair,
  message,
  Q,
  startProcess,
  waitOf,
} from '../world.ts'

const QUERY = { id: Q, kind: 'query' as const, file: `${Q}.query.json` }
const asks = (tree: Tree, from: string, to: string, process: ProcessMark) =>
  blockOn(tree, from, { id: Q, to, process, since: '' })

t.test('a question that its sender does not ask is refused, and nobody gets a reply for it', async (t) => {
  const { tree, me, peer } = makePair(t)
  publish(tree, message())
  t.equal(receive(tree, peer.address, QUERY), undefined)
  t.strictSame(mailOf(tree, peer.address), [`dead/${QUERY.file}`])
  t.strictSame(mailOf(tree, me.address), [])
  t.match(entriesOf(tree, Q), [
    { event: 'ended', outcome: 'refused', fault: 'wrong-sender', why: /does not ask/ },
  ])
})

t.test('nor is one given that was asked of somebody else', async (t) => {
  const world = makePair(t)
  const { tree, me, peer } = world
  enrol(t, world, 'cache')
  asks(tree, me.address, 'cache@laptop', here)
  publish(tree, message())
  t.equal(receive(tree, peer.address, QUERY), undefined)
  t.match(entriesOf(tree, Q), [{ fault: 'wrong-sender', why: /asks it of cache@laptop/ }])
})

t.test('nor one whose file in asks/ names a process of another peer', async (t) => {
  const world = makePair(t)
  const { tree, me, peer } = world
  const other = enrol(t, world, 'cache')
  asks(tree, me.address, peer.address, other.process)
  publish(tree, message())
  t.equal(receive(tree, peer.address, QUERY), undefined)
  t.match(entriesOf(tree, Q), [{ fault: 'wrong-sender', why: /not one of frontend@laptop/ }])
})

t.test('nor one in the name of a person that an agent asks', async (t) => {
  const { tree, me, peer, dir } = makePair(t)
  const ada = registerPerson(tree, 'ada', startProcess(t).mark, dir)
  asks(tree, ada.address, peer.address, me.process)
  publish(tree, message({ from: ada.address }))
  t.equal(receive(tree, peer.address, QUERY), undefined)
  t.match(entriesOf(tree, Q), [{ fault: 'wrong-sender' }])
})

t.test('a child of the asker may wait for it, and a process that is over is believed', async (t) => {
  const { tree, me, peer } = makePair(t)
  for (const process of [here, startProcess(t).mark, gone]) {
    asks(tree, me.address, peer.address, process)
    lay(tree, 'new', { id: Q, kind: 'notice' }) // another kind of the same id disturbs nothing
    publish(tree, message())
    t.ok(receive(tree, peer.address, QUERY), String(process.pid))
  }
  t.equal(agentAbove(tree, startProcess(t).pid)?.address, me.address)
})

t.test('a notice from a peer that there is not is refused', async (t) => {
  const { tree, peer } = makePair(t)
  const file = lay(tree, 'new', { kind: 'notice', from: 'nobody@laptop' })
  t.equal(receive(tree, peer.address, { id: Q, kind: 'notice', file }), undefined)
  t.strictSame(mailOf(tree, peer.address), [`dead/${file}`])
})

t.test('of another host only a signature tells', async (t) => {
  const { tree, peer } = makePair(t)
  publish(tree, message({ from: 'web@desktop' }))
  t.equal(receive(tree, peer.address, QUERY), undefined)
  t.match(entriesOf(tree, Q), [{ fault: 'unsigned' }])
})

t.test('an answer of somebody who was not asked is refused, and the waiter waits on', async (t) => {
  const world = makePair(t)
  const { tree, me } = world
  enrol(t, world, 'cache')
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'x' })
  publish(tree, message({ id, kind: 'reply', from: 'cache@laptop', to: me.address }))
  t.equal(await awaitReply(tree, me.address, here, id, waitOf(1)), undefined)
  t.strictSame(mailOf(tree, me.address), [`asks/${id}.late.json`, `dead/${id}.reply.json`])
})

t.test('an answer that nobody waits for is filed, from whomever it is', async (t) => {
  const { tree, me } = makePair(t)
  const file = lay(tree, 'new', { kind: 'reply', from: 'cache@laptop', to: me.address })
  t.ok(fileUnwanted(tree, me.address, { id: Q, kind: 'reply', file }))
  t.strictSame(mailOf(tree, me.address), [`done/${file}`])
})

for (const label of ['laptop', 'elsewhere']) {
  t.test(`an agent stays who it is with a state directory of its own, whose host is ${label}`, async (t) => {
    const { dir, env, me } = makePair(t)
    const state = join(dir, 'own')
    mkdirSync(state, { mode: 0o700 })
    const host_id = label === 'laptop' ? HOST_ID : '1'.repeat(32)
    writeFileSync(join(state, 'host.json'), JSON.stringify({ label, host_id }))
    const tree = openTree({ ...env, REPOWIRE_STATE: state })
    t.equal(agentAbove(tree, startProcess(t).pid)?.address, me.address)
  })
}

t.test('a process that has outlived its client, or the shell that started it, is believed', async (t) => {
  const { tree, peer, ...world } = makePair(t)
  const shell = spawn('sh', ['-c', 'cat <&3 >/dev/null & echo $!; read over'], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  })
  const [line] = (await once(shell.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  const orphan = markOf(Number(line)) as ProcessMark
  const asker = enrol(t, { tree, ...world }, 'asker', { process: markOf(shell.pid as number) })
  asks(tree, asker.address, peer.address, orphan)
  publish(tree, message({ from: asker.address }))
  shell.kill('SIGKILL')
  await once(shell, 'exit')
  t.equal(liveness(orphan), 'alive')
  t.ok(receive(tree, peer.address, QUERY))
  process.kill(orphan.pid, 'SIGKILL')
})
