// Copies that came back from a backup, and what a rolled back tree has lost: the journal beats the directories. mailbox-spec §7.4.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { frameText } from '../../src/protocol/frame.ts'
import type { Kind, State } from '../../src/protocol/layout.ts'
import { blockOn, whoWants } from '../../src/spool/asks.ts'
import { cardsOfHost, readCard, removeCard, replaceCard } from '../../src/spool/cards.ts'
import { readGrant } from '../../src/spool/grants.ts'
import { record } from '../../src/spool/journal.ts'
import { keepSent } from '../../src/spool/outbox.ts'
import { readAnywhere } from '../../src/spool/scan.ts'
import { endTurn } from '../../src/verbs/end-turn.ts'
import { given } from '../../src/verbs/given.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { keepCards } from '../../src/verbs/keep-cards.ts'
import { leave } from '../../src/verbs/leave.ts'
import { receive } from '../../src/verbs/receive.ts'
import { reconcile } from '../../src/verbs/reconcile.ts'
import { register } from '../../src/verbs/register.ts'
import { reply } from '../../src/verbs/reply.ts'
import { shown } from '../../src/verbs/shown.ts'
import {
  enrol,
  entriesOf,
  eventsOf,
  filesIn,
  framed,
  gone,
  here,
  lay,
  mailOf,
  makePair,
  message,
  Q,
  read,
  replied,
  said,
  startProcess,
} from '../world.ts'

const TO = 'backend@laptop'
const FROM = 'frontend@laptop'
const OTHER = '20261122t094012413z-00000000'

/** What the journal says of a message of this kind, and where each copy of it belongs. */
const ROWS: [Kind, [string, object?][], State | undefined][] = [
  ['query', [], undefined],
  ['query', [['claimed']], undefined],
  ['query', [['typing', { kind: 'query' }]], undefined],
  ['query', [['given']], 'open'],
  ['query', [['given'], ['replied', { outcome: 'answered' }], ['ended', { outcome: 'answered' }]], 'done'],
  ['query', [['given'], ['ended', { outcome: 'interrupted' }]], 'dead'],
  ['query', [['ended', { kind: 'cancel', outcome: 'refused' }]], undefined],
  ['notice', [['given']], 'done'],
  ['notice', [['ended', { kind: 'notice', outcome: 'refused' }]], 'dead'],
  ['notice', [['put-back']], undefined],
  ['reply', [['consumed']], 'done'],
  ['reply', [['put-back']], undefined],
]
const ORDER: State[] = ['new', 'cur', 'open', 'done', 'dead']

for (const [kind, lines, place] of ROWS)
  for (const state of ['new', 'cur', 'open'] as const) {
    const stays = place === undefined || ORDER.indexOf(place) <= ORDER.indexOf(state)
    const words = lines.map(([event]) => event).join(', ') || 'nothing'
    t.test(
      `a ${kind} in ${state}/ of which the journal says ${words} belongs in ${place ?? state}/`,
      async (t) => {
        const { tree } = makePair(t)
        const file = lay(tree, state, { kind, from: FROM, to: TO })
        for (const [event, more] of lines) said(tree, event, TO, Q, more)
        reconcile(tree, new Set())
        t.strictSame(mailOf(tree, TO), [`${stays ? state : place}/${file}`])
        t.strictSame(eventsOf(tree, Q).includes('returned'), !stays)
        reconcile(tree, new Set())
        t.strictSame(
          mailOf(tree, TO),
          [`${stays ? state : place}/${file}`],
          'the second time it is in its place',
        )
      },
    )
  }

t.test('what the journal says of another peer is not said of this one', async (t) => {
  const { tree } = makePair(t)
  const file = lay(tree, 'new')
  said(tree, 'given', FROM, Q)
  reconcile(tree, new Set())
  t.strictSame(mailOf(tree, TO), [`new/${file}`])
})

for (const [lower, higher] of [
  ['new', 'cur'],
  ['new', 'open'],
  ['new', 'done'],
  ['cur', 'open'],
  ['cur', 'dead'],
  ['open', 'done'],
] as [State, State][])
  t.test(
    `a copy in ${lower}/ beside the message in ${higher}/ is removed, without a word of the journal`,
    async (t) => {
      const { tree } = makePair(t)
      const file = lay(tree, lower)
      lay(tree, higher, { body: 'the one that moved on' })
      reconcile(tree, new Set())
      t.strictSame(mailOf(tree, TO), [`${higher}/${file}`])
      t.equal(read(tree, TO, higher, file).body, 'the one that moved on')
    },
  )

t.test(
  'a question that came back after the journal was lost is not given where its answer is there',
  async (t) => {
    for (const [outcome, place] of [
      ['answered', 'done'],
      ['interrupted', 'dead'],
    ] as const)
      for (const at of ['new', 'done'] as const) {
        const { tree, peer } = makePair(t)
        const file = lay(tree, 'new')
        lay(tree, at, { kind: 'reply', from: TO, to: FROM, outcome })
        t.strictSame(takeInbox(tree, peer, true), [])
        t.strictSame(mailOf(tree, TO), [`${place}/${file}`])
        t.strictSame(eventsOf(tree, Q), ['returned'])
      }
  },
)

t.test('an answer that was refused, or of another peer, is none, and the question is given', async (t) => {
  for (const [at, from] of [
    ['dead', TO],
    ['new', 'cache@laptop'],
  ] as const) {
    const { tree, peer } = makePair(t)
    lay(tree, 'new')
    lay(tree, at, { kind: 'reply', from, to: FROM })
    t.match(takeInbox(tree, peer, true), [{ id: Q }])
  }
})

t.test('a query whose answer was written down and not sent is answered with it, and closed', async (t) => {
  const { tree } = makePair(t)
  const file = lay(tree, 'open')
  said(tree, 'given', TO, Q)
  said(tree, 'replied', TO, Q, { to: FROM, outcome: 'answered', by: 'stop', body: '8080.' })
  reconcile(tree, new Set())
  t.equal(readAnywhere(tree, FROM, Q, 'reply')?.message.body, '8080.')
  t.strictSame(mailOf(tree, TO), [`done/${file}`])
})

t.test(
  'whoever takes a message out of new/ gives it only once, though it comes back each time',
  async (t) => {
    const { tree, peer } = makePair(t)
    for (const kind of ['query', 'notice'] as const) {
      const mail = { id: Q, kind, file: lay(tree, 'new', { kind, from: FROM, to: TO }) }
      t.equal(takeInbox(tree, peer, false).length, 1, `the ${kind} is taken`)
      rmSync(join(tree.root, 'inbox', TO), { recursive: true })
      lay(tree, 'new', { kind, from: FROM, to: TO })
      t.equal(receive(tree, TO, mail), undefined, 'it came back, and is not received')
      t.strictSame(takeInbox(tree, peer, false), [])
      rmSync(join(tree.root, 'inbox', TO), { recursive: true })
      rmSync(join(tree.state, 'journal'), { recursive: true })
    }
  },
)

t.test('what somebody is just about to move is left to him, and given to nobody', async (t) => {
  const { tree } = makePair(t)
  const file = lay(tree, 'new')
  record(tree, 'given', TO, Q)
  const checked = new Set<string>()
  reconcile(tree, checked)
  t.equal(receive(tree, TO, { id: Q, kind: 'query', file }), undefined)
  t.strictSame(mailOf(tree, TO), [`new/${file}`])
  t.equal(checked.size, 0, 'and looked up again')
})

t.test('a file that was found in its place is not looked up again', async (t) => {
  const { tree } = makePair(t)
  const file = lay(tree, 'cur', { kind: 'notice' })
  const checked = new Set<string>()
  reconcile(tree, checked)
  said(tree, 'given', TO, Q)
  reconcile(tree, checked)
  t.strictSame(mailOf(tree, TO), [`cur/${file}`])
  reconcile(tree, new Set())
  t.strictSame(mailOf(tree, TO), [`done/${file}`], 'by a courier that has just started it is')
})

/** The query was given by a prompt, and then everything in its mailbox was rolled back. */
function givenAndLost(t: Parameters<typeof makePair>[0]) {
  const pair = makePair(t)
  const file = lay(pair.tree, 'cur')
  const text = frameText(framed(message()))
  const transcript = join(pair.dir, 't.jsonl')
  writeFileSync(transcript, '')
  given(pair.tree, pair.peer, { text, transcript, hook: 'prompt' })
  rmSync(join(pair.tree.root, 'inbox', TO), { recursive: true })
  return { ...pair, file, text }
}

t.test('a query that was given and is nowhere is made anew in open/, byte by byte', async (t) => {
  const { tree, file } = givenAndLost(t)
  reconcile(tree, new Set())
  t.strictSame(mailOf(tree, TO), [`open/${file}`])
  t.strictSame(read(tree, TO, 'open', file), message())
})

t.test('an answer by its id finds the question that is nowhere', async (t) => {
  const { tree, file } = givenAndLost(t)
  t.equal(reply(tree, TO, Q, '8080.'), FROM)
  t.strictSame(mailOf(tree, TO), [`done/${file}`])
  t.equal(readAnywhere(tree, FROM, Q, 'reply')?.message.body, '8080.')
})

t.test('the end of the turn answers the question that is nowhere', async (t) => {
  const { tree, peer, file, text } = givenAndLost(t)
  const turn = { text: () => '8080.', prompts: () => [{ text, absorbed: false }] }
  t.strictSame(endTurn(tree, peer, turn), [])
  t.strictSame(mailOf(tree, TO), [`done/${file}`])
  t.equal(readAnywhere(tree, FROM, Q, 'reply')?.message.body, '8080.')
})

t.test(
  'a query that has ended is not made anew, although what says how it was given was left behind',
  async (t) => {
    const { tree } = givenAndLost(t)
    said(tree, 'ended', TO, Q, { outcome: 'answered' })
    t.ok(readGrant(tree, Q))
    reconcile(tree, new Set())
    t.equal(readAnywhere(tree, TO, Q, 'query'), undefined)
  },
)

t.test('a reply that was claimed and shown and is nowhere counts as consumed, once', async (t) => {
  const { tree, me } = makePair(t)
  lay(tree, 'new')
  rmSync(join(tree.root, 'inbox', FROM, 'asks'), { recursive: true })
  const result = replied(message({ kind: 'reply', from: TO, to: FROM, body: '8080.' }))
  shown(tree, me, result)
  shown(tree, me, result)
  t.strictSame(
    entriesOf(tree, Q)
      .filter(({ event }) => event === 'consumed')
      .map(({ peer }) => peer),
    [FROM],
  )
})

t.test(
  'the header of an answer that nobody claimed says nothing of a question that is still asked',
  async (t) => {
    const { tree, me } = makePair(t)
    lay(tree, 'new')
    shown(tree, me, replied(message({ kind: 'reply', from: TO, to: FROM })))
    t.strictSame(eventsOf(tree, Q), [])
  },
)

t.test(
  'the card of a living process that is lost, or is that of a dead one again, is written again',
  async (t) => {
    const { tree, peer, me } = makePair(t)
    const known = new Map()
    keepCards(tree, known, cardsOfHost(tree))
    removeCard(tree, TO)
    t.strictSame(
      keepCards(tree, known, cardsOfHost(tree))
        .map(({ address }) => address)
        .sort(),
      [TO, FROM],
    )
    t.strictSame(readCard(tree, TO)?.process, peer.process)
    replaceCard(tree, { ...peer, process: gone })
    keepCards(tree, known, cardsOfHost(tree))
    t.strictSame(readCard(tree, TO)?.process, peer.process)
    t.strictSame(readCard(tree, FROM)?.process, me.process)
  },
)

t.test('what was put aside of the cards of this host is removed, and nothing else', async (t) => {
  const { tree } = makePair(t)
  const aside = (address: string) => `${address}.sync-conflict-20261122-094135-5KYI46T.json`
  for (const address of [TO, 'api@desktop', 'Nobody'])
    writeFileSync(join(tree.root, 'peers', aside(address)), '{}')
  keepCards(tree, new Map(), cardsOfHost(tree))
  t.strictSame(filesIn(join(tree.root, 'peers')), [
    aside('Nobody'),
    aside('api@desktop'),
    `${TO}.json`,
    `${FROM}.json`,
  ])
})

t.test('a card is left alone whose process is over, or that names another living one', async (t) => {
  const { tree, me, peer } = makePair(t)
  const known = new Map([[TO, { ...peer, process: gone }]])
  removeCard(tree, TO)
  keepCards(tree, known, cardsOfHost(tree))
  t.equal(readCard(tree, TO), undefined, 'of a process that is over')
  replaceCard(tree, { ...peer, process: me.process })
  keepCards(tree, new Map([[TO, peer]]), cardsOfHost(tree))
  t.strictSame(readCard(tree, TO)?.process, me.process, 'of another living one')
})

t.test(
  'a reply that its waiter leaves lying comes as mail: the file that says he waits came back',
  async (t) => {
    const { tree } = makePair(t)
    lay(tree, 'new', { kind: 'reply', from: TO, to: FROM })
    blockOn(tree, FROM, { id: Q, to: TO, process: here, since: '' })
    keepSent(tree, message(), JSON.stringify(message()))
    reconcile(tree, new Set())
    t.equal(whoWants(tree, FROM, Q), 'waiting', 'it has just come')
    const now = Date.now()
    t.intercept(Date, 'now', { value: () => now + 11_000 })
    reconcile(tree, new Set())
    t.equal(whoWants(tree, FROM, Q), 'late')
  },
)

/** A peer that has taken over from a process that is over, was given a question and asks one; then the card before it comes back. */
function makeHeir(t: Test, mark: ProcessMark) {
  const world = makePair(t)
  const before = enrol(t, world, 'api', { process: gone })
  const heir = enrol(t, world, 'api', { process: mark })
  lay(world.tree, 'open', { to: heir.address })
  blockOn(world.tree, heir.address, { id: OTHER, to: TO, process: mark, since: '' })
  replaceCard(world.tree, before)
  return { ...world, before, heir }
}

for (const [who, act] of [
  [
    'itself',
    ({ tree, heir }) => register(tree, { agent: 'other', process: heir.process, directory: heir.directory }),
  ],
  ['the courier', ({ tree, before }) => leave(tree, before, 'its process ended')],
] satisfies [string, (heir: ReturnType<typeof makeHeir>) => unknown][])
  t.test(
    `where the card of the process before comes back, the questions of the living one go on: ${who}`,
    async (t) => {
      const world = makeHeir(t, startProcess(t).mark)
      act(world)
      t.strictSame(mailOf(world.tree, world.heir.address), [
        `asks/${OTHER}.blocked.json`,
        `open/${Q}.query.json`,
      ])
    },
  )

t.test('where who has taken over is over too, everything is settled', async (t) => {
  const { tree, before, heir } = makeHeir(t, { ...gone, start: '2' })
  leave(tree, before, 'its process ended')
  t.strictSame(mailOf(tree, heir.address), [`dead/${Q}.query.json`])
})
