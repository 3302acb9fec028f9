import t from 'tap'
import { MAX_MESSAGE_BYTES } from '../../src/protocol/message.ts'
import { broadcast } from '../../src/verbs/broadcast.ts'
import { notify } from '../../src/verbs/notify.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import {
  codeThrown,
  enrol,
  eventsOf,
  filesIn,
  gone,
  here,
  mailOf,
  makePair,
  makeWorld,
  read,
} from '../world.ts'

t.test('a notice lies in new/ of its peer, and nothing waits for it', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id, to } = notify(tree, me.address, 'backend', 'Renamed.')
  t.equal(to, peer.address)
  t.strictSame(mailOf(tree, peer.address), [`new/${id}.notice.json`])
  t.match(read(tree, peer.address, 'new', `${id}.notice.json`), {
    kind: 'notice',
    from: me.address,
    to,
    body: 'Renamed.',
  })
  t.strictSame(mailOf(tree, me.address), [])
  t.strictSame(eventsOf(tree, id), ['notified'])
})

t.test('a notice to a peer that is offline waits for its next session', async (t) => {
  const world = makePair(t)
  enrol(t, world, 'stale', { process: gone })
  const { id, to } = notify(world.tree, world.me.address, 'stale', 'Renamed.')
  const next = enrol(t, world, 'stale')
  t.equal(next.address, to)
  t.strictSame(mailOf(world.tree, to), [`new/${id}.notice.json`])
})

t.test('a person can be told something', async (t) => {
  const world = makePair(t)
  registerPerson(world.tree, 'ada', here, world.dir)
  t.equal(notify(world.tree, world.me.address, 'ada', 'Done.').to, 'ada@laptop')
})

const REFUSED: [string, string, string][] = [
  ['nobody', 'x', 'peer-unknown'],
  ['frontend', 'x', 'peer-self'],
  ['backend', '', 'bad-input'],
  ['backend', '\n', 'bad-input'],
  ['backend', 'x'.repeat(MAX_MESSAGE_BYTES), 'too-large'],
]

for (const [to, text, code] of REFUSED) {
  t.test(
    `a notice to "${to}" of ${text.length} characters is refused as ${code}, and nothing is written`,
    async (t) => {
      const { tree, me } = makePair(t)
      const before = filesIn(tree.root)
      t.equal(
        codeThrown(() => notify(tree, me.address, to, text)),
        code,
      )
      t.strictSame(filesIn(tree.root), before)
    },
  )
}

t.test('a broadcast reaches every agent that lives, once, and nobody else', async (t) => {
  const world = makePair(t)
  enrol(t, world, 'cache')
  enrol(t, world, 'stale', { process: gone })
  registerPerson(world.tree, 'ada', here, world.dir)
  const reached = broadcast(world.tree, world.me.address, 'main is frozen')
  t.strictSame(reached.map(({ to }) => to).sort(), ['backend@laptop', 'cache@laptop'])
  t.equal(new Set(reached.map(({ id }) => id)).size, 2)
  for (const { id, to } of reached) t.strictSame(mailOf(world.tree, to), [`new/${id}.notice.json`])
  for (const to of [world.me.address, 'stale@laptop', 'ada@laptop']) t.strictSame(mailOf(world.tree, to), [])
})

t.test('a broadcast with nobody there reaches nobody', async (t) => {
  const world = makeWorld(t)
  const me = enrol(t, world, 'frontend', { process: here })
  t.strictSame(broadcast(world.tree, me.address, 'hello'), [])
})

t.test('an empty broadcast is refused, also with nobody there', async (t) => {
  const world = makeWorld(t)
  const me = enrol(t, world, 'frontend', { process: here })
  t.equal(
    codeThrown(() => broadcast(world.tree, me.address, ' ')),
    'bad-input',
  )
})

t.test('a broadcast that is too large reaches nobody', async (t) => {
  const { tree, me, peer } = makePair(t)
  t.equal(
    codeThrown(() => broadcast(tree, me.address, 'x'.repeat(MAX_MESSAGE_BYTES))),
    'too-large',
  )
  t.strictSame(mailOf(tree, peer.address), [])
})
