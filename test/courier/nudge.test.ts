// Beside a server that takes what Syncthing is told: of which messages, when, and how often.

import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeNudger } from '../../src/courier/nudge.ts'
import { fileName, messagePath } from '../../src/protocol/layout.ts'
import type { Message } from '../../src/protocol/message.ts'
import { pinHost } from '../../src/spool/allowed.ts'
import { keepSent } from '../../src/spool/outbox.ts'
import { writeShare } from '../../src/spool/share.ts'
import { ownPublicKey } from '../../src/spool/signing.ts'
import { openTree, type Tree } from '../../src/spool/tree.ts'
import { ask } from '../../src/verbs/ask.ts'
import { enrol, here, makeWorld, message, place, Q, until } from '../world.ts'

const NEVER_MS = 3_600_000

/** A host beside another one, with a share; `told`: the paths that its Syncthing was told of. */
async function makeShared(t: Test) {
  const world = makeWorld(t)
  const told: string[] = []
  const server = createServer(({ url = '' }, response) => {
    told.push(...new URL(url, 'http://localhost').searchParams.getAll('sub'))
    response.end()
  }).listen(0, '127.0.0.1')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  writeShare(world.tree, { kind: 'syncthing', api, key: 'k', folder: 'f', prefix: 'deep/' })
  const state = join(world.dir, 'desk')
  mkdirSync(state, { mode: 0o700 })
  writeFileSync(join(state, 'host.json'), JSON.stringify({ label: 'desk', host_id: 'cd'.repeat(16) }))
  const desk = openTree({ ...world.env, REPOWIRE_STATE: state })
  pinHost(world.tree, { host: 'desk', host_id: '', key: ownPublicKey(desk) })
  return { world, desk, told, me: enrol(t, world, 'frontend', { process: here }) }
}

function startNudger(t: Test, tree: Tree, lookMs: number) {
  const nudger = makeNudger(tree, { lookMs })
  t.teardown(nudger.close)
  nudger.look()
}

const pathOf = (to: string, id: string) => `deep/${messagePath(to, 'new', fileName(id, 'query'))}`

t.test(
  'Syncthing is told of a message at once, also of the first one into a mailbox that has just appeared',
  async (t) => {
    const { world, desk, told, me } = await makeShared(t)
    startNudger(t, world.tree, NEVER_MS)
    // The first may come before anything is watched.
    for (const name of ['backend', 'api']) {
      const { address } = enrol(t, { ...world, tree: desk }, name)
      const { id } = ask(world.tree, me.address, here, { peer: address, body: 'Which port?' })
      await until(() => told.includes(pathOf(address, id)))
    }
  },
)

t.test('what no event has told of is found by looking, once it is published', async (t) => {
  const { world, told } = await makeShared(t)
  // Again and again: the first two looks come with the start.
  const all = [...'2389'].map((last) => message({ to: 'backend@desk', id: Q.slice(0, -1) + last }))
  const textOf = (sent: Message) => `${JSON.stringify(sent)}\n`
  for (const sent of all) keepSent(world.tree, sent, textOf(sent))
  startNudger(t, world.tree, 10)
  for (const sent of all) {
    place(world.tree, sent.to, 'new', fileName(sent.id, 'query'), textOf(sent))
    await until(() => told.includes(pathOf(sent.to, sent.id)))
  }
})

t.test('Syncthing is told once, and of nothing that stays on this host', async (t) => {
  const { world, desk, told, me } = await makeShared(t)
  startNudger(t, world.tree, 10)
  const near = enrol(t, world, 'backend').address
  const far = enrol(t, { ...world, tree: desk }, 'backend').address
  const asked = (peer: string) => ask(world.tree, me.address, here, { peer, body: 'Which port?' }).id
  asked(near)
  const first = asked(far)
  await until(() => told.includes(pathOf(far, first)))
  const second = asked(far)
  await until(() => told.includes(pathOf(far, second)))
  t.strictSame(told, [pathOf(far, first), pathOf(far, second)])
})
