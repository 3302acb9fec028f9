// An answer is held while a task that was begun for it runs; and what a turn says after its answer was sent. mailbox-spec §8.3

import t, { type Test } from 'tap'
import { frameText } from '../../src/protocol/frame.ts'
import type { Message } from '../../src/protocol/message.ts'
import { answeredLast, type Grant, readGrant } from '../../src/spool/grants.ts'
import { record } from '../../src/spool/journal.ts'
import { claim } from '../../src/spool/moves.ts'
import { publish } from '../../src/spool/publish.ts'
import { beginTurn } from '../../src/verbs/begin-turn.ts'
import { endAll, endOpen, failed, interrupted } from '../../src/verbs/end-open.ts'
import { endTurn, failTurn, type Prompt } from '../../src/verbs/end-turn.ts'
import { given } from '../../src/verbs/given.ts'
import { leave } from '../../src/verbs/leave.ts'
import { publishHeld } from '../../src/verbs/provisional.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { rename } from '../../src/verbs/rename.ts'
import { reply } from '../../src/verbs/reply.ts'
import { framed, gone, mailOf, makePair, message, mockFs, Q, read } from '../world.ts'

const SECOND = '20261122t094012413z-00000000'
const TASK: Prompt = { text: '<task-notification>', absorbed: false, ofTask: 'other' }
const SHELL: Prompt = { ...TASK, ofTask: 'shell' }
const HUMAN: Prompt = { text: 'and my tests?', absorbed: false }
const TEN_MINUTES = 600_000

type World = ReturnType<typeof makePair>

/** The prompts that the record has so far, what the turn said last, and whether a task runs. */
type Stop = { more?: Prompt[]; text?: string | null; pending?: boolean }

let asked: Prompt = { text: '', absorbed: false }

function stop(
  { tree, peer }: World,
  { more = [], text = 'It is 8080.', pending = false }: Stop = {},
): string[] {
  return endTurn(tree, peer, {
    prompts: () => [asked, ...more],
    text: () => text ?? undefined,
    pending: () => pending,
  })
}

/** A question that was given and is this peer's only one. */
function ask(t: Test, more: Partial<Message> = {}): World {
  const world = makePair(t)
  const query = message({ thread: Q, ...more })
  asked = { text: frameText(framed(query)), absorbed: false }
  give(world, query)
  return world
}

/** A prompt of the turn held this question and nothing else. */
function give({ tree, peer }: World, query: Message): void {
  publish(tree, query)
  claim(tree, peer.address, `${query.id}.query.json`)
  given(tree, peer, { text: frameText(framed(query)), transcript: '/dev/null', hook: 'prompt' })
}

/** Sets the clock forward. */
function wait(t: Test, ms: number): void {
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => now() + ms
}

const outcome = ({ tree, me }: World) => read(tree, me.address, 'new', `${Q}.reply.json`)
const mine = ({ tree, me }: World) => mailOf(tree, me.address)
const theirs = ({ tree, peer }: World) => mailOf(tree, peer.address)

function notices(world: World) {
  const files = mine(world).filter((file) => file.endsWith('.notice.json'))
  return files.map((file) => read(world.tree, world.me.address, 'new', file.slice('new/'.length)))
}

const OPEN = [`open/${Q}.query.json`]
const DONE = [`done/${Q}.query.json`]

t.test('an answer is held while a task of its turn runs, and nobody is reminded or told', async (t) => {
  const world = ask(t)
  t.strictSame(stop(world, { text: 'I look.', pending: true }), [])
  t.strictSame(theirs(world), OPEN)
  t.strictSame(mine(world), [])
  t.equal(readGrant(world.tree, Q)?.held?.text, 'I look.')
})

t.test('the turn that the end of the task starts gives the answer, whole and not provisional', async (t) => {
  const world = ask(t)
  stop(world, { text: 'I look.', pending: true })
  beginTurn(world.tree, world.peer, 'other')
  stop(world, { more: [TASK], text: 'It is 8080.' })
  t.strictSame(theirs(world), DONE)
  t.match(outcome(world), { outcome: 'answered', body: 'It is 8080.', provisional: undefined })
})

t.test('of several tasks each end may say more, and the time runs from the first text', async (t) => {
  const world = ask(t)
  stop(world, { text: 'I look.', pending: true })
  const since = readGrant(world.tree, Q)?.held?.since
  wait(t, 5_000)
  beginTurn(world.tree, world.peer, 'other')
  stop(world, { more: [TASK], text: 'One says 8080.', pending: true })
  t.strictSame(readGrant(world.tree, Q)?.held, { text: 'One says 8080.', since })
  t.strictSame(mine(world), [])
  stop(world, { more: [TASK, TASK], text: 'Both say 8080.' })
  t.equal(outcome(world).body, 'Both say 8080.')
})

t.test(
  'a held answer is not sent before ten minutes are over, and is sent as provisional then',
  async (t) => {
    const world = ask(t)
    stop(world, { text: 'I look.', pending: true })
    wait(t, TEN_MINUTES - 5_000)
    publishHeld(world.tree, world.peer)
    t.strictSame(theirs(world), OPEN)
    wait(t, 6_000)
    publishHeld(world.tree, world.peer)
    t.strictSame(theirs(world), DONE)
    t.match(outcome(world), { outcome: 'answered', body: 'I look.', provisional: true, thread: Q })
    publishHeld(world.tree, world.peer)
    t.strictSame(mine(world), [`new/${Q}.reply.json`], 'once')
  },
)

t.test('what follows a provisional answer is an amendment', async (t) => {
  const world = ask(t)
  stop(world, { text: 'I look.', pending: true })
  wait(t, TEN_MINUTES)
  publishHeld(world.tree, world.peer)
  beginTurn(world.tree, world.peer, 'other')
  stop(world, { more: [TASK], text: 'It is 8080.' })
  t.match(notices(world), [{ in_reply_to: Q, body: /^An amendment to the answer[\s\S]*\n\nIt is 8080\.$/ }])
})

t.test(
  'the human speaks while the task runs: nothing is sent, and the agent is reminded afterwards',
  async (t) => {
    const world = ask(t)
    stop(world, { text: 'I look.', pending: true })
    t.strictSame(stop(world, { more: [HUMAN], text: 'For my human.', pending: true }), [])
    t.equal(readGrant(world.tree, Q)?.held?.text, 'I look.')
    t.strictSame(stop(world, { more: [HUMAN, TASK], text: 'For my human.' }), [Q])
    t.strictSame(mine(world), [])
    stop(world, { more: [HUMAN, TASK], text: 'For my human.' })
    t.match(outcome(world), { outcome: 'answered', body: 'I look.', provisional: true })
  },
)

t.test('after the reminder reply_peer answers in place of what is held', async (t) => {
  const world = ask(t)
  stop(world, { text: 'I look.', pending: true })
  stop(world, { more: [HUMAN, TASK] })
  reply(world.tree, world.peer.address, Q, '8080')
  t.match(outcome(world), { outcome: 'answered', body: '8080', provisional: undefined })
})

t.test(
  'the turn of a task that ends without a text is reminded, and then what is held is sent',
  async (t) => {
    const world = ask(t)
    stop(world, { text: 'I look.', pending: true })
    t.strictSame(stop(world, { more: [TASK], text: null }), [Q])
    stop(world, { more: [TASK], text: null })
    t.match(outcome(world), { outcome: 'answered', body: 'I look.', provisional: true })
  },
)

for (const [what, end] of [
  ['/clear', (w: World) => endAll(w.tree, w.peer, interrupted(w.peer, 'its user ran /clear', 'session-end'))],
  ['the end of its process', (w: World) => leave(w.tree, w.peer, 'x')],
  [
    'the failure of a later turn',
    (w: World) =>
      failTurn(w.tree, w.peer, { text: () => undefined, prompts: () => [asked, TASK] }, failed(w.peer, 'x')),
  ],
] as const) {
  t.test(`${what} sends what is held, as provisional`, async (t) => {
    const world = ask(t)
    stop(world, { text: 'I look.', pending: true })
    end(world)
    t.strictSame(theirs(world), DONE)
    t.match(outcome(world), { outcome: 'answered', body: 'I look.', provisional: true })
  })
}

t.test('an agent at rest whose answer is held is not taken for interrupted', async (t) => {
  const world = ask(t)
  stop(world, { text: 'I look.', pending: true })
  wait(t, 60_000)
  t.equal(endOpen(world.tree, world.peer, interrupted(world.peer, 'x', 'courier')), 0)
  t.strictSame(theirs(world), OPEN)
})

t.test(
  'the turn of a task that is interrupted sends what is held; one that begins now is left alone',
  async (t) => {
    const world = ask(t)
    stop(world, { text: 'I look.', pending: true })
    beginTurn(world.tree, world.peer, 'other')
    const end = () => endOpen(world.tree, world.peer, interrupted(world.peer, 'x', 'courier'))
    t.equal(end(), 0)
    wait(t, 11_000)
    t.equal(end(), 1)
    t.match(outcome(world), { outcome: 'answered', body: 'I look.', provisional: true })
  },
)

t.test('the end of a shell does not resume what is held', async (t) => {
  const world = ask(t)
  stop(world, { text: 'I look.', pending: true })
  beginTurn(world.tree, world.peer, 'shell')
  wait(t, 11_000)
  t.equal(endOpen(world.tree, world.peer, interrupted(world.peer, 'x', 'courier')), 0)
})

t.test('a question that comes while the answer to another is held is answered by its own turn', async (t) => {
  const world = ask(t)
  const { tree, peer, me } = world
  stop(world, { text: 'I look.', pending: true })
  const second = message({ id: SECOND })
  const other = { text: frameText(framed(second)), absorbed: false }
  give(world, second)
  const prompts = ({ id }: Grant) => (id === Q ? [asked, other] : [other])
  const turn = { prompts, text: () => 'And 8081.', pending: ({ id }: Grant) => id === Q }
  t.strictSame(endTurn(tree, peer, turn), [])
  t.match(read(tree, me.address, 'new', `${SECOND}.reply.json`), { outcome: 'answered', body: 'And 8081.' })
  t.equal(readGrant(tree, Q)?.held?.text, 'I look.')
})

t.test('an answer that only the journal has is sent in place of what is held', async (t) => {
  const world = ask(t)
  const { tree, me, peer } = world
  stop(world, { text: 'I look.', pending: true })
  const to = me.address
  record(tree, 'replied', peer.address, Q, { to, outcome: 'answered', by: 'stop', body: 'It is 8080.' })
  leave(tree, peer, 'x')
  t.match(outcome(world), { outcome: 'answered', body: 'It is 8080.', provisional: undefined })
})

t.test('a provisional answer that only the journal has is sent as provisional', async (t) => {
  const world = ask(t)
  stop(world, { text: 'I look.', pending: true })
  wait(t, TEN_MINUTES)
  mockFs(t, 'linkSync', (_, restore) => () => {
    restore()
    throw Object.assign(new Error('killed'), { code: 'killed' })
  })
  t.throws(() => publishHeld(world.tree, world.peer), { code: 'killed' })
  t.strictSame(mine(world), [])
  leave(world.tree, world.peer, 'x')
  t.match(outcome(world), { outcome: 'answered', body: 'I look.', provisional: true })
})

t.test('a turn that goes on after its answer amends it, once for each other text', async (t) => {
  const world = ask(t)
  stop(world, { text: 'It is 8080.' })
  stop(world, { text: 'It is 8080.' })
  t.strictSame(notices(world), [], 'the same text is no amendment')
  stop(world, { text: 'It is 8081.' })
  stop(world, { text: 'It is 8081.' })
  stop(world, { text: 'No: 8082.' })
  t.match(
    notices(world).map(({ from, to, in_reply_to, thread, body }) => ({
      from,
      to,
      in_reply_to,
      thread,
      body,
    })),
    ['It is 8081.', 'No: 8082.'].map((text) => ({
      from: 'backend@laptop',
      to: 'frontend@laptop',
      in_reply_to: Q,
      thread: Q,
      body: `An amendment to the answer to your question "Which port?":\n\n${text}`,
    })),
  )
})

t.test('the end of a task that comes after the answer amends it', async (t) => {
  const world = ask(t)
  stop(world, { text: 'I look.' })
  beginTurn(world.tree, world.peer, 'other')
  stop(world, { more: [TASK], text: 'It is 8080.' })
  t.equal(notices(world).length, 1)
})

for (const [what, more] of [
  ['by the human', HUMAN],
  ['by another task', { ...TASK, ofTask: undefined }],
] as const) {
  t.test(`a turn that was joined ${what} amends nothing, then or later`, async (t) => {
    const world = ask(t)
    stop(world, { text: 'It is 8080.' })
    stop(world, { more: [more], text: 'For my human.' })
    t.strictSame(notices(world), [])
    t.equal(answeredLast(world.tree, world.peer.process.pid), undefined)
  })
}

t.test('the next turn amends nothing', async (t) => {
  const world = ask(t)
  stop(world, { text: 'It is 8080.' })
  beginTurn(world.tree, world.peer, undefined)
  stop(world, { text: 'Something else.' })
  t.strictSame(notices(world), [])
})

t.test('what the agent says after our own reminder is no amendment', async (t) => {
  const world = ask(t)
  publish(world.tree, message({ id: SECOND }))
  claim(world.tree, world.peer.address, `${SECOND}.query.json`)
  given(world.tree, world.peer, { text: `[repowire:${SECOND} question from x@y]`, hook: 'transcript' })
  t.strictSame(stop(world, { text: 'It is 8080.' }), [SECOND])
  t.equal(outcome(world).body, 'It is 8080.')
  stop(world, { text: 'I have answered that too.' })
  t.strictSame(notices(world), [])
})

t.test(
  'what the agent says of the end of a shell amends nothing, and what comes after it does',
  async (t) => {
    const world = ask(t)
    stop(world, { text: 'I look.' })
    beginTurn(world.tree, world.peer, 'shell')
    stop(world, { more: [SHELL], text: 'The server has ended.' })
    t.strictSame(notices(world), [])
    beginTurn(world.tree, world.peer, 'other')
    stop(world, { more: [SHELL, TASK], text: 'It is 8080.' })
    t.equal(notices(world).length, 1)
  },
)

t.test('what the agent says of the end of a shell takes the place of nothing that is held', async (t) => {
  const world = ask(t)
  stop(world, { text: 'I look.', pending: true })
  stop(world, { more: [SHELL], text: 'The server has ended.', pending: true })
  t.equal(readGrant(world.tree, Q)?.held?.text, 'I look.')
})

t.test('an answer by reply_peer is never amended', async (t) => {
  const world = ask(t)
  reply(world.tree, world.peer.address, Q, 'by the tool')
  stop(world, { text: 'Sent.' })
  stop(world, { text: 'All sent.' })
  t.strictSame(notices(world), [])
})

t.test("an amendment to a person's question lies in the inbox of the person", async (t) => {
  const world = ask(t, { from: 'ada@laptop' })
  const { address } = registerPerson(world.tree, 'ada', gone, '/')
  stop(world, { text: 'It is 8080.' })
  stop(world, { text: 'It is 8081.' })
  const files = mailOf(world.tree, address)
  t.match(files, [`new/${Q}.reply.json`, /^new\/.*\.notice\.json$/])
})

t.test('an asker that has another name meanwhile gets the amendment under that', async (t) => {
  const world = ask(t)
  stop(world, { text: 'It is 8080.' })
  rename(world.tree, world.me, 'web')
  stop(world, { text: 'It is 8081.' })
  t.ok(mailOf(world.tree, 'web@laptop').some((file) => file.endsWith('.notice.json')))
})

t.test('a process that is over leaves nothing to amend', async (t) => {
  const world = ask(t)
  stop(world, { text: 'It is 8080.' })
  leave(world.tree, world.peer, 'x')
  t.equal(answeredLast(world.tree, world.peer.process.pid), undefined)
})
