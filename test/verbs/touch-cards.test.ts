// The dates of cards. A synchroniser may put one back of a card that was replaced meanwhile. mailbox-spec §7.4

import { readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { removeCard, replaceCard } from '../../src/spool/cards.ts'
import { touchCards } from '../../src/verbs/touch-cards.ts'
import { makePair } from '../world.ts'

const LONG_AGO = new Date('2026-01-01T00:00:00Z')
const LATER = new Date('2026-01-02T00:00:00Z')

function makeCard(t: Test, registered: Date) {
  const { tree, peer } = makePair(t)
  const card: Card = { ...peer, registered: registered.toISOString() }
  replaceCard(tree, card)
  const file = join(tree.root, `peers/${card.address}.json`)
  const dated = () => statSync(file).mtimeMs
  const seen = new Map<string, number>()
  return {
    ...{ tree, card, file, dated, seen },
    date: (at: Date) => utimesSync(file, at, at),
    look: () => touchCards(tree, seen, [card]),
  }
}

t.test('a card whose file is dated before it was registered is dated anew, and keeps its text', async (t) => {
  const { file, date, dated, look } = makeCard(t, LATER)
  const text = readFileSync(file, 'utf8')
  date(LONG_AGO)
  look()
  t.ok(dated() > LATER.getTime())
  t.equal(readFileSync(file, 'utf8'), text)
})

t.test('a card whose date goes back while it is registered is dated anew', async (t) => {
  const { date, dated, look } = makeCard(t, LONG_AGO)
  look()
  date(LATER)
  look()
  t.ok(dated() > LATER.getTime())
})

t.test('a card is left alone that is as old as its file, or dated by a clock one tick behind', async (t) => {
  const { date, dated, look } = makeCard(t, LATER)
  for (const behind of [10, 0]) {
    date(new Date(LATER.getTime() - behind))
    look()
    t.equal(dated(), LATER.getTime() - behind)
  }
})

t.test('a card whose registration is in the time to come is dated once', async (t) => {
  const { date, dated, look, seen, card } = makeCard(t, new Date('2999-01-01T00:00:00Z'))
  date(LONG_AGO)
  look()
  const at = dated()
  t.ok(at > LATER.getTime())
  t.equal(seen.get(`${card.address} ${card.registered}`), at)
  date(new Date(at + 1_000))
  look()
  t.equal(dated(), at + 1_000)
})

t.test('a card that is gone stays gone', async (t) => {
  const { tree, card, file, look } = makeCard(t, LATER)
  removeCard(tree, card.address)
  look()
  t.throws(() => statSync(file), { code: 'ENOENT' })
})
