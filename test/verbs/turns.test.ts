// How many turns two agents may cause each other. mailbox-spec §9.5

import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { HOUR_MS, noteTurn, turnsOfLastHour } from '../../src/spool/turns.ts'
import { ask } from '../../src/verbs/ask.ts'
import { broadcast } from '../../src/verbs/broadcast.ts'
import { notify } from '../../src/verbs/notify.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { sweep } from '../../src/verbs/sweep.ts'
import { codeThrown, enrol, filesIn, here, mailOf, makePair, mockFs, thrown, type World } from '../world.ts'

const PAIR = 'backend@laptop+frontend@laptop'
const MINUTE_MS = 60_000

const asks = ({ tree }: World, from: Card, to: Card) =>
  ask(tree, from.address, from.process, { peer: to.address, body: 'x' })

/** A pair of which each may cause the other so many turns. */
function makeLimited(t: Test, turns_per_hour: number) {
  const world = makePair(t)
  writeFileSync(join(world.tree.root, 'config.json'), JSON.stringify({ turns_per_hour }))
  return world
}

/** The pair caused turns so many ms ago; negative: at a time that has not come. */
function layTurns(world: World, ...ago: number[]): void {
  noteTurn(world.tree, 'frontend@laptop', 'backend@laptop')
  const lines = ago.map((ms) => `${Date.now() - ms}\n`).join('')
  writeFileSync(join(world.tree.state, 'turns', PAIR), lines)
}

const linesOf = (tree: Tree) =>
  readFileSync(join(tree.state, 'turns', PAIR), 'utf8')
    .split('\n')
    .slice(0, -1)

t.test(
  'questions and waking notices of both directions count together, and one too many is refused',
  async (t) => {
    const world = makeLimited(t, 3)
    const { tree, me, peer } = world
    asks(world, me, peer)
    asks(world, peer, me)
    notify(tree, me.address, 'backend', 'x')
    const before = filesIn(tree.root)
    const error = thrown(() => asks(world, peer, me))
    t.equal(error.code, 'too-many-turns')
    t.match(error.message, /3 turns within an hour/)
    t.match(error.next, /The next is possible in 60 min, at \d{4}-.*Z\. "turns_per_hour" in config\.json/)
    t.equal(
      codeThrown(() => notify(tree, me.address, 'backend', 'x')),
      'too-many-turns',
    )
    t.strictSame(filesIn(tree.root), before, 'and nothing is written')
    t.equal(linesOf(tree).length, 3)
  },
)

t.test('a quiet notice causes no turn: it is neither counted nor refused', async (t) => {
  const { tree, me, peer } = makeLimited(t, 1)
  notify(tree, me.address, 'backend', 'x', false)
  broadcast(tree, me.address, 'x')
  t.strictSame(turnsOfLastHour(tree, me.address, peer.address), [])
  notify(tree, me.address, 'backend', 'x')
  notify(tree, peer.address, 'frontend', 'seen', false)
  t.equal(turnsOfLastHour(tree, me.address, peer.address).length, 1)
})

t.test('what another pair does counts for that pair', async (t) => {
  const world = makeLimited(t, 1)
  const cache = enrol(t, world, 'cache')
  asks(world, world.me, world.peer)
  asks(world, world.me, cache)
  t.equal(
    codeThrown(() => asks(world, cache, world.me)),
    'too-many-turns',
  )
})

t.test('a waking broadcast counts for each pair, and leaves out whom it would wake too often', async (t) => {
  const world = makeLimited(t, 1)
  const { tree, me, peer } = world
  enrol(t, world, 'cache')
  asks(world, me, peer)
  const { reached, missed } = broadcast(tree, me.address, 'x', { wake: true })
  t.match(reached, [{ to: 'cache@laptop' }])
  t.match(missed, [{ to: 'backend@laptop', why: /\[too-many-turns\]/ }])
  t.equal(turnsOfLastHour(tree, me.address, 'cache@laptop').length, 1)
})

t.test('a waking broadcast that is repeated says who has it already, however often it woke', async (t) => {
  const { tree, me, peer } = makeLimited(t, 1)
  const { id } = broadcast(tree, me.address, 'x', { wake: true })
  const again = broadcast(tree, me.address, 'x', { wake: true, id })
  t.match(again, { reached: [{ to: peer.address, again: true }], missed: [] })
  t.equal(turnsOfLastHour(tree, me.address, peer.address).length, 1)
})

t.test('an hour later it is possible again, and the error says when', async (t) => {
  const world = makeLimited(t, 2)
  layTurns(world, HOUR_MS + 1, HOUR_MS - 10 * MINUTE_MS, 5 * MINUTE_MS)
  t.match(thrown(() => asks(world, world.me, world.peer)).next, /in 10 min/)
  layTurns(world, HOUR_MS + 2, HOUR_MS + 1, 5 * MINUTE_MS)
  t.ok(asks(world, world.me, world.peer))
})

t.test('a clock that was set back by hours holds nobody up', async (t) => {
  const world = makeLimited(t, 1)
  layTurns(world, -3 * HOUR_MS, -3 * HOUR_MS)
  t.ok(asks(world, world.me, world.peer))
  t.equal(
    codeThrown(() => asks(world, world.me, world.peer)),
    'too-many-turns',
    'and the next one is counted',
  )
})

t.test('a clock that was set back by seconds forgets nothing', async (t) => {
  const world = makeLimited(t, 1)
  layTurns(world, -5_000)
  t.equal(
    codeThrown(() => asks(world, world.me, world.peer)),
    'too-many-turns',
  )
})

t.test('0 sets no limit', async (t) => {
  const world = makeLimited(t, 0)
  layTurns(world, ...Array.from({ length: 200 }, () => 1))
  t.ok(asks(world, world.me, world.peer))
})

t.test('without settings sixty turns are possible', async (t) => {
  const world = makePair(t)
  layTurns(world, ...Array.from({ length: 59 }, () => 1))
  t.ok(asks(world, world.me, world.peer))
  t.equal(
    codeThrown(() => asks(world, world.me, world.peer)),
    'too-many-turns',
  )
})

t.test('a person at a shell is not counted, nor is what a person is told', async (t) => {
  const world = makeLimited(t, 1)
  const { tree, me } = world
  const ada = registerPerson(tree, 'ada', here, world.dir)
  for (const _ of [1, 2, 3]) {
    ask(tree, ada.address, here, { peer: 'backend', body: 'x' })
    notify(tree, ada.address, 'backend', 'x')
    notify(tree, me.address, 'ada', 'x')
  }
  t.strictSame(
    filesIn(tree.state).filter((file) => file.startsWith('turns/')),
    [],
  )
})

t.test('a question that could not be published is not counted', async (t) => {
  const { tree, me, peer } = makeLimited(t, 1)
  const body = 'x'.repeat(300_000)
  t.equal(
    codeThrown(() => ask(tree, me.address, here, { peer: 'backend', body })),
    'too-large',
  )
  t.strictSame(turnsOfLastHour(tree, me.address, peer.address), [])
})

t.test('a question that cannot be counted was asked all the same', async (t) => {
  const { tree, me, peer } = makeLimited(t, 1)
  const said = t.capture(process.stderr, 'write', () => true)
  mockFs(t, 'openSync', (real) => (path: string, flags: string, mode?: number) => {
    if (String(path).includes('/turns/')) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    return real(path, flags, mode)
  })
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'x' })
  t.strictSame(mailOf(tree, peer.address), [`new/${id}.query.json`])
  t.match(said(), [{ args: ['repowire: a turn is not counted (no space)\n'] }])
})

t.test('a torn line costs itself', async (t) => {
  const { tree, me, peer } = makePair(t)
  noteTurn(tree, me.address, peer.address)
  writeFileSync(join(tree.state, 'turns', PAIR), '179\n\nx\n', { flag: 'a' })
  t.equal(turnsOfLastHour(tree, me.address, peer.address).length, 1)
})

t.test('a file that has grown large is written anew with what still counts', async (t) => {
  const world = makePair(t)
  layTurns(world, ...Array.from({ length: 400 }, () => 2 * HOUR_MS), 1, 1)
  noteTurn(world.tree, 'backend@laptop', 'frontend@laptop')
  t.equal(linesOf(world.tree).length, 3)
  layTurns(world, ...Array.from({ length: 400 }, () => 1))
  noteTurn(world.tree, 'backend@laptop', 'frontend@laptop')
  t.equal(linesOf(world.tree).length, 401, 'where all of it counts nothing is gained')
})

t.test('the sweeper removes the count of a pair that has been still for an hour', async (t) => {
  const { tree, me, peer } = makePair(t)
  noteTurn(tree, me.address, peer.address)
  sweep(tree)
  t.strictSame(readdirSync(join(tree.state, 'turns')), [PAIR])
  const before = (Date.now() - HOUR_MS - 1) / 1_000
  utimesSync(join(tree.state, 'turns', PAIR), before, before)
  sweep(tree)
  t.strictSame(readdirSync(join(tree.state, 'turns')), [])
})
