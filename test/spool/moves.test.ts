// The table of mailbox-spec §7.1, row by row: a row without a test here is a failure, and so is a test without a row.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { messagePath, type State } from '../../src/protocol/layout.ts'
import { record } from '../../src/spool/journal.ts'
import * as moves from '../../src/spool/moves.ts'
import { publish } from '../../src/spool/publish.ts'
import type { Mail } from '../../src/spool/scan.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { endQuery } from '../../src/verbs/end-query.ts'
import { given, handOver } from '../../src/verbs/given.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import {
  enrol,
  entriesOf,
  lay,
  mailOf,
  makePair,
  makeWorld,
  message,
  mockFs,
  place,
  Q,
  ROOT,
  read,
} from '../world.ts'

const TO = 'backend@laptop'
const FILE = `${Q}.query.json`
const MAIL: Mail = { id: Q, kind: 'query', file: FILE }

type Move = (tree: Tree, file: string) => boolean
type Row = { from: State[]; to: State; move: (from: State) => Move }

const one = (move: (tree: Tree, address: string, file: string) => boolean) => (): Move => (tree, file) =>
  move(tree, TO, file)

const MOVES: Record<string, Row> = {
  'new → cur (claim)': { from: ['new'], to: 'cur', move: one(moves.claim) },
  'cur → open (given)': { from: ['cur'], to: 'open', move: one(moves.giveQuery) },
  'cur → done (given)': { from: ['cur'], to: 'done', move: one(moves.finish) },
  'new → open (given)': { from: ['new'], to: 'open', move: one(moves.giveQueryUnclaimed) },
  'new → done (filed)': { from: ['new'], to: 'done', move: one(moves.finishUnclaimed) },
  'cur → new (put back)': { from: ['cur'], to: 'new', move: one(moves.putBack) },
  'open → done (closed)': { from: ['open'], to: 'done', move: one(moves.closeQuery) },
  'new, cur, open → dead (ended)': {
    from: ['new', 'cur', 'open'],
    to: 'dead',
    move: (from) => (tree, file) => moves.bury(tree, TO, file, from),
  },
}

// With publish, rename, gc, reconcile and vouch.
const TESTED_ELSEWHERE = [
  'held → new (let through)',
  'new → held (held back)',
  'new, cur, open → a later one (returned)',
  'nothing → open (reopened)',
  '→ new (publish)',
  'any → the same of another mailbox (forwarded)',
  'done, dead → nothing (collected)',
]

/** The rows of the table, as "from → to (called)". */
function rowsOfSpec(): string[] {
  const spec = readFileSync(join(ROOT, 'mailbox-spec.md'), 'utf8')
  const section = spec.split('\n### 7.1')[1]?.split('\n##')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.includes('→') && line.startsWith('|'))
  return rows.map((line) => {
    const [, move = '', called] = line.split('|').map((cell) => cell.trim().replaceAll('`', ''))
    return `${move} (${called})`
  })
}

t.test('every row of the table has its tests, and every test its row', async (t) => {
  t.strictSame(rowsOfSpec().sort(), [...TESTED_ELSEWHERE, ...Object.keys(MOVES)].sort())
})

t.test('every row of the table has its row of crash windows', async (t) => {
  const windows =
    readFileSync(join(ROOT, 'mailbox-spec.md'), 'utf8').split('\n### 7.2')[1]?.split('\n##')[0] ?? ''
  const named = windows.split('\n').map((line) => line.split('|')[1]?.trim().replaceAll('`', '') ?? '')
  const moves = named.filter((name) => name.includes('→'))
  t.strictSame(
    moves,
    rowsOfSpec().map((row) => row.replace(/ \([a-z ]+\)$/, '')),
  )
})

t.test('every move of the code is a row of the table', async (t) => {
  // These have their tests with who calls them.
  const { forward, discard, holdBack, release, restore, reopen, ...rows } = moves
  t.ok([holdBack, release, restore, reopen].every((move) => typeof move === 'function'))
  t.equal(Object.keys(rows).length, Object.keys(MOVES).length, `without ${forward.name} and ${discard.name}`)
})

t.test(
  '→ new (publish): a message that is in no directory appears in new/, and losing is no error',
  async (t) => {
    const { tree } = makeWorld(t)
    t.equal(publish(tree, message()), true)
    t.equal(publish(tree, message({ body: 'again' })), false)
    t.strictSame(mailOf(tree, TO), [`new/${FILE}`])
    t.equal(read(tree, TO, 'new', FILE).body, 'Which port?')
  },
)

for (const [name, { from: states, to, move }] of Object.entries(MOVES)) {
  for (const from of states) {
    const title = states.length === 1 ? name : `${name}, from ${from}`

    t.test(`${title}: moves the file with its bytes, and only it`, async (t) => {
      const { tree } = makeWorld(t)
      const other = lay(tree, from, { id: '20261122t094012413z-00000000' })
      lay(tree, from)
      t.equal(move(from)(tree, FILE), true)
      t.strictSame(mailOf(tree, TO), [`${from}/${other}`, `${to}/${FILE}`].sort())
      t.strictSame(read(tree, TO, to, FILE), message())
    })

    t.test(`${title}: losing the race is no error and moves nothing`, async (t) => {
      const { tree } = makeWorld(t)
      t.equal(move(from)(tree, FILE), false, 'there is no mailbox')
      lay(tree, 'held')
      t.equal(move(from)(tree, FILE), false, 'it is elsewhere')
      t.strictSame(mailOf(tree, TO), [`held/${FILE}`])
    })

    t.test(`${title}: never replaces; the copy that was to be moved is removed`, async (t) => {
      const { tree } = makeWorld(t)
      place(tree, TO, to, FILE, JSON.stringify(message({ body: 'further on' })))
      place(tree, TO, from, FILE, JSON.stringify(message({ body: 'a copy' })))
      t.equal(move(from)(tree, FILE), false, 'and nothing was won')
      t.strictSame(mailOf(tree, TO), [`${to}/${FILE}`])
      t.equal(read(tree, TO, to, FILE).body, 'further on')
    })

    t.test(`${title}: repeated, it is harmless`, async (t) => {
      const { tree } = makeWorld(t)
      lay(tree, from)
      move(from)(tree, FILE)
      t.equal(move(from)(tree, FILE), false)
      t.strictSame(mailOf(tree, TO), [`${to}/${FILE}`])
    })
  }
}

/** Runs `act` once, right after the next look whether `file` is there. */
function afterLook(t: Test, file: string, act: () => void): void {
  mockFs(t, 'lstatSync', (real, restore) => (path: string) => {
    const seen = real(path)
    if (path !== file) return seen
    restore()
    act()
    return seen
  })
}

t.test(
  'a claim that loses to another one, which is put back at once, does not lose the message',
  async (t) => {
    const { tree } = makeWorld(t)
    lay(tree, 'new')
    // The winner's claim …
    t.equal(moves.claim(tree, TO, FILE), true)
    // … is seen by the loser, and undone before the loser goes on.
    afterLook(t, join(tree.root, messagePath(TO, 'cur', FILE)), () => moves.putBack(tree, TO, FILE))
    t.equal(moves.claim(tree, TO, FILE), false)
    t.strictSame(mailOf(tree, TO), [`new/${FILE}`])
  },
)

t.test('a crash just after the reply was published repeats only the move', async (t) => {
  const { tree, me, peer } = makePair(t)
  lay(tree, 'open')
  publish(tree, message({ kind: 'reply', from: peer.address, to: me.address, body: 'first' }))
  t.equal(endQuery(tree, TO, MAIL, 'open', { outcome: 'answered', body: 'second', by: 'stop' }), true)
  t.strictSame(mailOf(tree, TO), [`done/${FILE}`])
  t.equal(read(tree, me.address, 'new', `${Q}.reply.json`).body, 'first')
})

for (const outcome of ['gone', 'interrupted'] as const) {
  t.test(
    `a crash just before the answer was published sends that answer, whoever ends it as ${outcome}`,
    async (t) => {
      const { tree, me } = makePair(t)
      lay(tree, 'open')
      record(tree, 'replied', 'web@laptop', Q, { outcome: 'answered', by: 'stop', body: 'of another peer' })
      record(tree, 'replied', TO, Q, { to: me.address, outcome: 'answered', by: 'stop', body: '8080' })
      endQuery(tree, TO, MAIL, 'open', { outcome, body: 'It ended.', by: 'settle' })
      t.match(read(tree, me.address, 'new', `${Q}.reply.json`), { outcome: 'answered', body: '8080' })
      t.strictSame(mailOf(tree, TO), [`done/${FILE}`])
      t.match(entriesOf(tree, Q).at(-1), { event: 'ended', outcome: 'answered' })
    },
  )
}

t.test('an answer replaces one that a crash kept from being published', async (t) => {
  const { tree, me } = makePair(t)
  lay(tree, 'open')
  record(tree, 'replied', TO, Q, { to: me.address, outcome: 'gone', by: 'settle', body: 'It ended.' })
  endQuery(tree, TO, MAIL, 'open', { outcome: 'answered', body: '8080', by: 'reply_peer' })
  t.match(read(tree, me.address, 'new', `${Q}.reply.json`), { outcome: 'answered', body: '8080' })
})

for (const state of ['new', 'cur', 'done', 'held'] as State[]) {
  t.test(`a reply that the asker has in ${state}/ is never sent again`, async (t) => {
    const { tree, me, peer } = makePair(t)
    lay(tree, 'open')
    lay(tree, state, { kind: 'reply', from: peer.address, to: me.address, body: 'first' })
    endQuery(tree, TO, MAIL, 'open', { outcome: 'answered', body: 'second', by: 'stop' })
    t.strictSame(mailOf(tree, me.address), [`${state}/${Q}.reply.json`])
  })
}

t.test('a reply that was refused does not take the name of the answer', async (t) => {
  const { tree, me, peer } = makePair(t)
  lay(tree, 'open')
  lay(tree, 'dead', { kind: 'reply', from: 'web@laptop', to: me.address, body: 'forged' })
  endQuery(tree, TO, MAIL, 'open', { outcome: 'answered', body: '8080', by: 'stop' })
  t.match(read(tree, me.address, 'new', `${Q}.reply.json`), { from: peer.address, body: '8080' })
  t.strictSame(mailOf(tree, TO), [`done/${FILE}`])
})

t.test('the reply is with the asker before its query leaves open/', async (t) => {
  const { tree, me } = makePair(t)
  lay(tree, 'open')
  mockFs(t, 'renameSync', () => () => {
    throw Object.assign(new Error('killed'), { code: 'killed' })
  })
  t.throws(() => endQuery(tree, TO, MAIL, 'open', { outcome: 'answered', body: '8080', by: 'stop' }), {
    code: 'killed',
  })
  t.equal(read(tree, me.address, 'new', `${Q}.reply.json`).body, '8080')
  t.strictSame(mailOf(tree, TO), [`open/${FILE}`])
})

t.test(
  'a message that is being given is moved on by a hook and by nothing else: the other kinds stay',
  async (t) => {
    const world = makeWorld(t)
    const card = enrol(t, world, 'backend')
    lay(world.tree, 'open')
    t.equal(handOver(world.tree, card, Q, 'post-tool'), false)
    t.strictSame(given(world.tree, card, { text: `[repowire:${Q} question from x@y]`, hook: 'prompt' }), [])
    t.strictSame(takeInbox(world.tree, card, true), [])
    t.strictSame(mailOf(world.tree, TO), [`open/${FILE}`])
  },
)
