// How long a name is kept, for whom, and what a former name still has to do. mailbox-spec §5, §12

import t, { type Test } from 'tap'
import { attend } from '../../src/courier/attend.ts'
import { blockOn, goLate } from '../../src/spool/asks.ts'
import { readCard, replaceCard } from '../../src/spool/cards.ts'
import { pause, pauseOf } from '../../src/spool/pause.ts'
import { publish } from '../../src/spool/publish.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { addressPeer } from '../../src/verbs/address-peer.ts'
import { ask } from '../../src/verbs/ask.ts'
import { gc } from '../../src/verbs/gc.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { leave } from '../../src/verbs/leave.ts'
import { notify } from '../../src/verbs/notify.ts'
import { rename } from '../../src/verbs/rename.ts'
import { reply } from '../../src/verbs/reply.ts'
import {
  codeThrown,
  enrol,
  gone,
  here,
  mailOf,
  makePair,
  makeWorld,
  message,
  place,
  Q,
  read,
} from '../world.ts'

const DAY_MS = 86_400_000
const FORMER = 'backend@laptop'
const asked = { peer: 'backend', body: 'Which port?' }
const memory = () => ({ attempts: new Map(), typedBefore: new Set<string>(), known: new Map() })

/** The clock of this process runs so many days ahead of the files. */
function later(t: Test, days: number): void {
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => now() + days * DAY_MS
}

function mailIn(tree: Tree, address: string): string[] {
  return readCard(tree, address) === undefined ? [] : mailOf(tree, address)
}

t.test('a former name is kept for thirty days from the rename, however old its peer is', async (t) => {
  const { tree, me, peer } = makePair(t)
  later(t, 31)
  rename(tree, peer, 'api')
  gc(tree)
  t.equal(addressPeer(tree, me.address, 'backend').address, 'api@laptop')
  later(t, 31)
  t.strictSame(gc(tree).cards, [FORMER])
})

t.test('a former name by which mail is on its way stays, and the mail can be read', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = notify(tree, me.address, 'backend', 'main is frozen')
  const card = rename(tree, peer, 'api')
  later(t, 31)
  t.strictSame(gc(tree).cards, [])
  await attend(tree, card, memory())
  t.strictSame(
    takeInbox(tree, card, true).map((notice) => notice.id),
    [id],
  )
})

t.test('a former name stays while a question to it is open, and its asker gets the answer', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  const card = rename(tree, peer, 'api')
  goLate(tree, me.address, id)
  takeInbox(tree, card, true)
  later(t, 31)
  t.strictSame(gc(tree).cards, [])
  reply(tree, card.address, id, '8080')
  t.strictSame(gc(tree).cards, [], 'nor while the answer is on its way')
  await attend(tree, me, memory())
  t.match(read(tree, me.address, 'new', `${id}.reply.json`), { body: '8080' })
})

t.test('the former name of who wrote stays while what it wrote is on its way', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = notify(tree, me.address, 'backend', 'main is frozen')
  rename(tree, me, 'web')
  later(t, 31)
  t.strictSame(gc(tree).cards, [])
  t.strictSame(
    takeInbox(tree, peer, true).map((notice) => notice.id),
    [id],
  )
})

t.test('a former name with mail that nobody has moved on stays', async (t) => {
  const { tree, me, peer } = makePair(t)
  rename(tree, peer, 'api')
  replaceCard(tree, { ...peer, renamed: 'api@laptop' })
  publish(tree, message({ kind: 'notice', from: me.address, to: FORMER }))
  later(t, 31)
  t.strictSame(gc(tree).cards, [])
  t.equal(mailIn(tree, FORMER).length, 1)
})

for (const what of ['a question of its own that has no answer', 'a file that nobody can read']) {
  t.test(`the name of a peer that has left long ago stays for ${what}`, async (t) => {
    const world = makePair(t)
    const { tree } = world
    const card = enrol(t, world, 'docs', { process: gone })
    if (what.startsWith('a file')) place(tree, card.address, 'new', `${Q}.query.json`, '{"spec"')
    else blockOn(tree, card.address, { id: Q, to: FORMER, process: gone, since: '' })
    later(t, 31)
    t.strictSame(gc(tree).cards, [])
  })
}

t.test('a name that is retired is free, and whoever gets it is to be disturbed', async (t) => {
  const world = makeWorld(t)
  const card = enrol(t, world, 'backend', { process: gone })
  pause(world.tree, FORMER, { since: '2026-11-22T09:40:00.000Z', by: 'ada@laptop' })
  leave(world.tree, card, 'exit')
  later(t, 31)
  t.strictSame(gc(world.tree, { dryRun: true }).cards, [FORMER])
  t.ok(pauseOf(world.tree, FORMER), 'a dry run changes nothing')
  gc(world.tree)
  t.equal(enrol(t, world, 'backend').address, FORMER)
  t.equal(pauseOf(world.tree, FORMER), undefined)
})

t.test('a former name is refused to everybody else until it is retired', async (t) => {
  const { tree, me, peer } = makePair(t)
  rename(tree, peer, 'api')
  const take = () => codeThrown(() => rename(tree, me, 'backend'))
  t.equal(take(), 'name-taken')
  later(t, 31)
  gc(tree)
  t.equal(take(), undefined)
})
