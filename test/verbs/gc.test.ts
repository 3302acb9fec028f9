// What is over is removed after a while; what somebody still needs is not. mailbox-spec §12

import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { blockOn } from '../../src/spool/asks.ts'
import { readCard, replaceCard } from '../../src/spool/cards.ts'
import { record } from '../../src/spool/journal.ts'
import { gc } from '../../src/verbs/gc.ts'
import { leave } from '../../src/verbs/leave.ts'
import { enrol, filesIn, gone, here, lay, mailOf, makePair, makeWorld, Q } from '../world.ts'

const DAY_MS = 86_400_000
const OLD = '20250101t000000000z-00000000'

/** The clock of this process runs so many days ahead of the files. */
function later(t: Test, days: number): void {
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => now() + days * DAY_MS
}

for (const state of ['done', 'dead'] as const) {
  t.test(`what has been in ${state}/ for 30 days is removed, and not a day before`, async (t) => {
    const { tree, peer } = makePair(t)
    const file = lay(tree, state, { id: OLD, kind: 'notice' })
    later(t, 29)
    t.strictSame(gc(tree).messages, [])
    later(t, 2)
    t.strictSame(gc(tree, { dryRun: true }).messages, [`inbox/${peer.address}/${state}/${file}`])
    t.strictSame(mailOf(tree, peer.address), [`${state}/${file}`], 'a dry run removes nothing')
    gc(tree)
    t.strictSame(mailOf(tree, peer.address), [])
  })
}

for (const state of ['new', 'cur', 'open', 'held'] as const) {
  t.test(`what is in ${state}/ is never removed, however old it is`, async (t) => {
    const { tree, peer } = makePair(t)
    const file = lay(tree, state, { id: OLD, kind: 'query' })
    later(t, 400)
    t.strictSame(gc(tree).messages, [])
    t.ok(mailOf(tree, peer.address).includes(`${state}/${file}`))
  })
}

t.test(
  'a message with a young id is not even looked at, and one whose id is of a time to come is',
  async (t) => {
    const { tree } = makePair(t)
    const young = `${new Date(Date.now() + 31 * DAY_MS).toISOString().toLowerCase().replace(/[-:.]/g, '')}-00000000`
    lay(tree, 'done', { id: young, kind: 'notice' })
    const wrong = lay(tree, 'done', { id: '29990101t000000000z-00000000', kind: 'notice' })
    later(t, 32)
    t.strictSame(gc(tree).messages, [`inbox/backend@laptop/done/${wrong}`])
  },
)

t.test('a reply stays while its question is not closed: the next Stop would send another', async (t) => {
  const { tree, me, peer } = makePair(t)
  lay(tree, 'open', { id: OLD })
  const file = lay(tree, 'done', { id: OLD, kind: 'reply', from: peer.address, to: me.address })
  later(t, 31)
  t.match(gc(tree), { messages: [], cards: [], kept: [`inbox/${me.address}/done/${file}`] })
})

t.test('a question stays while its asker has no answer, and a cancel while its question waits', async (t) => {
  const { tree, me, peer } = makePair(t)
  const query = lay(tree, 'done', { id: OLD })
  blockOn(tree, me.address, { id: OLD, to: peer.address, process: here, since: '' })
  lay(tree, 'cur')
  const cancel = lay(tree, 'done', { id: Q, kind: 'cancel' })
  later(t, 800)
  t.strictSame(
    gc(tree).kept.sort(),
    [`inbox/backend@laptop/done/${query}`, `inbox/backend@laptop/done/${cancel}`].sort(),
  )
})

t.test('an exchange stays while a follow-up to it is on its way', async (t) => {
  const { tree, me, peer } = makePair(t)
  lay(tree, 'done', { id: OLD })
  lay(tree, 'done', { id: OLD, kind: 'reply', from: peer.address, to: me.address })
  lay(tree, 'new', { id: Q, in_reply_to: OLD, thread: OLD })
  later(t, 31)
  t.equal(gc(tree).kept.length, 2)
})

t.test('what cannot be read is removed in time like everything else', async (t) => {
  const { tree } = makePair(t)
  lay(tree, 'dead', { id: OLD, kind: 'notice', to: 'backend@laptop', body: 7 as unknown as string })
  later(t, 31)
  t.equal(gc(tree).messages.length, 1)
})

t.test('the limit bounds one go, and the next goes on', async (t) => {
  const { tree } = makePair(t)
  for (const n of [1, 2, 3]) lay(tree, 'done', { id: `${OLD.slice(0, -1)}${n}`, kind: 'notice' })
  later(t, 31)
  t.equal(gc(tree, { limit: 2 }).messages.length, 2)
  t.equal(gc(tree, { limit: 2 }).messages.length, 1)
})

t.test('the card of a peer that left 30 days ago is retired, and its name is free', async (t) => {
  const world = makeWorld(t)
  const card = enrol(t, world, 'stale', { process: gone })
  leave(world.tree, card, 'exit')
  later(t, 29)
  t.strictSame(gc(world.tree).cards, [])
  later(t, 2)
  t.strictSame(gc(world.tree).cards, [card.address])
  t.equal(readCard(world.tree, card.address), undefined)
})

t.test(
  'not the card of a living peer, nor one with mail, nor one whose notice is still unread',
  async (t) => {
    const world = makePair(t)
    const { tree } = world
    enrol(t, world, 'waited-for', { process: gone })
    lay(tree, 'new', { kind: 'notice', to: 'waited-for@laptop', from: 'wrote@laptop' })
    enrol(t, world, 'wrote', { process: gone })
    later(t, 31)
    t.strictSame(gc(tree).cards, [])
  },
)

t.test('not the card of a peer that left only now, however long it has lived', async (t) => {
  const world = makeWorld(t)
  const card = enrol(t, world, 'old', { process: gone })
  replaceCard(world.tree, { ...card, registered: '2020-01-01T00:00:00.000Z' })
  leave(world.tree, card, 'exit')
  t.strictSame(gc(world.tree).cards, [])
})

t.test('journals of old days go, and the one of today stays', async (t) => {
  const { tree } = makeWorld(t)
  record(tree, 'left', 'backend@laptop')
  const [today] = filesIn(tree.state).filter((file) => file.startsWith('journal/')) as [string]
  t.strictSame(gc(tree).journals, [])
  utimesSync(join(tree.state, today), new Date(0), new Date(0))
  t.strictSame(gc(tree).journals, [today])
})
