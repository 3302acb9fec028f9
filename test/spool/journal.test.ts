import { appendFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Event, readJournal, record } from '../../src/spool/journal.ts'
import { newId } from '../../src/spool/new-id.ts'
import { membersOf } from '../protocol/fixtures.ts'
import { bundle, makeWorld, mockFs, plainEnv, Q, run } from '../world.ts'

const PEER = 'backend@laptop'
const EVENTS = membersOf('src/spool/journal.ts', 'Event') as Event[]
// mailbox-spec §10
const DURABLE = ['approved', 'broadcast', 'typing', 'given', 'replied', 'consumed', 'ended']

function journalOf(state: string): string {
  const [day] = readdirSync(join(state, 'journal'))
  return join(state, 'journal', day as string)
}

t.test('what happened is read back in its order, with what belongs to it', async (t) => {
  const { tree } = makeWorld(t)
  record(tree, 'asked', PEER, Q, { to: 'x@y', body: 'a\nb "c" \u2028' })
  record(tree, 'registered', PEER, undefined, { pid: 7 })
  const [asked, registered, more] = readJournal(tree)
  t.match(asked, {
    at: /^\d{4}-\d\d-\d\dT.*Z$/,
    event: 'asked',
    id: Q,
    peer: PEER,
    to: 'x@y',
    body: 'a\nb "c" \u2028',
  })
  t.match(registered, { event: 'registered', peer: PEER, pid: 7 })
  t.notOk(Object.hasOwn(registered ?? {}, 'id'))
  t.equal(more, undefined)
})

t.test('a journal that was never written is empty', async (t) => {
  t.strictSame(readJournal(makeWorld(t).tree), [])
})

t.test('each day has its file, which nobody else may read', async (t) => {
  const { tree } = makeWorld(t)
  record(tree, 'asked', PEER, Q)
  const file = journalOf(tree.state)
  t.match(file, /\/journal\/\d{4}-\d\d-\d\d\.jsonl$/)
  t.equal(statSync(file).mode & 0o777, 0o600)
})

t.test('the last days are read, and only they', async (t) => {
  const { tree } = makeWorld(t)
  record(tree, 'left', PEER)
  for (const day of ['2020-01-01', '2020-01-02'])
    writeFileSync(
      join(tree.state, 'journal', `${day}.jsonl`),
      `{"at":"${day}","event":"asked","peer":"${day}"}\n`,
    )
  writeFileSync(join(tree.state, 'journal', 'README'), '{"at":"x","event":"asked","peer":"x"}\n')
  const peers = (days?: number) => readJournal(tree, days).map(({ peer }) => peer)
  t.strictSame(peers(), ['2020-01-01', '2020-01-02', PEER])
  t.strictSame(peers(2), ['2020-01-02', PEER])
  t.strictSame(peers(1), [PEER])
})

t.test('a line that a crash tore costs no other line, not even the next one', async (t) => {
  const { tree } = makeWorld(t)
  record(tree, 'claimed', PEER, Q)
  appendFileSync(
    journalOf(tree.state),
    `{"at":"2026-11-22T09:40:12.412Z","event":"replied","id":"${Q}","body":"{\\"at\\":`,
  )
  record(tree, 'typing', PEER, Q, { body: '{"at":"x","event":"left"}' })
  record(tree, 'entered', PEER, Q)
  t.strictSame(
    readJournal(tree).map(({ event }) => event),
    ['claimed', 'typing', 'entered'],
  )
  t.equal(readJournal(tree)[1]?.body, '{"at":"x","event":"left"}')
})

t.test('lines that are no entries are passed over', async (t) => {
  const { tree } = makeWorld(t)
  record(tree, 'claimed', PEER, Q)
  appendFileSync(journalOf(tree.state), '\n\nnull\n7\n"x"\n[]\n{"at":\n\0\0\0\n')
  record(tree, 'left', PEER)
  t.strictSame(
    readJournal(tree).map(({ event }) => event),
    ['claimed', 'left'],
  )
})

/** How often fsync is called until the test ends. */
function countSyncs(t: Test): () => number {
  let count = 0
  mockFs(t, 'fsyncSync', (real) => (fd: number) => {
    count += 1
    real(fd)
  })
  return () => count
}

for (const event of EVENTS) {
  const durable = DURABLE.includes(event)
  t.test(`"${event}" is ${durable ? '' : 'not '}on the disk before the call returns`, async (t) => {
    const { tree } = makeWorld(t)
    const syncs = countSyncs(t)
    record(tree, event, PEER, Q)
    t.equal(syncs(), durable ? 1 : 0)
  })
}

t.test('four processes that write at once tear no line of each other', async (t) => {
  const { tree, env } = makeWorld(t)
  const program = await bundle(t, new URL('recorder.ts', import.meta.url))
  const names = ['a', 'b', 'c', 'd']
  await Promise.all(names.map((name) => run(t, [process.execPath, program, name], { env: plainEnv(env) })))
  const entries = readJournal(tree)
  t.equal(entries.length, 4 * 200)
  for (const name of names) {
    const own = entries.filter(({ peer }) => peer === name)
    t.strictSame(
      own.map(({ n }) => n),
      Array.from({ length: 200 }, (_, n) => n),
      `${name} in its order`,
    )
    t.ok(own.every(({ body }) => body === name.repeat(20_000)))
  }
})

t.test(
  'the ids that one process makes rise, however fast it makes them and whatever its clock says',
  async (t) => {
    const { now } = Date
    t.teardown(() => {
      Date.now = now
    })
    const ids = Array.from({ length: 50 }, () => newId())
    Date.now = () => 1_700_000_000_000
    ids.push(newId())
    t.strictSame(ids, [...ids].sort())
    t.equal(new Set(ids.map((id) => id.slice(0, 18))).size, ids.length)
  },
)
