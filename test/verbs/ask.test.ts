import { symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { isId } from '../../src/protocol/id.ts'
import { askPath, messagePath } from '../../src/protocol/layout.ts'
import { MAX_MESSAGE_BYTES } from '../../src/protocol/message.ts'
import { blockOn, forgetAsk, listAsks, whoWants } from '../../src/spool/asks.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { claim, finish, putBack } from '../../src/spool/moves.ts'
import { publish } from '../../src/spool/publish.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { handOver } from '../../src/verbs/given.ts'
import { fileUnwanted, lookInbox, unanswered } from '../../src/verbs/inbox.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { reply } from '../../src/verbs/reply.ts'
import { sweep } from '../../src/verbs/sweep.ts'
import {
  codeThrown,
  enrol,
  eventsOf,
  filesIn,
  gone,
  here,
  mailOf,
  makePair,
  message,
  mockFs,
  place,
  Q,
  read,
  startProcess,
  thrown,
  waitOf,
} from '../world.ts'

t.test("a question lies in the peer's new/, and a file in asks/ says who waits for it", async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id, to } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  t.ok(isId(id))
  t.equal(to, peer.address)
  t.strictSame(mailOf(tree, peer.address), [`new/${id}.query.json`])
  t.match(read(tree, peer.address, 'new', `${id}.query.json`), {
    id,
    kind: 'query',
    from: me.address,
    to,
    thread: id,
    body: 'Which port?',
  })
  t.match(listAsks(tree, me.address), [{ id, to, process: here, state: 'blocked' }])
  t.equal(whoWants(tree, me.address, id), 'waiting')
  t.strictSame(eventsOf(tree, id), ['asked'])
})

t.test('a question is urgent only where its asker says so', async (t) => {
  const { tree, me, peer } = makePair(t)
  const urgentOf = (urgent?: boolean) => {
    const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'x', urgent })
    return read(tree, peer.address, 'new', `${id}.query.json`).urgent
  }
  t.strictSame([urgentOf(true), urgentOf(false), urgentOf()], [true, undefined, undefined])
})

t.test(
  'the file in asks/ is there before the question is, and goes where that could not be published',
  async (t) => {
    const { tree, me } = makePair(t)
    const asks: string[] = []
    mockFs(t, 'linkSync', () => () => {
      asks.push(...mailOf(tree, me.address))
      throw Object.assign(new Error('EIO'), { code: 'EIO' })
    })
    t.equal(
      codeThrown(() => ask(tree, me.address, here, { peer: 'backend', body: 'x' })),
      'EIO',
    )
    t.match(asks, [/^asks\/.*\.blocked\.json$/])
    t.strictSame(mailOf(tree, me.address), [])
  },
)

const REFUSED: [string, string, string][] = [
  ['nobody', 'peer-unknown', 'x'],
  ['bakend', 'peer-unknown', 'x'],
  ['frontend', 'peer-self', 'x'],
  ['frontend@laptop', 'peer-self', 'x'],
  ['ada', 'peer-offline', 'x'],
  ['stale', 'peer-offline', 'x'],
  ['backend', 'bad-input', ''],
  ['backend', 'bad-input', ' \n\t '],
  ['backend', 'too-large', 'x'.repeat(MAX_MESSAGE_BYTES)],
  ['backend', 'too-large', 'ü'.repeat(MAX_MESSAGE_BYTES / 2)],
  ['', 'peer-unknown', 'x'],
  ['../inbox', 'peer-unknown', 'x'],
]

for (const [to, code, text] of REFUSED) {
  t.test(
    `asking "${to}" with ${text.length} characters is refused as ${code}, and nothing is written`,
    async (t) => {
      const world = makePair(t)
      registerPerson(world.tree, 'ada', here, world.dir)
      enrol(t, world, 'stale', { process: gone })
      const before = filesIn(world.tree.root)
      t.equal(
        codeThrown(() => ask(world.tree, world.me.address, here, { peer: to, body: text })),
        code,
      )
      t.strictSame(filesIn(world.tree.root), before)
    },
  )
}

t.test('an unknown peer is answered with the nearest name', async (t) => {
  const { tree, me } = makePair(t)
  t.match(
    thrown(() => ask(tree, me.address, here, { peer: 'backnd', body: 'x' })).next,
    'Did you mean backend@laptop?',
  )
})

t.test('a peer that dies between two questions is offline for the second', async (t) => {
  const world = makePair(t)
  const child = startProcess(t)
  enrol(t, world, 'cache', { process: child.mark })
  ask(world.tree, world.me.address, here, { peer: 'cache', body: 'x' })
  await child.end()
  t.equal(
    codeThrown(() => ask(world.tree, world.me.address, here, { peer: 'cache', body: 'x' })),
    'peer-offline',
  )
})

t.test('a reply that is there already is claimed at once, and asks/ is empty after it', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  t.equal(reply(tree, peer.address, id, '8080'), me.address)
  t.match(await awaitReply(tree, me.address, here, id, waitOf(0)), { id, outcome: 'answered', body: '8080' })
  t.strictSame(mailOf(tree, me.address), [`cur/${id}.reply.json`])
})

t.test('a reply that comes while somebody waits wakes it, also without an event', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  const waits = awaitReply(tree, me.address, here, id, waitOf(60_000))
  await new Promise((resolve) => setImmediate(resolve))
  reply(tree, peer.address, id, '8080')
  t.match(await waits, { body: '8080' })
  t.strictSame(mailOf(tree, me.address), [`cur/${id}.reply.json`])
})

t.test('who waits is called every second to tend what must go on', { timeout: 60_000 }, async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  const tend = () => void reply(tree, peer.address, id, '8080')
  t.match(await awaitReply(tree, me.address, here, id, { ...waitOf(15_000), tend }), { body: '8080' })
})

t.test('an event wakes a waiter at once, and one before the wait is not lost', async (t) => {
  const hints = makeHints()
  hints.poke()
  await hints.wait(2 ** 30)
  const waits = hints.wait(2 ** 30)
  hints.poke()
  await waits
  const abort = new AbortController()
  const aborted = hints.wait(2 ** 30, abort.signal)
  abort.abort()
  await aborted
  await hints.wait(2 ** 30, abort.signal)
  t.pass('none of them waited')
})

t.test('a reply that an earlier waiter had claimed is found', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  reply(tree, peer.address, id, '8080')
  claim(tree, me.address, `${id}.reply.json`)
  forgetAsk(tree, me.address, id)
  t.match(await awaitReply(tree, me.address, here, id, waitOf(0)), { body: '8080' })
  t.match(await awaitReply(tree, me.address, here, id, waitOf(0)), { body: '8080' }, 'and again')
  finish(tree, me.address, `${id}.reply.json`)
  t.match(
    await awaitReply(tree, me.address, here, id, waitOf(0)),
    { body: '8080' },
    'and when it is consumed',
  )
  t.strictSame(mailOf(tree, me.address), [`done/${id}.reply.json`])
})

t.test(
  'a reply that the courier has claimed is left to it, and a waiter takes it only when it is put back',
  async (t) => {
    const { tree, me, peer } = makePair(t)
    const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
    await awaitReply(tree, me.address, here, id, waitOf(0))
    reply(tree, peer.address, id, '8080')
    claim(tree, me.address, `${id}.reply.json`)
    t.equal(await awaitReply(tree, me.address, here, id, waitOf(0)), undefined)
    t.strictSame(mailOf(tree, me.address), [`asks/${id}.late.json`, `cur/${id}.reply.json`])
    putBack(tree, me.address, `${id}.reply.json`)
    t.match(await awaitReply(tree, me.address, here, id, waitOf(0)), { body: '8080' })
  },
)

t.test('a question whose asker died before it was published is not waited for', async (t) => {
  const { tree, me, peer } = makePair(t)
  blockOn(tree, me.address, { id: Q, to: peer.address, process: gone, since: '' })
  await t.rejects(awaitReply(tree, me.address, here, Q, waitOf(60_000)), { code: 'no-such-query' })
  sweep(tree)
  t.strictSame(mailOf(tree, me.address), [])
})

t.test('whoever stops waiting is late: the answer is mail then, until it is shown', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  t.equal(await awaitReply(tree, me.address, here, id, waitOf(0)), undefined)
  t.strictSame(mailOf(tree, me.address), [`asks/${id}.late.json`])
  t.equal(whoWants(tree, me.address, id), 'late')
  reply(tree, peer.address, id, '8080')
  t.notOk(fileUnwanted(tree, me.address, { id, kind: 'reply', file: `${id}.reply.json` }))
  t.match(lookInbox(tree, me.address), [{ state: 'new', message: { body: '8080' } }])
  claim(tree, me.address, `${id}.reply.json`)
  t.ok(handOver(tree, me, id, 'prompt'))
  t.strictSame(mailOf(tree, me.address), [`done/${id}.reply.json`])
  t.strictSame(eventsOf(tree, id), ['asked', 'replied', 'ended', 'consumed'])
})

t.test('whoever stops waiting leaves another process that waits for the same answer to it', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  const waits = awaitReply(tree, me.address, here, id, waitOf(50))
  blockOn(tree, me.address, { id, to: peer.address, process: startProcess(t).mark, since: '' })
  t.equal(await waits, undefined)
  t.equal(whoWants(tree, me.address, id), 'waiting')
})

t.test('a late question can be waited for again', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  await awaitReply(tree, me.address, here, id, waitOf(0))
  const waits = awaitReply(tree, me.address, here, id, waitOf(60_000))
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(mailOf(tree, me.address), [`asks/${id}.blocked.json`])
  reply(tree, peer.address, id, '8080')
  t.match(await waits, { body: '8080' })
})

t.test('after its waiter died a question is late, and another process can wait for it', async (t) => {
  const { tree, me, peer } = makePair(t)
  const waiter = startProcess(t)
  const { id } = ask(tree, me.address, waiter.mark, { peer: 'backend', body: 'Which port?' })
  t.equal(whoWants(tree, me.address, id), 'waiting')
  await waiter.end()
  t.equal(whoWants(tree, me.address, id), 'late')
  const waits = awaitReply(tree, me.address, here, id, waitOf(60_000))
  t.equal(whoWants(tree, me.address, id), 'waiting')
  t.match(listAsks(tree, me.address), [{ id, to: peer.address, process: here }])
  reply(tree, peer.address, id, '8080')
  t.match(await waits, { body: '8080' })
})

t.test('a reply that was put back is claimed again', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  reply(tree, peer.address, id, '8080')
  await awaitReply(tree, me.address, here, id, waitOf(0))
  putBack(tree, me.address, `${id}.reply.json`)
  t.match(await awaitReply(tree, me.address, here, id, waitOf(0)), { body: '8080' })
  t.strictSame(mailOf(tree, me.address), [`cur/${id}.reply.json`])
})

t.test(
  'a wait that is aborted returns nothing and does not become late: its caller withdraws or keeps it',
  async (t) => {
    const { tree, me } = makePair(t)
    const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
    const abort = new AbortController()
    const waits = awaitReply(tree, me.address, here, id, waitOf(60_000, abort.signal))
    abort.abort()
    t.equal(await waits, undefined)
    t.strictSame(mailOf(tree, me.address), [`asks/${id}.blocked.json`])
  },
)

t.test('a wait that fails leaves its question late: the answer will be mail', async (t) => {
  const { tree, me } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  const hints = { poke: () => {}, wait: () => Promise.reject(new Error('no watch')) }
  await t.rejects(awaitReply(tree, me.address, here, id, { milliseconds: 60_000, hints }), {
    message: 'no watch',
  })
  t.strictSame(mailOf(tree, me.address), [`asks/${id}.late.json`])
})

t.test('an answer that comes after the last look and before the question is late is returned', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  mockFs(t, 'renameSync', (real, restore) => (from: string, to: string) => {
    restore()
    reply(tree, peer.address, id, '8080')
    real(from, to)
  })
  t.match(await awaitReply(tree, me.address, here, id, waitOf(0)), { body: '8080' })
  t.strictSame(mailOf(tree, me.address), [`cur/${id}.reply.json`])
})

t.test('two waits for one question both get the answer', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  const waits = [1, 2].map(() => awaitReply(tree, me.address, here, id, waitOf(60_000)))
  reply(tree, peer.address, id, '8080')
  t.match(await Promise.all(waits), [{ body: '8080' }, { body: '8080' }])
  t.strictSame(mailOf(tree, me.address), [`cur/${id}.reply.json`])
})

const STRANGE = [Q, 'x', '', '../../backend@laptop/new/x', `../${Q}`, `${Q}.reply.json`]

for (const id of STRANGE) {
  t.test(`waiting for "${id}", which was never asked, is an error`, async (t) => {
    const { tree, me } = makePair(t)
    await t.rejects(awaitReply(tree, me.address, here, id, waitOf(0)), { code: 'no-such-query' })
  })
}

t.test('an id that is a path touches no file of another mailbox', async (t) => {
  const { tree, me, peer } = makePair(t)
  const file = `${Q}.reply.json`
  place(tree, peer.address, 'new', file, JSON.stringify(message({ kind: 'reply', to: peer.address })))
  const id = `../../${peer.address}/new/${Q}`
  await t.rejects(awaitReply(tree, me.address, here, id, waitOf(0)), { code: 'no-such-query' })
  t.strictSame(mailOf(tree, peer.address), [`new/${file}`])
})

t.test("somebody else's answer to a question that I never asked is not mine", async (t) => {
  const { tree, me } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  place(
    tree,
    me.address,
    'new',
    `${id}.reply.json`,
    JSON.stringify(message({ kind: 'reply', id, to: 'web@laptop' })),
  )
  t.equal(await awaitReply(tree, me.address, here, id, waitOf(0)), undefined)
})

t.test('questions without an answer are listed, oldest first, with their state', async (t) => {
  const { tree, me, peer } = makePair(t)
  const first = ask(tree, me.address, here, { peer: 'backend', body: 'one' }).id
  await awaitReply(tree, me.address, here, first, waitOf(0))
  const second = ask(tree, me.address, here, { peer: 'backend', body: 'two' }).id
  const sorted = [first, second].sort()
  t.strictSame(
    unanswered(tree, me.address).map(({ id }) => id),
    sorted,
  )
  t.match(
    unanswered(tree, me.address).find(({ id }) => id === first),
    { to: peer.address, state: 'late' },
  )
})

t.test('what a crash left half-written in asks/ is passed over', async (t) => {
  const { tree, me } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  const dir = join(tree.root, dirname(askPath(me.address, id, 'blocked')))
  for (const name of [`${id}.blocked.json.7-x-1.tmp`, 'README', `${Q}.blocked.json`, `${Q}.waiting.json`])
    writeFileSync(join(dir, name), '{"id"')
  t.equal(listAsks(tree, me.address).length, 1)
})

for (const state of ['blocked', 'late'] as const) {
  t.test(`an answer is mail where a power cut left ${state}.json empty: somebody asked`, async (t) => {
    const { tree, me } = makePair(t)
    writeFileSync(join(tree.root, askPath(me.address, Q, state)), '')
    t.equal(whoWants(tree, me.address, Q), 'late')
  })
}

t.test('answering moves the question to done/, and the reply says whose it is', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  reply(tree, peer.address, id, '8080')
  t.strictSame(mailOf(tree, peer.address), [`done/${id}.query.json`])
  const it = read(tree, me.address, 'new', `${id}.reply.json`)
  t.match(it, {
    kind: 'reply',
    id,
    in_reply_to: id,
    from: peer.address,
    to: me.address,
    thread: id,
    outcome: 'answered',
  })
})

for (const state of ['new', 'cur', 'open'] as const) {
  t.test(`a question in ${state}/ can be answered by its id`, async (t) => {
    const { tree, peer } = makePair(t)
    place(tree, peer.address, state, `${Q}.query.json`, JSON.stringify(message()))
    t.equal(reply(tree, peer.address, Q, '8080'), 'frontend@laptop')
    t.strictSame(mailOf(tree, peer.address), [`done/${Q}.query.json`])
  })
}

for (const state of ['done', 'dead', 'held'] as const) {
  t.test(`a question in ${state}/ cannot be answered, and nobody is told anything`, async (t) => {
    const { tree, me, peer } = makePair(t)
    place(tree, peer.address, state, `${Q}.query.json`, JSON.stringify(message()))
    t.equal(
      codeThrown(() => reply(tree, peer.address, Q, '8080')),
      'no-such-query',
    )
    t.strictSame(mailOf(tree, me.address), [])
    t.strictSame(mailOf(tree, peer.address), [`${state}/${Q}.query.json`])
  })
}

for (const id of STRANGE) {
  t.test(`answering "${id}", which was never asked, is an error`, async (t) => {
    const { tree, peer } = makePair(t)
    t.equal(
      codeThrown(() => reply(tree, peer.address, id, '8080')),
      'no-such-query',
    )
  })
}

t.test('a notice of an id is no question to answer', async (t) => {
  const { tree, peer } = makePair(t)
  publish(tree, message({ kind: 'notice' }))
  t.equal(
    codeThrown(() => reply(tree, peer.address, Q, '8080')),
    'no-such-query',
  )
})

t.test('a link to a question elsewhere is no question', async (t) => {
  const { tree, me, peer, dir } = makePair(t)
  const elsewhere = join(dir, 'elsewhere.json')
  writeFileSync(elsewhere, JSON.stringify(message()))
  symlinkSync(elsewhere, join(tree.root, messagePath(peer.address, 'open', `${Q}.query.json`)))
  t.not(
    codeThrown(() => reply(tree, peer.address, Q, '8080')),
    undefined,
  )
  t.strictSame(mailOf(tree, me.address), [])
})

t.test('one cannot answer the question of another mailbox', async (t) => {
  const { tree, me, peer } = makePair(t)
  publish(tree, message())
  t.equal(
    codeThrown(() => reply(tree, me.address, Q, '8080')),
    'no-such-query',
  )
  t.strictSame(mailOf(tree, peer.address), [`new/${Q}.query.json`])
})

t.test('an empty answer is refused and the question stays as it was', async (t) => {
  const { tree, peer } = makePair(t)
  publish(tree, message())
  t.equal(
    codeThrown(() => reply(tree, peer.address, Q, ' \n')),
    'bad-input',
  )
  t.strictSame(mailOf(tree, peer.address), [`new/${Q}.query.json`])
})

t.test(
  'an answer that is too large is refused, stays unsent in the journal too, and a shorter one can follow',
  async (t) => {
    const { tree, me, peer } = makePair(t)
    publish(tree, message())
    t.equal(
      codeThrown(() => reply(tree, peer.address, Q, 'x'.repeat(MAX_MESSAGE_BYTES))),
      'too-large',
    )
    t.strictSame(mailOf(tree, me.address), [])
    t.strictSame(mailOf(tree, peer.address), [`open/${Q}.query.json`])
    t.strictSame(eventsOf(tree, Q), [], 'the journal never says replied for what was not')
    reply(tree, peer.address, Q, '8080')
    t.equal(read(tree, me.address, 'new', `${Q}.reply.json`).body, '8080')
  },
)

t.test('a question is answered once: the second answer is an error', async (t) => {
  const { tree, me, peer } = makePair(t)
  publish(tree, message())
  reply(tree, peer.address, Q, 'first')
  t.equal(
    codeThrown(() => reply(tree, peer.address, Q, 'second')),
    'no-such-query',
  )
  t.equal(read(tree, me.address, 'new', `${Q}.reply.json`).body, 'first')
})

t.test('a torn question in new/ has no sender to answer', async (t) => {
  const { tree, peer } = makePair(t)
  place(tree, peer.address, 'new', `${Q}.query.json`, '{"spec":')
  t.equal(
    codeThrown(() => reply(tree, peer.address, Q, '8080')),
    'no-such-query',
  )
  t.strictSame(mailOf(tree, peer.address), [`new/${Q}.query.json`])
})
