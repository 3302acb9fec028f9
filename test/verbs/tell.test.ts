import t from 'tap'
import { MAX_MESSAGE_BYTES } from '../../src/protocol/message.ts'
import { broadcast, broadcastText } from '../../src/verbs/broadcast.ts'
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
  mockFs,
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

t.test('a notice wakes its agent unless it says that it does not', async (t) => {
  const { tree, me, peer } = makePair(t)
  const loud = notify(tree, me.address, 'backend', 'Renamed.').id
  const quiet = notify(tree, me.address, 'backend', 'Seen.', false).id
  t.notOk('wake' in read(tree, peer.address, 'new', `${loud}.notice.json`))
  t.equal(read(tree, peer.address, 'new', `${quiet}.notice.json`).wake, false)
})

t.test('a broadcast wakes nobody unless it is to', async (t) => {
  const { tree, me, peer } = makePair(t)
  const wakeOf = (how?: { wake: boolean }) => {
    const [one] = broadcast(tree, me.address, 'main is frozen', how).reached
    return read(tree, peer.address, 'new', `${one?.id}.notice.json`).wake
  }
  t.equal(wakeOf(), false)
  t.equal(wakeOf({ wake: true }), undefined)
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
  const { reached, missed } = broadcast(world.tree, world.me.address, 'main is frozen')
  t.strictSame(reached.map(({ to }) => to).sort(), ['backend@laptop', 'cache@laptop'])
  t.equal(new Set(reached.map(({ id }) => id)).size, 2)
  for (const { id, to } of reached) t.strictSame(mailOf(world.tree, to), [`new/${id}.notice.json`])
  t.strictSame(missed, [{ to: 'stale@laptop', why: 'offline' }])
  for (const to of [world.me.address, 'stale@laptop', 'ada@laptop']) t.strictSame(mailOf(world.tree, to), [])
})

t.test('a broadcast with nobody there reaches nobody', async (t) => {
  const world = makeWorld(t)
  const me = enrol(t, world, 'frontend', { process: here })
  t.match(broadcast(world.tree, me.address, 'hello'), { reached: [], missed: [] })
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

t.test('a broadcast that is repeated with its id reaches who was left out, and nobody twice', async (t) => {
  const world = makePair(t)
  const first = broadcast(world.tree, world.me.address, 'main is frozen')
  enrol(t, world, 'cache')
  const second = broadcast(world.tree, world.me.address, 'main is frozen', { id: first.id })
  t.match(second.reached, [{ to: 'backend@laptop', again: true }, { to: 'cache@laptop' }])
  t.equal(second.reached[0]?.id, first.reached[0]?.id)
  t.equal(mailOf(world.tree, 'backend@laptop').length, 1)
  t.not(broadcast(world.tree, world.me.address, 'main is frozen').id, first.id)
  t.equal(mailOf(world.tree, 'backend@laptop').length, 2, 'without its id it is another one')
})

t.test('a broadcast that one mailbox does not take says so, and reaches the others', async (t) => {
  const world = makePair(t)
  enrol(t, world, 'cache')
  mockFs(t, 'linkSync', (real) => (from: string, to: string) => {
    if (to.includes('backend')) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    return real(from, to)
  })
  const done = broadcast(world.tree, world.me.address, 'main is frozen')
  t.match(done, { reached: [{ to: 'cache@laptop' }], missed: [{ to: 'backend@laptop', why: /ENOSPC/ }] })
  t.match(broadcastText(done), new RegExp(`repeat it with the id ${done.id}`))
})

t.test('what is no id is refused before anything is sent', async (t) => {
  const { tree, me, peer } = makePair(t)
  t.equal(
    codeThrown(() => broadcast(tree, me.address, 'x', { id: 'again' })),
    'bad-input',
  )
  t.strictSame(mailOf(tree, peer.address), [])
})
