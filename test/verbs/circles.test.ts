// Which circle a session is in, and whom it asks, tells and reaches there. mailbox-spec §5.6

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { pinHost } from '../../src/spool/allowed.ts'
import { createCard, readCard } from '../../src/spool/cards.ts'
import { ownPublicKey } from '../../src/spool/signing.ts'
import { ask } from '../../src/verbs/ask.ts'
import { broadcast } from '../../src/verbs/broadcast.ts'
import { notify } from '../../src/verbs/notify.ts'
import { register } from '../../src/verbs/register.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { rename } from '../../src/verbs/rename.ts'
import { reply } from '../../src/verbs/reply.ts'
import {
  codeThrown,
  filesIn,
  here,
  lay,
  mailOf,
  makeDir,
  makeWorld,
  Q,
  startProcess,
  thrown,
  type World,
} from '../world.ts'

type Said = { circle?: string; process?: Card['process']; server?: Card['process'] }

function enter(t: Test, { tree, dir }: World, place: string, { process, ...said }: Said = {}): Card {
  const directory = join(dir, place)
  mkdirSync(join(directory, '.git'), { recursive: true })
  return register(tree, { agent: 'other', directory, process: process ?? startProcess(t).mark, ...said })
}

function setCircles({ tree }: World, circles: unknown): void {
  writeFileSync(join(tree.root, 'config.json'), JSON.stringify({ circles }))
}

t.test(
  'a session is in the circle that its user said, and without a word in that of everybody',
  async (t) => {
    const world = makeWorld(t)
    t.equal(enter(t, world, 'a', { circle: 'My Billing' }).circle, 'my-billing')
    t.notOk('circle' in enter(t, world, 'b'))
    t.notOk('circle' in enter(t, world, 'c', { circle: ' ' }))
  },
)

t.test(
  'the nearest directory in the settings counts, its own included, and what its user said before it',
  async (t) => {
    const world = makeWorld(t)
    const { dir } = world
    setCircles(world, {
      [dir]: 'all',
      [join(dir, 'work/billing/')]: 'billing',
      [join(dir, 'work/bill')]: 'bill',
    })
    t.equal(enter(t, world, 'work/api').circle, 'all')
    t.equal(enter(t, world, 'work/billing').circle, 'billing')
    t.equal(enter(t, world, 'work/billing/deep/api').circle, 'billing')
    t.equal(enter(t, world, 'work/billing/deep/web', { circle: 'web' }).circle, 'web')
  },
)

t.test('a directory in the settings may begin with the home, and links in it are followed', async (t) => {
  const world = makeWorld(t)
  const home = makeDir(t)
  const before = process.env.HOME
  t.teardown(() => (process.env.HOME = before))
  process.env.HOME = home
  mkdirSync(join(world.dir, 'work'))
  symlinkSync(join(world.dir, 'work'), join(home, 'src'))
  setCircles(world, { '~/src': 'billing' })
  t.equal(enter(t, world, 'work/api').circle, 'billing')
})

t.test('settings that are wrong put nobody into a circle', async (t) => {
  const world = makeWorld(t)
  setCircles(world, { [world.dir]: 'Not A Name' })
  t.notOk('circle' in enter(t, world, 'api'))
})

t.test('a session that begins anew is in the circle of now, and its server changes nothing', async (t) => {
  const world = makeWorld(t)
  const { mark } = startProcess(t)
  setCircles(world, { [world.dir]: 'old' })
  t.equal(enter(t, world, 'api', { process: mark, server: here }).circle, 'old')
  setCircles(world, { [world.dir]: 'new' })
  t.equal(enter(t, world, 'api', { process: mark, server: here }).circle, 'old')
  t.equal(enter(t, world, 'api', { process: mark }).circle, 'new')
  setCircles(world, {})
  t.notOk('circle' in enter(t, world, 'api', { process: mark }), 'and it leaves one')
})

t.test('a name is taken over with the circle of the new session, and a renaming keeps it', async (t) => {
  const world = makeWorld(t)
  const { mark, end } = startProcess(t)
  enter(t, world, 'api', { process: mark, circle: 'old' })
  await end()
  const card = enter(t, world, 'api', { circle: 'new' })
  t.match(card, { address: 'api@laptop', circle: 'new' })
  t.equal(rename(world.tree, card, 'billing-api').circle, 'new')
})

/** frontend and backend are in billing, web in its own, tool in none. */
function makeOffice(t: Test) {
  const world = makeWorld(t)
  const me = enter(t, world, 'frontend', { process: here, circle: 'billing' })
  const backend = enter(t, world, 'backend', { circle: 'billing' })
  const web = enter(t, world, 'web', { circle: 'web' })
  const tool = enter(t, world, 'tool')
  const person = registerPerson(world.tree, 'ada', startProcess(t).mark, world.dir)
  return { ...world, me, backend, web, tool, person }
}

t.test('an agent asks and tells its own circle, and persons', async (t) => {
  const { tree, me } = makeOffice(t)
  t.equal(ask(tree, me.address, here, { peer: 'backend', body: 'x' }).to, 'backend@laptop')
  t.equal(notify(tree, me.address, 'backend', 'x').to, 'backend@laptop')
  t.equal(notify(tree, me.address, 'ada', 'x').to, 'ada@laptop')
})

t.test('one of another circle is refused with both circles, and nothing is written', async (t) => {
  const { tree, me, tool } = makeOffice(t)
  const before = filesIn(tree.root)
  for (const peer of ['web', 'web@laptop']) {
    const error = thrown(() => ask(tree, me.address, here, { peer, body: 'x' }))
    t.equal(error.code, 'other-circle')
    t.equal(error.message, 'web@laptop is in another circle (web); yours is billing.')
    t.match(error.next, /list_peers.*REPOWIRE_CIRCLE.*"circles" in config\.json.*--all/)
    t.equal(thrown(() => notify(tree, me.address, peer, 'x')).code, 'other-circle')
  }
  t.match(
    thrown(() => notify(tree, me.address, 'tool', 'x')).message,
    'tool@laptop is in no circle; yours is billing.',
  )
  t.match(
    thrown(() => notify(tree, tool.address, 'web', 'x')).message,
    'another circle (web); you are in none.',
  )
  t.strictSame(filesIn(tree.root), before)
})

t.test('an agent that says so, and a person, reach everybody', async (t) => {
  const { tree, me, person } = makeOffice(t)
  t.equal(ask(tree, me.address, here, { peer: 'web', body: 'x', all: true }).to, 'web@laptop')
  t.equal(notify(tree, me.address, 'tool', 'x', true, { all: true }).to, 'tool@laptop')
  t.equal(ask(tree, person.address, person.process, { peer: 'web', body: 'x' }).to, 'web@laptop')
})

t.test('a bare name means the one of the own circle, also where this host has another one', async (t) => {
  const { tree, web, me, person } = makeOffice(t)
  for (const host of ['desktop', 'server']) pinHost(tree, { host, host_id: '', key: ownPublicKey(tree) })
  createCard(tree, { ...web, address: 'backend@desktop' })
  createCard(tree, { ...web, address: 'api@desktop' })
  createCard(tree, { ...web, address: 'api@server', circle: 'billing' })
  const means = (from: Card, peer: string) => notify(tree, from.address, peer, 'x').to
  t.equal(means(web, 'backend'), 'backend@desktop')
  t.equal(means(me, 'backend'), 'backend@laptop')
  t.equal(means(me, 'api'), 'api@server')
  t.equal(means(web, 'api'), 'api@desktop')
  t.equal(thrown(() => means(person, 'api')).code, 'peer-ambiguous')
})

t.test('of an unknown name only those of the own circle are suggested', async (t) => {
  const { tree, me } = makeOffice(t)
  const { code, next } = thrown(() => notify(tree, me.address, 'wub', 'x'))
  t.equal(code, 'peer-unknown')
  t.notMatch(next, /web@|tool@/)
  t.match(next, 'backend@laptop')
})

t.test('a broadcast of an agent reaches its circle, and of a person everybody', async (t) => {
  const { tree, me, person } = makeOffice(t)
  const reached = (from: Card, how = {}) =>
    broadcast(tree, from.address, 'frozen', how).reached.map(({ to }) => to)
  t.strictSame(reached(me), ['backend@laptop'])
  t.strictSame(reached(me, { all: true }), ['backend@laptop', 'tool@laptop', 'web@laptop'])
  t.strictSame(reached(person), ['backend@laptop', 'frontend@laptop', 'tool@laptop', 'web@laptop'])
})

t.test(
  'who waits for an answer from another circle can be asked back and told, until it has it',
  async (t) => {
    const { tree, me, web } = makeOffice(t)
    lay(tree, 'open', { from: me.address, to: web.address })
    t.equal(ask(tree, web.address, web.process, { peer: 'frontend', body: 'of what?' }).to, me.address)
    t.equal(notify(tree, web.address, 'frontend', 'a moment').to, me.address)
    t.equal(reply(tree, web.address, Q, '4810'), me.address)
    t.ok(mailOf(tree, me.address).includes(`new/${Q}.reply.json`))
    t.equal(
      codeThrown(() => notify(tree, web.address, 'frontend', 'x')),
      'other-circle',
    )
  },
)

t.test(
  'a follow-up goes to who took part in the exchange, and to nobody else of another circle',
  async (t) => {
    const { tree, me, web } = makeOffice(t)
    const { id } = ask(tree, me.address, here, { peer: 'web', body: 'x', all: true })
    const follow = (peer: string) => ask(tree, me.address, here, { peer, body: 'and?', replyTo: id }).to
    t.equal(follow('web'), web.address)
    t.equal(
      codeThrown(() => follow('tool')),
      'other-circle',
    )
  },
)

t.test('a former name leads to the peer only where that is within reach', async (t) => {
  const { tree, me, backend, web } = makeOffice(t)
  rename(tree, backend, 'api')
  rename(tree, readCard(tree, web.address) as Card, 'shop')
  t.equal(notify(tree, me.address, 'backend', 'x').to, 'api@laptop')
  t.match(thrown(() => notify(tree, me.address, 'web', 'x')).message, /^shop@laptop is in another circle/)
})
