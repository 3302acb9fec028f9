// Three hosts in a chain of real Syncthing nodes: alpha and gamma know only beta, through whose replica everything of theirs goes.

import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { cardPath, fileName, messagePath, type State } from '../../src/protocol/layout.ts'
import { scan } from '../../src/spool/scan.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { broadcast } from '../../src/verbs/broadcast.ts'
import { gc } from '../../src/verbs/gc.ts'
import { handOver } from '../../src/verbs/given.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { notify } from '../../src/verbs/notify.ts'
import { reconcile } from '../../src/verbs/reconcile.ts'
import { repair } from '../../src/verbs/repair.ts'
import { reply } from '../../src/verbs/reply.ts'
import { sweep } from '../../src/verbs/sweep.ts'
import { sortOut } from '../../src/verbs/vouch.ts'
import { enrol, entriesOf, eventsOf, filesIn, here, mailOf, type World, waitOf } from '../world.ts'
import { makeSynced, type Synced, startCouriers } from './synced.ts'
import { settled, until, withoutSyncthing } from './syncthing.ts'
import { answerer, exchange, leftOver } from './two-hosts.ts'

t.setTimeout(120_000)
const skip = withoutSyncthing()

type Three = Synced & { alpha: World; beta: World; gamma: World }

/** What nobody tells Syncthing of, and what its watcher finds only later, is looked for. */
async function crossed({ nodes }: Synced, what: string, holds: () => boolean): Promise<void> {
  await until(what, async () => {
    if (holds()) return true
    await Promise.all(nodes.map((node) => node.rescan()))
    return holds()
  })
}

/** `known`: cards of peers that every host is to know before anybody is asked. */
async function everyoneKnows(synced: Synced, ...known: Card[]): Promise<void> {
  for (const { tree } of synced.worlds)
    for (const { address } of known)
      await crossed(synced, `${tree.host} knows ${address}`, () =>
        existsSync(join(tree.root, cardPath(address))),
      )
  await settled(synced.nodes)
}

const at = ({ tree }: World, address: string, state: State, file: string) =>
  join(tree.root, messagePath(address, state, file))

/** All that a courier does beside delivering, at once and as if everything were old. */
function tidy({ tree }: World): void {
  sortOut(tree)
  repair(tree, new Map(), 0)
  reconcile(tree, new Set())
  sweep(tree)
}

/** What a courier could have done to a file: written, moved, or replaced it. */
function traceOf(file: string): object {
  const { ino, ctimeMs, mtimeMs } = lstatSync(file)
  return { ino, ctimeMs, mtimeMs, text: readFileSync(file, 'utf8') }
}

/** A host that is not its receiver's leaves a file as it is, whatever it looks for. */
function untouched(t: Test, world: World, file: string): void {
  const before = traceOf(file)
  tidy(world)
  gc(world.tree, { days: 0 })
  t.strictSame(traceOf(file), before, file)
}

/** Everybody's mail is over, and lies on each host where it lies on the others. */
async function sameEverywhere(t: Test, synced: Synced, ...peers: Card[]): Promise<void> {
  const { worlds } = synced
  const seen = () => worlds.map(({ tree }) => peers.flatMap(({ address }) => mailOf(tree, address)))
  await crossed(synced, 'the replicas are the same', () => new Set(seen().map(String)).size === 1)
  await settled(synced.nodes)
  for (const world of worlds) {
    t.strictSame(leftOver(world, ...peers), [])
    t.strictSame(
      filesIn(world.tree.root).filter((file) => file.includes('sync-conflict')),
      [],
    )
  }
}

async function goesThrough(t: Test, three: Three): Promise<void> {
  const { alpha, beta, gamma } = three
  const me = enrol(t, alpha, 'asker', { process: here })
  const between = enrol(t, beta, 'between')
  const peer = await answerer(t, gamma, 'backend')
  await everyoneKnows(three, me, between, peer)
  const { body } = await exchange(alpha, me, peer.address, 'Which port?')
  t.equal(body, 'Which port?: yes')
  const told = notify(alpha.tree, me.address, peer.address, 'The port has changed.')
  await crossed(three, 'the notice was taken', () => eventsOf(gamma.tree, told.id).includes('given'))
  const { reached, missed } = broadcast(alpha.tree, me.address, 'All ports have changed.')
  t.strictSame(missed, [])
  t.strictSame(reached.map(({ to }) => to).sort(), [peer.address, between.address].sort())
  const noticeTo = (address: string) => reached.find(({ to }) => to === address)?.id ?? ''
  await crossed(three, 'it came to gamma', () =>
    eventsOf(gamma.tree, noticeTo(peer.address)).includes('given'),
  )
  const isHere = () => scan(beta.tree, between.address, 'new').length > 0
  await crossed(three, 'it came to beta', isHere)
  t.match(takeInbox(beta.tree, between, false), [{ body: 'All ports have changed.' }])
  await sameEverywhere(t, three, me, between, peer)
}

async function staysUntouched(t: Test, three: Three): Promise<void> {
  const { alpha, beta, gamma } = three
  const me = enrol(t, alpha, 'second', { process: here })
  const peer = enrol(t, gamma, 'slow')
  await everyoneKnows(three, me, peer)
  const { id } = ask(alpha.tree, me.address, here, { peer: peer.address, body: 'Which port?' })
  const file = fileName(id, 'query')
  for (const world of [beta, gamma])
    await crossed(three, 'the question came', () => existsSync(at(world, peer.address, 'new', file)))
  await settled(three.nodes)
  untouched(t, beta, at(beta, peer.address, 'new', file))
  t.match(takeInbox(gamma.tree, peer, false), [{ id, body: 'Which port?' }])
  await crossed(three, 'beta sees that it is open', () => existsSync(at(beta, peer.address, 'open', file)))
  await settled(three.nodes)
  untouched(t, beta, at(beta, peer.address, 'open', file))
  reply(gamma.tree, peer.address, id, '8080')
  t.match(await awaitReply(alpha.tree, me.address, here, id, waitOf(30_000)), { body: '8080' })
  handOver(alpha.tree, me, id, 'shell')
  await sameEverywhere(t, three, me, peer)
  untouched(t, beta, at(beta, peer.address, 'done', file))
  t.strictSame(entriesOf(beta.tree, id), [], 'beta has nothing to say about it')
}

async function healsAfterwards(t: Test, three: Three): Promise<void> {
  const { alpha, gamma, nodes } = three
  const [node, ...others] = nodes as [Synced['nodes'][0], ...Synced['nodes']]
  const me = enrol(t, alpha, 'third', { process: here })
  const peer = enrol(t, gamma, 'thinker')
  await everyoneKnows(three, me, peer)
  let asked = ''
  const answered = exchange(alpha, me, peer.address, 'Which port?', (id) => {
    asked = id
  })
  const [query, answer] = [fileName(asked, 'query'), fileName(asked, 'reply')]
  await crossed(three, 'the question came', () => existsSync(at(gamma, peer.address, 'new', query)))
  t.match(takeInbox(gamma.tree, peer, false), [{ id: asked }])
  t.ok(existsSync(at(gamma, peer.address, 'open', query)))
  await node.pause()
  reply(gamma.tree, peer.address, asked, '8080')
  await settled(others)
  for (const { tree } of [three.beta, gamma])
    await crossed(three, `${tree.host} has the answer`, () =>
      mailOf(tree, me.address).includes(`new/${answer}`),
    )
  tidy(gamma)
  tidy(alpha)
  t.notOk(mailOf(alpha.tree, me.address).includes(`new/${answer}`), 'it is not there before it is healed')
  await node.resume()
  t.match(await answered, { id: asked, body: '8080' })
  tidy(gamma)
  tidy(alpha)
  t.equal(eventsOf(alpha.tree, asked).filter((event) => event === 'consumed').length, 1)
  t.equal(eventsOf(gamma.tree, asked).filter((event) => event === 'given').length, 1)
  await sameEverywhere(t, three, me, peer)
}

t.test('three hosts in a chain', { skip }, async (t) => {
  const synced = await makeSynced(t, ['alpha', 'beta', 'gamma'], { nudged: true, chain: true })
  const [alpha, beta, gamma] = synced.worlds as [World, World, World]
  const three = { ...synced, alpha, beta, gamma }
  startCouriers(t, synced.worlds)
  await t.test('a question, a notice and a broadcast go through the host between', (t) =>
    goesThrough(t, three),
  )
  await t.test('the host between neither takes nor touches what is for another one', (t) =>
    staysUntouched(t, three),
  )
  await t.test('what is answered while the network is cut comes once when that is healed', (t) =>
    healsAfterwards(t, three),
  )
})
