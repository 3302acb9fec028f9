// Who waits for whom, and which question breaks the circle. mailbox-spec §9.

import t from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { whoWants } from '../../src/spool/asks.ts'
import { claim } from '../../src/spool/moves.ts'
import { type Pause, pause } from '../../src/spool/pause.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { takeCounterQuestion } from '../../src/verbs/counter-question.ts'
import { notify } from '../../src/verbs/notify.ts'
import { reply } from '../../src/verbs/reply.ts'
import { enrol, here, mailOf, makePair, mockFs, startProcess, type World, waitOf } from '../world.ts'

const asks = ({ tree }: World, from: Card, to: string) =>
  ask(tree, from.address, from.process, { peer: to, body: `${from.address} asks` }).id

t.test(
  'of two that ask each other, the one that is asked back gets the question at once, and its own is late',
  async (t) => {
    const world = makePair(t)
    const { tree, me, peer } = world
    const mine = asks(world, me, 'backend')
    const waits = awaitReply(tree, me.address, here, mine, { ...waitOf(60_000), counter: true })
    const theirs = asks(world, peer, 'frontend')
    t.match(await waits, { kind: 'query', id: theirs, from: peer.address })
    t.strictSame(mailOf(tree, me.address), [`asks/${mine}.late.json`, `open/${theirs}.query.json`])

    reply(tree, me.address, theirs, 'first this')
    t.match(await awaitReply(tree, peer.address, here, theirs, waitOf(0)), { body: 'first this' })
    reply(tree, peer.address, mine, 'now that')
    t.match(await awaitReply(tree, me.address, here, mine, { ...waitOf(0), counter: true }), {
      body: 'now that',
    })
  },
)

t.test('a circle of three is broken too', async (t) => {
  const world = makePair(t)
  const cache = enrol(t, world, 'cache')
  asks(world, world.me, 'backend')
  asks(world, world.peer, 'cache')
  const last = asks(world, cache, 'frontend')
  t.match(takeCounterQuestion(world.tree, world.me.address), { id: last })
  t.strictSame(mailOf(world.tree, world.me.address).at(-1), `open/${last}.query.json`)
  t.equal(takeCounterQuestion(world.tree, world.me.address), undefined, 'and is taken once')
})

t.test('the question of a peer that nobody waits for stays where it is', async (t) => {
  const world = makePair(t)
  const cache = enrol(t, world, 'cache')
  asks(world, world.me, 'backend')
  const other = asks(world, cache, 'frontend')
  t.equal(takeCounterQuestion(world.tree, world.me.address), undefined)
  t.ok(mailOf(world.tree, world.me.address).includes(`new/${other}.query.json`))
})

const urges = ({ tree }: World, from: Card, to: string) =>
  ask(tree, from.address, from.process, { peer: to, body: 'now', urgent: true }).id

t.test('an urgent question ends the wait, whoever asks it', async (t) => {
  const world = makePair(t)
  const { tree, me } = world
  const cache = enrol(t, world, 'cache')
  const mine = asks(world, me, 'backend')
  const waits = awaitReply(tree, me.address, here, mine, { ...waitOf(60_000), counter: true })
  const urgent = urges(world, cache, 'frontend')
  t.match(await waits, { kind: 'query', id: urgent, from: cache.address })
  t.strictSame(mailOf(tree, me.address), [`asks/${mine}.late.json`, `open/${urgent}.query.json`])
})

t.test('a paused peer is not disturbed by an urgent question while it waits', async (t) => {
  const world = makePair(t)
  const { tree, me } = world
  const cache = enrol(t, world, 'cache')
  asks(world, me, 'backend')
  urges(world, cache, 'frontend')
  pause(tree, me.address, { since: '2026-11-27T00:00:00Z' } as Pause)
  t.equal(takeCounterQuestion(tree, me.address), undefined)
})

t.test('an urgent question in the queue of its client ends the wait, and stays there', async (t) => {
  const world = makePair(t)
  const { tree, me } = world
  const cache = enrol(t, world, 'cache')
  const mine = asks(world, me, 'backend')
  const urgent = urges(world, cache, 'frontend')
  claim(tree, me.address, `${urgent}.query.json`)
  const asked: string[] = []
  const queued = ({ id }: { id: string }) => asked.push(id) === 2
  const wait = { ...waitOf(60_000), counter: true, queued }
  t.equal(await awaitReply(tree, me.address, here, mine, wait), undefined)
  t.strictSame(asked, [urgent, urgent], 'it is asked until it says so')
  t.strictSame(mailOf(tree, me.address), [`asks/${mine}.late.json`, `cur/${urgent}.query.json`])
})

t.test('another question in cur does not end a wait', async (t) => {
  const world = makePair(t)
  const { tree, me } = world
  const cache = enrol(t, world, 'cache')
  const mine = asks(world, me, 'backend')
  claim(tree, me.address, `${asks(world, cache, 'frontend')}.query.json`)
  const wait = { ...waitOf(200), counter: true, queued: () => t.fail('it was asked') }
  t.equal(await awaitReply(tree, me.address, here, mine, wait), undefined)
})

t.test('who does not wait is asked in the usual way', async (t) => {
  const world = makePair(t)
  asks(world, world.peer, 'frontend')
  t.equal(takeCounterQuestion(world.tree, world.me.address), undefined)
})

t.test('a wait that is late, or whose process died, is no edge', async (t) => {
  const world = makePair(t)
  const { tree, me, peer } = world
  const waiter = startProcess(t)
  const { id } = ask(tree, me.address, waiter.mark, { peer: 'backend', body: 'x' })
  const back = asks(world, peer, 'frontend')
  await waiter.end()
  t.equal(takeCounterQuestion(tree, me.address), undefined)
  await awaitReply(tree, me.address, here, id, waitOf(0))
  t.equal(whoWants(tree, me.address, id), 'late')
  t.equal(takeCounterQuestion(tree, me.address), undefined)
  t.ok(mailOf(tree, me.address).includes(`new/${back}.query.json`))
})

t.test('a notice of the one that is waited for does not end the wait', async (t) => {
  const world = makePair(t)
  asks(world, world.me, 'backend')
  notify(world.tree, world.peer.address, 'frontend', 'x')
  t.equal(takeCounterQuestion(world.tree, world.me.address), undefined)
})

t.test('an answer that is there comes before a question', async (t) => {
  const world = makePair(t)
  const { tree, me, peer } = world
  const mine = asks(world, me, 'backend')
  asks(world, peer, 'frontend')
  reply(tree, peer.address, mine, 'the answer')
  t.match(await awaitReply(tree, me.address, here, mine, { ...waitOf(60_000), counter: true }), {
    kind: 'reply',
  })
})

t.test('a person, who cannot be asked, waits on', async (t) => {
  const world = makePair(t)
  const { tree, me, peer } = world
  const mine = asks(world, me, 'backend')
  asks(world, peer, 'frontend')
  t.equal(await awaitReply(tree, me.address, here, mine, waitOf(1)), undefined)
})

t.test('a circle of asks that stands already does not make the search endless', async (t) => {
  const world = makePair(t)
  asks(world, world.me, 'backend')
  asks(world, world.peer, 'frontend')
  let opened = 0
  mockFs(t, 'openSync', (real) => (path: string, flags: number, mode?: number) => {
    opened += 1
    return real(path, flags, mode)
  })
  t.ok(takeCounterQuestion(world.tree, world.me.address))
  t.ok(takeCounterQuestion(world.tree, world.peer.address))
  t.ok(opened < 100, `${opened} files were opened`)
})
