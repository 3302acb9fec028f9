// Who may reach whom, by the settings of the host that is reached, and early by those of who sends. mailbox-spec §11.3

import t from 'tap'
import { isRule } from '../../src/protocol/rules.ts'
import { writeFields } from '../../src/spool/config.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { broadcast } from '../../src/verbs/broadcast.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { whyDenied } from '../../src/verbs/may-reach.ts'
import { notify } from '../../src/verbs/notify.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { rename } from '../../src/verbs/rename.ts'
import { reply } from '../../src/verbs/reply.ts'
import { codeThrown, enrol, entriesOf, here, lay, mailOf, makePair, Q, waitOf } from '../world.ts'

const FROM = 'frontend@laptop'
const TO = 'backend@laptop'

const RULES: [settings: { allow?: string[]; deny?: string[] }, may: boolean][] = [
  [{}, true],
  [{ deny: ['frontend -> backend'] }, false],
  [{ deny: ['frontend@laptop->backend@laptop'] }, false],
  [{ deny: ['@laptop -> @laptop'] }, false],
  [{ deny: ['circle:billing -> *'] }, false],
  [{ deny: ['* -> circle:shop'] }, false],
  [{ deny: ['* -> *'] }, false],
  [{ deny: ['backend -> frontend'] }, true],
  [{ deny: ['front -> backend'] }, true],
  [{ deny: ['frontend@desktop -> *'] }, true],
  [{ deny: ['@desktop -> *'] }, true],
  [{ deny: ['circle:shop -> *'] }, true],
  [{ allow: [] }, false],
  [{ allow: ['frontend -> backend'] }, true],
  [{ allow: ['cache -> backend', 'circle:billing -> circle:shop'] }, true],
  [{ allow: ['backend -> frontend'] }, false],
  [{ allow: ['frontend -> backend'], deny: ['* -> backend'] }, false],
  [{ allow: ['frontend -> '] }, false],
  [{ deny: ['frontend'] }, false],
]

for (const [settings, may] of RULES)
  t.test(`${JSON.stringify(settings)} ${may ? 'lets' : 'does not let'} frontend reach backend`, async (t) => {
    const pair = makePair(t)
    const { replaceCard } = await import('../../src/spool/cards.ts')
    replaceCard(pair.tree, { ...pair.me, circle: 'billing' })
    replaceCard(pair.tree, { ...pair.peer, circle: 'shop' })
    writeFields(pair.tree, settings, true)
    t.equal(whyDenied(pair.tree, FROM, TO) === undefined, may)
  })

t.test(
  'a rule has two sides, each of which is a name, an address, a host, a circle or anybody',
  async (t) => {
    for (const rule of ['* -> *', 'a->b@c', '@host -> circle:x']) t.ok(isRule(rule), rule)
    for (const rule of [
      '',
      'a',
      'a ->',
      '-> a',
      'a -> b -> c',
      'A -> b',
      '@ -> a',
      'circle: -> a',
      'a@b@c -> d',
      'a b -> c',
      1,
    ])
      t.notOk(isRule(rule), String(rule))
  },
)

t.test('who may not reach a peer is told at once, and nothing is written', async (t) => {
  const { tree, peer } = makePair(t)
  writeFields(tree, { deny: ['frontend -> backend'] }, true)
  t.equal(
    codeThrown(() => ask(tree, FROM, here, { peer: 'backend', body: 'x' })),
    'denied',
  )
  t.equal(
    codeThrown(() => notify(tree, FROM, 'backend', 'x')),
    'denied',
  )
  t.strictSame([...mailOf(tree, TO), ...mailOf(tree, FROM)], [])
  t.equal(
    codeThrown(() => ask(tree, TO, peer.process, { peer: 'frontend', body: 'x' })),
    undefined,
    'the other way it may',
  )
})

t.test('a broadcast leaves out who is not to be reached, and says so', async (t) => {
  const world = makePair(t)
  enrol(t, world, 'cache')
  writeFields(world.tree, { deny: ['frontend -> backend'] }, true)
  const { reached, missed } = broadcast(world.tree, FROM, 'main is frozen')
  t.match([reached, missed], [[{ to: 'cache@laptop' }], [{ to: TO, why: /\[denied\]/ }]])
  t.strictSame(mailOf(world.tree, TO), [])
})

t.test('what was sent all the same is refused by the host of who is asked, with the code', async (t) => {
  const { tree, peer } = makePair(t)
  const asked = ask(tree, FROM, here, { peer: 'backend', body: 'x' }).id
  const told = notify(tree, FROM, 'backend', 'x').id
  writeFields(tree, { deny: ['frontend -> backend'] }, true)
  t.strictSame(takeInbox(tree, peer, true), [])
  t.strictSame(mailOf(tree, TO), [`dead/${asked}.query.json`, `dead/${told}.notice.json`])
  t.match(await awaitReply(tree, FROM, here, asked, waitOf(1_000)), {
    outcome: 'refused',
    body: /\[denied\]$/,
  })
  t.match(entriesOf(tree, told).at(-1), { event: 'ended', outcome: 'refused', by: 'deny' })
})

t.test('an answer goes back, and so does what amends it', async (t) => {
  const { tree, peer, me } = makePair(t)
  const { id } = ask(tree, FROM, here, { peer: 'backend', body: 'x' })
  takeInbox(tree, peer, true)
  writeFields(tree, { deny: ['backend -> frontend'] }, true)
  reply(tree, TO, id, '8080')
  t.match(await awaitReply(tree, FROM, here, id, waitOf(1_000)), { body: '8080' })
  lay(tree, 'new', { id: Q, kind: 'notice', from: TO, to: FROM, in_reply_to: id, body: '8081' })
  t.match(takeInbox(tree, me, true), [{ body: '8081' }])
})

t.test('under another name it is who it was', async (t) => {
  const { tree, me } = makePair(t)
  writeFields(tree, { deny: ['frontend -> backend'] }, true)
  const { address } = rename(tree, me, 'ui')
  t.equal(
    codeThrown(() => notify(tree, address, 'backend', 'x')),
    'denied',
  )
  writeFields(tree, { allow: ['frontend -> backend'] }, true)
  t.equal(
    codeThrown(() => notify(tree, address, 'backend', 'x')),
    'denied',
    'and is let as who it is',
  )
})

t.test('a person at a shell of this machine, and couriers, are not limited', async (t) => {
  const { tree } = makePair(t)
  writeFields(tree, { allow: [] }, true)
  registerPerson(tree, 'ada', here, '/')
  t.equal(
    codeThrown(() => notify(tree, 'ada@laptop', 'backend', 'x')),
    undefined,
  )
  t.equal(whyDenied(tree, 'courier@desktop', 'courier@laptop'), undefined)
  t.type(whyDenied(tree, 'ada@desktop', TO), 'string')
})

t.test('what anybody writes into the root limits nobody, and lets nobody', async (t) => {
  const { tree } = makePair(t)
  writeFields(tree, { deny: ['* -> *'] })
  t.equal(whyDenied(tree, FROM, TO), undefined)
  writeFields(tree, { deny: ['* -> *'] }, true)
  writeFields(tree, { deny: [] })
  t.type(whyDenied(tree, FROM, TO), 'string')
})
