import t from 'tap'
import { attend } from '../../src/courier/attend.ts'
import { blockOn, goLate } from '../../src/spool/asks.ts'
import { forgetProcess } from '../../src/spool/cards.ts'
import { readGrant } from '../../src/spool/grants.ts'
import { type Mail, read as readMail, scan } from '../../src/spool/scan.ts'
import { fileUnwanted, lookInbox, takeInbox } from '../../src/verbs/inbox.ts'
import { refuse } from '../../src/verbs/refuse.ts'
import {
  codeThrown,
  entriesOf,
  eventsOf,
  filesIn,
  gone,
  here,
  lay,
  mailOf,
  makePair,
  message,
  mockFs,
  place,
  Q,
  read,
} from '../world.ts'

const TO = 'backend@laptop'
const id = (n: number) => `20261122t09401240${n}z-00000000`
const memory = () => ({ attempts: new Map(), typedBefore: new Set<string>(), known: new Map() })

type World = ReturnType<typeof makePair>

/** One of everything in new/: question, notice, late answer, awaited answer, unwanted answer, cancel, and a torn file. */
function fill({ tree }: World): void {
  lay(tree, 'new', { id: id(0) })
  lay(tree, 'new', { id: id(1), kind: 'notice' })
  for (const n of [2, 3, 4]) lay(tree, 'new', { id: id(n), kind: 'reply', to: TO, from: 'frontend@laptop' })
  for (const n of [2, 3]) blockOn(tree, TO, { id: id(n), to: 'frontend@laptop', process: here, since: '' })
  goLate(tree, TO, id(2))
  lay(tree, 'new', { id: id(5), kind: 'cancel' })
  place(tree, TO, 'new', `${id(6)}.notice.json`, '{"spec"')
}

for (const proven of [true, false]) {
  t.test(
    `taking the mail of a client ${proven ? 'with' : 'without'} hooks hands over what is for its agent, oldest first`,
    async (t) => {
      const world = makePair(t)
      fill(world)
      const taken = takeInbox(world.tree, world.peer, proven)
      t.strictSame(
        taken.map((message) => message.id),
        [id(0), id(1), id(2)],
      )
      const shown = proven ? 'cur' : 'done'
      t.strictSame(
        mailOf(world.tree, TO).filter((file) => !file.startsWith('asks/')),
        [
          ...(proven ? [] : [`dead/${id(6)}.notice.json`]),
          `${shown}/${id(1)}.notice.json`,
          `${shown}/${id(2)}.reply.json`,
          ...(proven ? [`dead/${id(6)}.notice.json`] : []),
          `new/${id(3)}.reply.json`,
          `new/${id(4)}.reply.json`,
          `new/${id(5)}.cancel.json`,
          `open/${id(0)}.query.json`,
        ],
      )
      t.strictSame(takeInbox(world.tree, world.peer, proven), [], 'and nothing twice')
    },
  )
}

t.test('a question that was taken is owed: no turn text answers it', async (t) => {
  const world = makePair(t)
  lay(world.tree, 'new')
  takeInbox(world.tree, world.peer, true)
  t.match(readGrant(world.tree, Q), { alone: false, reminded: false })
  t.strictSame(eventsOf(world.tree, Q), ['given'])
})

t.test('an answer whose waiter died can be taken', async (t) => {
  const { tree, peer } = makePair(t)
  lay(tree, 'new', { kind: 'reply', to: TO })
  blockOn(tree, TO, { id: Q, to: 'frontend@laptop', process: gone, since: '' })
  t.match(takeInbox(tree, peer, false), [{ id: Q }])
  t.strictSame(mailOf(tree, TO), [`done/${Q}.reply.json`], 'and its file in asks/ goes')
})

t.test('looking at a mailbox moves nothing, and passes over what cannot be read', async (t) => {
  const world = makePair(t)
  fill(world)
  lay(world.tree, 'open', { id: id(7) })
  lay(world.tree, 'done', { id: id(8) })
  const before = filesIn(world.tree.root)
  const seen = lookInbox(world.tree, TO).map(({ state, message }) => `${state} ${message.id}`)
  t.strictSame(seen, [...[0, 1, 2, 3, 4, 5].map((n) => `new ${id(n)}`), `open ${id(7)}`])
  t.strictSame(filesIn(world.tree.root), before)
})

t.test('an answer is filed only if nobody waits for it and it is not late', async (t) => {
  const world = makePair(t)
  fill(world)
  const filed = scan(world.tree, TO, 'new').filter((mail) => fileUnwanted(world.tree, TO, mail))
  t.strictSame(
    filed.map((mail) => mail.id),
    [id(4)],
  )
  t.ok(mailOf(world.tree, TO).includes(`done/${id(4)}.reply.json`))
})

/** Refuses a file of these bytes as the courier does. */
function refuseBytes({ tree }: World, file: string, bytes: string | Uint8Array): void {
  place(tree, TO, 'new', file, bytes)
  const mail = scan(tree, TO, 'new').find((mail) => mail.file === file) as Mail
  const parsed = readMail(tree, TO, 'new', mail)
  if (parsed !== undefined && 'fault' in parsed) refuse(tree, TO, mail, parsed.fault, parsed.why)
}

const BROKEN: [string, string | Uint8Array][] = [
  ['wrong-spec', JSON.stringify({ ...message(), spec: 'mailbox/2' })],
  ['bad-field', JSON.stringify({ ...message(), depth: -1 })],
  ['name-mismatch', JSON.stringify(message({ to: 'web@laptop' }))],
  ['too-large', JSON.stringify(message({ body: 'x'.repeat(300_000) }))],
]

for (const [fault, bytes] of BROKEN) {
  t.test(`a question that is ${fault} goes to dead/ whole, and its asker hears of ${fault}`, async (t) => {
    const world = makePair(t)
    refuseBytes(world, `${Q}.query.json`, bytes)
    t.strictSame(mailOf(world.tree, TO), [`dead/${Q}.query.json`])
    t.match(read(world.tree, world.me.address, 'new', `${Q}.reply.json`), {
      id: Q,
      outcome: 'refused',
      from: TO,
      body: new RegExp(fault),
    })
    t.match(entriesOf(world.tree, Q), [
      { event: 'replied', outcome: 'refused' },
      { event: 'ended', outcome: 'refused', fault },
    ])
  })
}

for (const [what, file, bytes] of [
  ['a question that is not JSON', `${Q}.query.json`, '{"spec":'],
  ['an empty file', `${Q}.query.json`, ''],
  ['a question from nobody', `${Q}.query.json`, '{"spec":"mailbox/1"}'],
  ['a question from a path', `${Q}.query.json`, '{"spec":"mailbox/1","from":"../x@y"}'],
  [
    'a notice with a wrong field',
    `${Q}.notice.json`,
    JSON.stringify({ ...message({ kind: 'notice' }), depth: -1 }),
  ],
  [
    'an answer with a wrong outcome',
    `${Q}.reply.json`,
    JSON.stringify({ ...message({ kind: 'reply', to: TO }), outcome: 'maybe' }),
  ],
] as const) {
  t.test(`${what} goes to dead/ as it is, and nobody is told`, async (t) => {
    const world = makePair(t)
    const before = filesIn(world.tree.root)
    refuseBytes(world, file, bytes)
    t.strictSame(filesIn(world.tree.root), [...before, `inbox/${TO}/dead/${file}`].sort())
  })
}

t.test('a question is refused once', async (t) => {
  const world = makePair(t)
  const [, bytes] = BROKEN[0] as (typeof BROKEN)[0]
  refuseBytes(world, `${Q}.query.json`, bytes)
  place(
    world.tree,
    world.me.address,
    'cur',
    `${Q}.reply.json`,
    JSON.stringify(message({ kind: 'reply', to: world.me.address })),
  )
  refuseBytes(world, `${Q}.query.json`, bytes)
  t.strictSame(mailOf(world.tree, TO), [`dead/${Q}.query.json`])
})

/** While the test runs, the clock is this much ahead. */
function later(t: { teardown(act: () => void): void }, seconds: number): void {
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => now() + seconds * 1_000
}

for (const [what, ttl, age, expired] of [
  ['a day and a second', undefined, 86_401, true],
  ['nearly a day', undefined, 86_300, false],
  ['a second more than its ttl_seconds', 60, 61, true],
  ['less than its ttl_seconds', 172_800, 86_401, false],
] as const) {
  t.test(`a question that waited for ${what} is ${expired ? 'expired' : 'not expired'}`, async (t) => {
    const { tree, me, peer } = makePair(t)
    lay(tree, 'new', ttl === undefined ? {} : { ttl_seconds: ttl })
    later(t, age)
    await attend(tree, peer, memory())
    t.strictSame(mailOf(tree, TO), [`${expired ? 'dead' : 'new'}/${Q}.query.json`])
    if (expired) t.equal(read(tree, me.address, 'new', `${Q}.reply.json`).outcome, 'expired')
    else t.strictSame(mailOf(tree, me.address), [`asks/${Q}.blocked.json`])
  })
}

t.test('a question of long ago by its own clock is as young as it is here', async (t) => {
  const { tree, peer } = makePair(t)
  lay(tree, 'new', { sent: '2001-01-01T00:00:00Z' })
  await attend(tree, peer, memory())
  t.strictSame(mailOf(tree, TO), [`new/${Q}.query.json`])
})

t.test('neither a notice nor a question that the agent has expires', async (t) => {
  const { tree, peer } = makePair(t)
  lay(tree, 'new', { id: id(1), kind: 'notice' })
  lay(tree, 'open', { id: id(2) })
  later(t, 10 * 86_400)
  await attend(tree, peer, memory())
  t.strictSame(mailOf(tree, TO), [`new/${id(1)}.notice.json`, `open/${id(2)}.query.json`])
})

t.test('a round at a mailbox sorts out what comes before the first message for its agent', async (t) => {
  const { tree, peer } = makePair(t)
  const torn = (n: number, kind: string) => place(tree, TO, 'new', `${id(n)}.${kind}.json`, '{"spec"')
  lay(tree, 'new', { id: id(0), kind: 'cancel' })
  torn(1, 'notice')
  torn(2, 'reply')
  torn(3, 'query')
  for (const n of [4, 5]) lay(tree, 'new', { id: id(n), kind: 'reply', to: TO, from: 'frontend@laptop' })
  blockOn(tree, TO, { id: id(5), to: 'frontend@laptop', process: here, since: '' })
  for (const n of [6, 7]) lay(tree, 'new', { id: id(n), kind: 'notice' })
  torn(8, 'cancel')
  await attend(tree, peer, memory())
  t.strictSame(
    mailOf(tree, TO).filter((file) => !file.startsWith('asks/')),
    [
      `dead/${id(1)}.notice.json`,
      `dead/${id(2)}.reply.json`,
      `dead/${id(3)}.query.json`,
      `dead/${id(8)}.cancel.json`,
      `done/${id(0)}.cancel.json`,
      `done/${id(4)}.reply.json`,
      `new/${id(5)}.reply.json`,
      `new/${id(6)}.notice.json`,
      `new/${id(7)}.notice.json`,
    ],
    'what is not valid goes to dead/, whatever its kind: mailbox-spec §4.6',
  )
})

t.test('a question expires in its time also behind another message that waits', async (t) => {
  const { tree, me, peer } = makePair(t)
  lay(tree, 'new', { id: id(0), kind: 'notice' })
  lay(tree, 'new', { id: id(1), ttl_seconds: 60 })
  later(t, 61)
  await attend(tree, peer, memory())
  t.strictSame(mailOf(tree, TO), [`dead/${id(1)}.query.json`, `new/${id(0)}.notice.json`])
  t.equal(read(tree, me.address, 'new', `${id(1)}.reply.json`).outcome, 'expired')
})

t.test('a round at the mailbox of a process that has ended ends its questions as gone', async (t) => {
  const { tree, me, peer } = makePair(t)
  lay(tree, 'new')
  forgetProcess(tree, peer)
  await attend(tree, { ...peer, process: gone }, memory())
  t.strictSame(mailOf(tree, TO), [`dead/${Q}.query.json`])
  t.equal(read(tree, me.address, 'new', `${Q}.reply.json`).outcome, 'gone')
})

t.test(
  'what was taken before an error is handed over all the same, and the next call tells of it',
  async (t) => {
    const { tree, peer } = makePair(t)
    for (const n of [0, 1]) lay(tree, 'new', { id: id(n), kind: 'notice' })
    mockFs(t, 'renameSync', (real) => (from: string, to: string) => {
      if (from.includes(id(1))) throw Object.assign(new Error('EIO'), { code: 'EIO' })
      return real(from, to)
    })
    t.match(takeInbox(tree, peer, false), [{ id: id(0) }])
    t.equal(
      codeThrown(() => takeInbox(tree, peer, false)),
      'EIO',
    )
    t.strictSame(mailOf(tree, TO), [`done/${id(0)}.notice.json`, `new/${id(1)}.notice.json`])
  },
)
