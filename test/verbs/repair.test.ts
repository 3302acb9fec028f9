// What was published and is lost is published again, by its sender's host, from the outbox. mailbox-spec §6.1.

import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { blockOn, goLate, isAsked, isBlocked, whoWants } from '../../src/spool/asks.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { record } from '../../src/spool/journal.ts'
import { keepSent, listSent, sentBytes } from '../../src/spool/outbox.ts'
import { publish } from '../../src/spool/publish.ts'
import { readAnywhere } from '../../src/spool/scan.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { cancel } from '../../src/verbs/cancel.ts'
import { fileUnwanted, takeInbox } from '../../src/verbs/inbox.ts'
import { notify } from '../../src/verbs/notify.ts'
import { repair } from '../../src/verbs/repair.ts'
import { reply } from '../../src/verbs/reply.ts'
import { forgetReturnedAsks } from '../../src/verbs/stale-asks.ts'
import { codeThrown, entriesOf, eventsOf, gone, here, mailOf, makePair, message, Q } from '../world.ts'

const TO = 'backend@laptop'
const FROM = 'frontend@laptop'
const NOW = 0
const NEVER = 3_600_000

/** Twice: once it is noticed, and then it has been nowhere for long enough. */
function repairNow(tree: Tree): void {
  const missing = new Map()
  repair(tree, missing, NEVER)
  repair(tree, missing, NOW)
}

/** A backup is put in the place of the folder: nothing lies in any mailbox. */
function rollBack(tree: Tree): void {
  for (const address of [TO, FROM]) {
    rmSync(join(tree.root, 'inbox', address), { recursive: true })
    for (const dir of ['new', 'cur', 'open', 'done', 'dead', 'held', 'asks'])
      mkdirSync(join(tree.root, 'inbox', address, dir), { recursive: true, mode: 0o700 })
  }
}

function asked(t: Parameters<typeof makePair>[0]) {
  const pair = makePair(t)
  const { id } = ask(pair.tree, FROM, here, { peer: TO, body: 'Which port?' })
  return { ...pair, id }
}

t.test('a question that is lost is published again with the same bytes, and asked again', async (t) => {
  const { tree, id } = asked(t)
  const bytes = sentBytes(tree, id, 'query')
  rollBack(tree)
  repairNow(tree)
  t.strictSame(mailOf(tree, TO), [`new/${id}.query.json`])
  t.strictSame(readAnywhere(tree, TO, id, 'query')?.message, JSON.parse(String(bytes)))
  t.equal(whoWants(tree, FROM, id), 'late', 'its asker gets the answer as mail')
  t.strictSame(entriesOf(tree, id).at(-1)?.event, 'repaired')
})

t.test('it is not published again before it has been nowhere for so long, without a break', async (t) => {
  const { tree, id } = asked(t)
  const missing = new Map()
  rollBack(tree)
  repair(tree, missing, NEVER)
  repair(tree, missing, NEVER)
  t.strictSame(mailOf(tree, TO), [])
  publish(tree, message({ id, body: 'Which port?' }))
  repair(tree, missing, NOW)
  t.equal(missing.size, 0, 'it is there again')
  rollBack(tree)
  repair(tree, missing, NEVER)
  t.strictSame(mailOf(tree, TO), [], 'the time begins anew')
})

t.test('a notice that is lost is published again; one that its receiver had is forgotten', async (t) => {
  const { tree, peer } = makePair(t)
  const { id } = notify(tree, FROM, TO, 'I renamed the route.')
  rollBack(tree)
  repairNow(tree)
  t.strictSame(mailOf(tree, TO), [`new/${id}.notice.json`])
  takeInbox(tree, peer, false)
  repairNow(tree)
  t.strictSame(listSent(tree), [])
  rollBack(tree)
  repairNow(tree)
  t.strictSame(mailOf(tree, TO), [])
})

t.test(
  'an answer that is lost is published again, and the question stays in the outbox until it was taken',
  async (t) => {
    const { tree, id, peer, me } = asked(t)
    takeInbox(tree, peer, false)
    reply(tree, TO, id, '8080.')
    repairNow(tree)
    t.strictSame(
      listSent(tree).map(({ kind }) => kind),
      ['query', 'reply'],
    )
    rollBack(tree)
    repairNow(tree)
    t.strictSame(mailOf(tree, FROM), [`asks/${id}.late.json`, `new/${id}.reply.json`])
    t.equal(readAnywhere(tree, FROM, id, 'reply')?.message.body, '8080.')
    takeInbox(tree, me, false)
    repairNow(tree)
    t.strictSame(listSent(tree), [])
  },
)

t.test('a question whose answer was consumed is not asked again, whatever is lost', async (t) => {
  const { tree, id } = asked(t)
  record(tree, 'consumed', FROM, id)
  rollBack(tree)
  repairNow(tree)
  t.strictSame(mailOf(tree, TO), [])
  t.notOk(isAsked(tree, FROM, id))
  t.strictSame(listSent(tree), [])
})

t.test('a question that was taken back is not asked again', async (t) => {
  const { tree, id } = asked(t)
  cancel(tree, FROM, id)
  rollBack(tree)
  repairNow(tree)
  t.strictSame(mailOf(tree, TO), [])
  t.notOk(isAsked(tree, FROM, id))
})

t.test(
  'a question that was never published, since its sender was killed, is not published later',
  async (t) => {
    const { tree } = makePair(t)
    blockOn(tree, FROM, { id: Q, to: TO, process: gone, since: '' })
    keepSent(tree, message(), JSON.stringify(message()))
    repairNow(tree)
    t.strictSame(mailOf(tree, TO), [])
    t.strictSame(listSent(tree), [])
  },
)

t.test('where only the file in asks/ is lost, the answer comes as mail', async (t) => {
  const { tree, id } = asked(t)
  rmSync(join(tree.root, 'inbox', FROM, 'asks', `${id}.blocked.json`))
  repairNow(tree)
  t.equal(whoWants(tree, FROM, id), 'late')
  t.strictSame(mailOf(tree, TO), [`new/${id}.query.json`])
})

t.test(
  'until the lost file in asks/ is made anew a reply waits, and is neither mail nor unwanted',
  async (t) => {
    const { tree, id, me, peer } = asked(t)
    takeInbox(tree, peer, false)
    rmSync(join(tree.root, 'inbox', FROM, 'asks', `${id}.blocked.json`))
    const missing = new Map()
    repair(tree, missing, NEVER)
    reply(tree, TO, id, '8080.')
    repair(tree, missing, NEVER)
    t.equal(whoWants(tree, FROM, id), 'waiting')
    t.notOk(fileUnwanted(tree, FROM, { id, kind: 'reply', file: `${id}.reply.json` }))
    t.strictSame(takeInbox(tree, me, false), [])
    repair(tree, missing, NOW)
    t.equal(whoWants(tree, FROM, id), 'late')
    t.match(takeInbox(tree, me, false), [{ body: '8080.' }])
  },
)

t.test('a file in asks/ that came back is forgotten where the answer was consumed', async (t) => {
  const { tree, id } = asked(t)
  forgetReturnedAsks(tree)
  t.ok(isAsked(tree, FROM, id))
  record(tree, 'consumed', FROM, id)
  forgetReturnedAsks(tree)
  t.notOk(isAsked(tree, FROM, id))
})

const lose = (tree: Tree, id: string) => rmSync(join(tree.root, 'inbox', FROM, 'asks', `${id}.blocked.json`))
for (const [what, harm] of [
  ['the file in asks/ is lost', lose],
  ['an older file in asks/ came back', (tree: Tree, id: string) => goLate(tree, FROM, id)],
] as const)
  t.test(`who waits goes on waiting where ${what}`, async (t) => {
    const { tree, id, peer } = asked(t)
    const hints = makeHints()
    let ticks = 0
    const tend = () => {
      ticks += 1
      if (ticks === 1) harm(tree, id)
      if (ticks !== 2) return
      t.ok(isBlocked(tree, FROM, id), 'a second later it says so again')
      takeInbox(tree, peer, false)
      reply(tree, TO, id, '8080.')
      hints.poke()
    }
    const found = await awaitReply(tree, FROM, here, id, { milliseconds: 30_000, hints, tend })
    t.equal(found?.body, '8080.')
  })

t.test('an asker may wait again for a question that is lost and will come back', async (t) => {
  const { tree, id } = asked(t)
  rmSync(join(tree.root, 'inbox', TO, 'new', `${id}.query.json`))
  t.equal(await awaitReply(tree, FROM, here, id, { milliseconds: 1, hints: makeHints() }), undefined)
  t.equal(whoWants(tree, FROM, id), 'late')
})

t.test('of two that send one reply both send what was kept first', async (t) => {
  const { tree } = makePair(t)
  const one = message({ kind: 'reply', from: TO, to: FROM, body: 'the first' })
  t.equal(keepSent(tree, one, JSON.stringify(one)), JSON.stringify(one))
  publish(tree, { ...one, body: 'the second' })
  t.equal(readAnywhere(tree, FROM, Q, 'reply')?.message.body, 'the first')
})

t.test('what a power cut left empty in the outbox is written again', async (t) => {
  const { tree } = makePair(t)
  const one = message()
  mkdirSync(join(tree.state, 'outbox'), { recursive: true })
  writeFileSync(join(tree.state, 'outbox', `${Q}.query.json`), '')
  t.equal(
    codeThrown(() => publish(tree, one)),
    undefined,
  )
  t.strictSame(JSON.parse(String(sentBytes(tree, Q, 'query'))), one)
})

t.test(
  'what has been kept for twenty days is forgotten, and so is nothing else in the directory',
  async (t) => {
    const { tree, id } = asked(t)
    const old = new Date(Date.now() - 21 * 86_400_000)
    utimesSync(join(tree.state, 'outbox', `${id}.query.json`), old, old)
    writeFileSync(join(tree.state, 'outbox', 'README'), 'mine')
    rollBack(tree)
    repairNow(tree)
    t.strictSame(mailOf(tree, TO), [])
    t.strictSame(readdirSync(join(tree.state, 'outbox')), ['README'])
    t.strictSame(eventsOf(tree, id), ['asked'])
  },
)

t.test('what a power cut left empty, and nobody sends again, is forgotten after an hour', async (t) => {
  const { tree } = makePair(t)
  const file = join(tree.state, 'outbox', `${Q}.query.json`)
  mkdirSync(join(tree.state, 'outbox'), { recursive: true })
  writeFileSync(file, '')
  repairNow(tree)
  t.equal(listSent(tree).length, 1)
  const old = new Date(Date.now() - 2 * 3_600_000)
  utimesSync(file, old, old)
  repairNow(tree)
  t.strictSame(listSent(tree), [])
})

t.test('what another sent under that name is not sent in its place', async (t) => {
  const { tree } = makePair(t)
  const forged = message({ kind: 'reply', from: 'cache@laptop', to: FROM, body: 'forged' })
  keepSent(tree, forged, JSON.stringify(forged))
  publish(tree, message({ kind: 'reply', from: TO, to: FROM, body: 'the real one' }))
  t.equal(readAnywhere(tree, FROM, Q, 'reply')?.message.body, 'the real one')
})

t.test('a question that was never published is not asked, though its text was kept', async (t) => {
  const { tree } = makePair(t)
  keepSent(tree, message(), JSON.stringify(message()))
  const missing = new Map()
  repair(tree, missing, NEVER)
  repair(tree, missing, NOW)
  t.notOk(isAsked(tree, FROM, Q))
  t.strictSame(listSent(tree), [])
})
