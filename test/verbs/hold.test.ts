// Mail of a session with permission limits waits for the user before one that may bypass them. mailbox-spec §11.2

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Card, sameProcess } from '../../src/protocol/card.ts'
import { bypasses, isLimited } from '../../src/protocol/limits.ts'
import type { Message } from '../../src/protocol/message.ts'
import { isAsked } from '../../src/spool/asks.ts'
import { writeFields } from '../../src/spool/config.ts'
import { modeOf, noteMode } from '../../src/spool/modes.ts'
import { readAnywhere } from '../../src/spool/scan.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { approve, listHeld, refuseHeld } from '../../src/verbs/approve.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { cancel, obeyCancel } from '../../src/verbs/cancel.ts'
import { takeCounterQuestion } from '../../src/verbs/counter-question.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { leave } from '../../src/verbs/leave.ts'
import { notify } from '../../src/verbs/notify.ts'
import { whyStuck } from '../../src/verbs/reach.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { reply } from '../../src/verbs/reply.ts'
import { sortOut } from '../../src/verbs/vouch.ts'
import {
  codeThrown,
  entriesOf,
  eventsOf,
  here,
  lay,
  mailOf,
  makePair,
  message,
  place,
  Q,
  read,
  waitOf,
} from '../world.ts'

const FROM = 'frontend@laptop'
const TO = 'backend@laptop'
const BYPASS = 'bypassPermissions'

/** Says of a session what its hook would. */
const enter = (tree: Tree, { process }: Card, mode: string | undefined, mayBypass = false) =>
  noteMode(tree, process, mode, () => mayBypass)

/** `backend` bypasses permissions, and `frontend` does not. */
function makeUneven(t: Test, mine: string | undefined = 'default', its = BYPASS) {
  const pair = makePair(t)
  if (mine !== undefined) enter(pair.tree, pair.me, mine)
  enter(pair.tree, pair.peer, its)
  const put = (body = 'Which port?') => ask(pair.tree, FROM, here, { peer: 'backend', body }).id
  const person = process.ppid // no agent is above the runner
  return { ...pair, put, person }
}

const stateOf = (tree: Tree, id: string, kind: Message['kind'] = 'query') =>
  readAnywhere(tree, TO, id, kind)?.state

/** The clock of this host, so many seconds on. */
function later(t: Test, seconds: number): void {
  const { now } = Date
  Date.now = () => now() + seconds * 1_000
  t.teardown(() => {
    Date.now = now
  })
}

const MODES: [mine: string | undefined, its: string | undefined, held: boolean][] = [
  ['plan', BYPASS, true],
  ['default', BYPASS, true],
  ['acceptEdits', BYPASS, true],
  ['auto', BYPASS, true],
  ['dontAsk', BYPASS, true],
  ['a mode of tomorrow', BYPASS, true],
  [undefined, BYPASS, true],
  [BYPASS, BYPASS, false],
  ['plan', 'default', false],
  ['plan', 'auto', false],
  ['plan', 'dontAsk', false],
  ['plan', undefined, false],
  [undefined, undefined, false],
  ['default', 'a mode of tomorrow', true],
]

for (const [mine, its, held] of MODES)
  t.test(
    `from ${mine ?? 'no known mode'} to ${its ?? 'no known mode'} it is ${held ? 'held' : 'given'}`,
    async (t) => {
      const { tree, me, peer } = makePair(t)
      if (mine !== undefined) enter(tree, me, mine)
      if (its !== undefined) enter(tree, peer, its)
      const asked = ask(tree, FROM, here, { peer: 'backend', body: 'Which port?' }).id
      const told = notify(tree, FROM, 'backend', 'The route was renamed.').id
      t.equal(read(tree, TO, 'new', `${asked}.query.json`).sender_mode, mine)
      t.equal(read(tree, TO, 'new', `${told}.notice.json`).sender_mode, mine)
      t.equal(takeInbox(tree, peer, true).length, held ? 0 : 2)
      t.strictSame(
        [stateOf(tree, asked), stateOf(tree, told, 'notice')],
        held ? ['held', 'held'] : ['open', 'cur'],
      )
      if (held) t.match(entriesOf(tree, asked).at(-1), { event: 'held', why: `repowire approve ${asked}` })
    },
  )

t.test('a mode that nobody knows bypasses where mail goes, and is limited where it comes from', async (t) => {
  t.ok(bypasses('x'))
  t.ok(isLimited('x'))
  t.notOk(bypasses(undefined))
  t.ok(isLimited(undefined))
})

t.test(
  'a session that its user can let bypass by a key counts as if it did, whatever its last hook said',
  async (t) => {
    const { tree, peer, me } = makePair(t)
    enter(tree, me, 'default')
    enter(tree, peer, undefined, true)
    enter(tree, peer, 'default')
    const { id } = ask(tree, FROM, here, { peer: 'backend', body: 'Which port?' })
    t.strictSame(takeInbox(tree, peer, true), [])
    t.equal(stateOf(tree, id), 'held')
  },
)

t.test('the mode is of one process, and is forgotten with it', async (t) => {
  const { tree, peer } = makePair(t)
  enter(tree, peer, BYPASS)
  t.ok(sameProcess(modeOf(tree, peer.process)?.process ?? here, peer.process))
  t.equal(modeOf(tree, { ...peer.process, start: '1' }), undefined)
  leave(tree, peer, 'test')
  t.equal(modeOf(tree, peer.process), undefined)
})

t.test('what a person sends at a shell of this machine is given', async (t) => {
  const { tree, peer } = makeUneven(t)
  registerPerson(tree, 'ada', here, '/')
  const { id } = notify(tree, 'ada@laptop', 'backend', 'Stop.')
  t.equal(read(tree, TO, 'new', `${id}.notice.json`).sender_mode, 'person')
  t.match(takeInbox(tree, peer, true), [{ body: 'Stop.' }])
})

t.test('an agent that says of itself more than its hooks do is held all the same', async (t) => {
  const { tree, peer } = makeUneven(t)
  for (const [n, sender_mode] of [BYPASS, 'person'].entries())
    lay(tree, 'new', { id: `${Q.slice(0, -1)}${n}`, kind: 'notice', sender_mode })
  t.strictSame(takeInbox(tree, peer, true), [])
  t.equal(listHeld(tree).length, 2)
})

t.test('the answer to a question of its own, and what amends it, is not held', async (t) => {
  const { tree, peer, me } = makeUneven(t)
  const { id } = ask(tree, TO, peer.process, { peer: 'frontend', body: 'Which port?' })
  takeInbox(tree, me, true)
  reply(tree, FROM, id, '8080')
  t.match(await awaitReply(tree, TO, peer.process, id, waitOf(1_000)), { body: '8080' })
  lay(tree, 'new', { kind: 'notice', in_reply_to: id, sender_mode: 'default', body: '8081' })
  t.match(takeInbox(tree, peer, true), [{ body: '8081' }])
  const other = '20261122t094012413z-00000000'
  lay(tree, 'new', { id: other, kind: 'notice', in_reply_to: Q, sender_mode: 'default', body: 'x' })
  t.strictSame(takeInbox(tree, peer, true), [], 'but not what names a question of nobody')
})

t.test('a question that would close a cycle, and an urgent one, are held too', async (t) => {
  const { tree, peer, put } = makeUneven(t)
  ask(tree, TO, peer.process, { peer: 'frontend', body: 'x' })
  const id = put()
  const urgent = ask(tree, FROM, here, { peer: 'backend', body: 'y', urgent: true }).id
  t.equal(takeCounterQuestion(tree, TO), undefined)
  t.strictSame([stateOf(tree, id), stateOf(tree, urgent)], ['held', 'held'])
})

t.test('the asker is told for whom it waits', async (t) => {
  const { tree, peer, put } = makeUneven(t)
  const id = put()
  takeInbox(tree, peer, true)
  t.match(whyStuck(tree, id, TO), {
    code: 'held',
    why: /waits for backend@laptop, because its user has not let it through/,
  })
})

for (const [what, change] of [
  ['the receiver has limits now', ({ tree, peer }) => enter(tree, peer, 'default')],
  ['the settings allow it', ({ tree }) => writeFields(tree, { hold_weaker: false }, true)],
] as [string, (world: ReturnType<typeof makeUneven>) => void][])
  t.test(`what is held is given once ${what}`, async (t) => {
    const world = makeUneven(t)
    const { tree, peer, put } = world
    const id = put()
    takeInbox(tree, peer, true)
    sortOut(tree)
    t.equal(stateOf(tree, id), 'held', 'not before')
    change(world)
    sortOut(tree)
    t.equal(stateOf(tree, id), 'new')
    t.match(takeInbox(tree, peer, true), [{ id }])
  })

t.test('what anybody writes into the root does not open the door', async (t) => {
  const { tree, peer, put } = makeUneven(t)
  writeFields(tree, { hold_weaker: false })
  put()
  t.strictSame(takeInbox(tree, peer, true), [])
})

t.test('approved, it is given; by the journal also where the tree was rolled back', async (t) => {
  const { tree, peer, put, person } = makeUneven(t)
  const id = put()
  const text = JSON.stringify(read(tree, TO, 'new', `${id}.query.json`))
  takeInbox(tree, peer, true)
  t.strictSame(approve(tree, person, id), { id, address: TO, again: false })
  t.strictSame(mailOf(tree, TO), [`new/${id}.query.json`])
  t.strictSame(approve(tree, person, id), { id, address: TO, again: true }, 'and again')
  for (const state of ['held', 'new'] as const) {
    rmSync(join(tree.root, 'inbox', TO, 'new', `${id}.query.json`))
    place(tree, TO, state, `${id}.query.json`, text)
    sortOut(tree)
    t.strictSame(mailOf(tree, TO), [`new/${id}.query.json`], state)
  }
  t.match(takeInbox(tree, peer, true), [{ id }])
  t.ok(eventsOf(tree, id).includes('approved'))
})

t.test('refused, its asker is told why, and a copy that comes back stays refused', async (t) => {
  const { tree, peer, put, person } = makeUneven(t)
  const id = put()
  const text = JSON.stringify(read(tree, TO, 'new', `${id}.query.json`))
  takeInbox(tree, peer, true)
  t.strictSame(refuseHeld(tree, person, id, 'Ask me first.'), { id, address: TO, again: false })
  t.strictSame(refuseHeld(tree, person, id, 'again'), { id, address: TO, again: true })
  const answer = await awaitReply(tree, FROM, here, id, waitOf(1_000))
  t.match(answer, { outcome: 'refused', body: 'The user of backend@laptop refused it: Ask me first.' })
  t.equal(
    codeThrown(() => approve(tree, person, id)),
    'no-such-message',
  )
  rmSync(join(tree.root, 'inbox', TO, 'dead', `${id}.query.json`))
  place(tree, TO, 'held', `${id}.query.json`, text)
  later(t, 60)
  sortOut(tree)
  t.strictSame(mailOf(tree, TO), [`dead/${id}.query.json`])
})

t.test('a notice that is refused goes away, and nobody is told', async (t) => {
  const { tree, peer, person } = makeUneven(t)
  const { id } = notify(tree, FROM, 'backend', 'x')
  takeInbox(tree, peer, true)
  refuseHeld(tree, person, id, '')
  t.strictSame(mailOf(tree, TO), [`dead/${id}.notice.json`])
  t.strictSame(mailOf(tree, FROM), [])
  t.match(entriesOf(tree, id).at(-1), { event: 'ended', outcome: 'refused', by: 'person' })
})

t.test('no agent approves or refuses, neither for itself nor for another', async (t) => {
  const { tree, peer, put } = makeUneven(t)
  const id = put()
  takeInbox(tree, peer, true)
  for (const { pid } of [here, peer.process]) {
    t.equal(
      codeThrown(() => approve(tree, pid, id)),
      'agent-may-not',
    )
    t.equal(
      codeThrown(() => refuseHeld(tree, pid, id, '')),
      'agent-may-not',
    )
  }
  t.equal(stateOf(tree, id), 'held')
})

t.test('its time runs while it is held', async (t) => {
  const { tree, peer } = makeUneven(t)
  lay(tree, 'new', { ttl_seconds: 60, sender_mode: 'default' })
  takeInbox(tree, peer, true)
  t.equal(stateOf(tree, Q), 'held')
  later(t, 61)
  sortOut(tree)
  t.strictSame(mailOf(tree, TO), [`dead/${Q}.query.json`])
  t.match(read(tree, FROM, 'new', `${Q}.reply.json`), { outcome: 'expired' })
})

t.test('its asker can take it back, and the end of its peer ends it', async (t) => {
  const { tree, peer, put } = makeUneven(t)
  const [taken, left] = [put(), put('Which host?')]
  takeInbox(tree, peer, true)
  cancel(tree, FROM, taken)
  obeyCancel(tree, TO, { id: taken, kind: 'cancel', file: `${taken}.cancel.json` })
  t.equal(stateOf(tree, taken), 'dead')
  t.notOk(isAsked(tree, FROM, taken))
  leave(tree, peer, 'test')
  t.equal(stateOf(tree, left), 'dead')
  t.match(read(tree, FROM, 'new', `${left}.reply.json`), { outcome: 'gone' })
})

t.test('what is held is quoted to nobody', async (t) => {
  const { exchangeOf } = await import('../../src/verbs/exchange.ts')
  const { tree, peer, put } = makeUneven(t)
  const id = put()
  t.equal(exchangeOf(tree, id, [FROM])?.query.id, id)
  takeInbox(tree, peer, true)
  t.equal(exchangeOf(tree, id, [FROM]), undefined)
})

t.test('an id that is held twice is decided for neither', async (t) => {
  const { tree, person } = makeUneven(t)
  for (const to of [TO, FROM])
    place(tree, to, 'held', `${Q}.notice.json`, JSON.stringify(message({ kind: 'notice', to })))
  t.equal(
    codeThrown(() => approve(tree, person, Q)),
    'bad-input',
  )
  t.equal(
    codeThrown(() => approve(tree, person, '20261122t094012413z-00000000')),
    'no-such-message',
  )
})
