// Where a message to another host is, as its sender is told: the moves of that host show late, with gaps, and go back where a root is rolled back.

import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { whereIs } from '../../src/courier/where.ts'
import { messagePath, type State } from '../../src/protocol/layout.ts'
import { createCard } from '../../src/spool/cards.ts'
import { stateThere } from '../../src/verbs/state-there.ts'
import { allow, otherHost } from '../hosts.ts'
import { entriesOf, makePair, message, place, Q, said } from '../world.ts'

const FROM = 'frontend@laptop'
const TO = 'mac@desktop'
const FILE = `${Q}.query.json`

/** A question that was asked of a peer of another host, and lies in new/ there. */
function makeAsked(t: Test) {
  const { tree, peer } = makePair(t)
  const far = otherHost(t, tree, 'desktop')
  createCard(far, { ...peer, address: TO })
  allow(tree, far)
  const it = message({ to: TO })
  said(tree, 'asked', FROM, Q, { to: TO, body: it.body })
  place(tree, TO, 'new', FILE, `${JSON.stringify(it)}\n`)
  const at = (state: State) => join(tree.root, messagePath(TO, state, FILE))
  const move = (from: State, to: State) => renameSync(at(from), at(to))
  const look = () => stateThere(tree, { id: Q, kind: 'query', from: FROM, to: TO })
  return { tree, at, move, look, where: () => whereIs(tree, Q, TO) }
}

t.test('it is where it was seen furthest on, whatever is shown since', async (t) => {
  const { tree, at, move, look } = makeAsked(t)
  t.equal(look(), 'new')
  move('new', 'open')
  t.equal(look(), 'open')
  move('open', 'cur')
  t.equal(look(), 'open', 'it does not go back')
  rmSync(at('cur'))
  t.equal(look(), 'open', 'nowhere is no place')
  t.strictSame(
    entriesOf(tree, Q).flatMap(({ event, state }) => (event === 'seen' ? [state] : [])),
    ['open'],
    'each step is written down once',
  )
  place(tree, TO, 'done', FILE, '')
  t.equal(look(), 'done')
})

t.test('of two directories the more advanced one counts', async (t) => {
  const { tree, look } = makeAsked(t)
  for (const state of ['cur', 'open', 'done'] as const) {
    place(tree, TO, state, FILE, '')
    t.equal(look(), state)
  }
})

t.test('a question whose answer was shown is over, wherever it lies', async (t) => {
  const { tree, look } = makeAsked(t)
  said(tree, 'consumed', FROM, Q)
  t.equal(look(), 'done')
})

t.test('whoever asks is told as of the last sync', async (t) => {
  const { at, move, where } = makeAsked(t)
  t.equal(await where(), `the question waits for ${TO}, as of the last sync`)
  move('new', 'held')
  t.match(
    await where(),
    /held by its host: for its user, or because that has not allowed this host, as of the last sync$/,
  )
  move('held', 'open')
  t.equal(await where(), `${TO} has the question, as of the last sync`)
  rmSync(at('open'))
  t.equal(await where(), `${TO} has the question, as of the last sync`)
})
