// Questions that lead to questions. mailbox-spec §9.5

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { ask } from '../../src/verbs/ask.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { reply } from '../../src/verbs/reply.ts'
import { codeThrown, enrol, filesIn, lay, makePair, Q, read, thrown, type World } from '../world.ts'

const asks = ({ tree }: World, from: Card, to: Card) =>
  ask(tree, from.address, from.process, { peer: to.address, body: 'x' }).id

/** Asks, and the peer takes the question. */
function askAndOpen(world: World, from: Card, to: Card): string {
  const id = asks(world, from, to)
  takeInbox(world.tree, to, true)
  return id
}

const depthOf = ({ tree }: World, to: Card, id: string) =>
  read(tree, to.address, 'open', `${id}.query.json`).depth

const setDepth = ({ tree }: World, chain_depth: number) =>
  writeFileSync(join(tree.root, 'config.json'), JSON.stringify({ chain_depth }))

t.test('a question of an agent that was asked says how many questions led to it', async (t) => {
  const world = makePair(t)
  const cache = enrol(t, world, 'cache')
  t.equal(depthOf(world, world.peer, askAndOpen(world, world.me, world.peer)), undefined)
  t.equal(depthOf(world, cache, askAndOpen(world, world.peer, cache)), 1)
  t.equal(depthOf(world, world.me, askAndOpen(world, cache, world.me)), 2)
})

t.test('of several open questions the deepest counts', async (t) => {
  const world = makePair(t)
  const cache = enrol(t, world, 'cache')
  lay(world.tree, 'open', { id: Q, depth: 4 })
  askAndOpen(world, world.me, world.peer)
  t.equal(depthOf(world, cache, askAndOpen(world, world.peer, cache)), 5)
})

t.test('a chain that is too deep is refused with the whole chain, and nothing is written', async (t) => {
  const world = makePair(t)
  const { tree, me, peer } = world
  const cache = enrol(t, world, 'cache')
  setDepth(world, 1)
  askAndOpen(world, me, peer)
  const last = askAndOpen(world, peer, cache)
  const before = filesIn(tree.root)
  const error = thrown(() => asks(world, cache, me))
  t.equal(error.code, 'chain-too-deep')
  t.match(error.message, 'frontend@laptop asked backend@laptop, backend@laptop asked cache@laptop.')
  t.match(error.next, `reply_peer with id "${last}"`)
  t.strictSame(filesIn(tree.root), before)
})

t.test('who has answered may ask again', async (t) => {
  const world = makePair(t)
  setDepth(world, 0)
  const id = askAndOpen(world, world.me, world.peer)
  t.equal(
    codeThrown(() => asks(world, world.peer, world.me)),
    'chain-too-deep',
  )
  reply(world.tree, world.peer.address, id, 'answered')
  t.ok(asks(world, world.peer, world.me))
})

t.test('without settings eight questions may lead to one', async (t) => {
  const world = makePair(t)
  const cache = enrol(t, world, 'cache')
  lay(world.tree, 'open', { id: Q, depth: 7 })
  t.ok(asks(world, world.peer, cache))
  lay(world.tree, 'open', { id: `${Q.slice(0, -1)}9`, depth: 8 })
  t.equal(
    codeThrown(() => asks(world, world.peer, cache)),
    'chain-too-deep',
  )
})

t.test('two that ask each other in a circle are shown it once around, not for ever', async (t) => {
  const world = makePair(t)
  setDepth(world, 3)
  askAndOpen(world, world.me, world.peer)
  askAndOpen(world, world.peer, world.me)
  askAndOpen(world, world.me, world.peer)
  askAndOpen(world, world.peer, world.me)
  const { message } = thrown(() => asks(world, world.me, world.peer))
  t.equal(message.match(/@laptop asked /g)?.length, 4)
})
