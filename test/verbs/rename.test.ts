// A peer gets another name, and nothing that was sent to the old one is lost, given twice or given to somebody else.
// mailbox-spec §5.2

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { attend } from '../../src/courier/attend.ts'
import { createCard, currentAddress, readCard, replaceCard } from '../../src/spool/cards.ts'
import { claim } from '../../src/spool/moves.ts'
import { publish } from '../../src/spool/publish.ts'
import { addressPeer } from '../../src/verbs/address-peer.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { given } from '../../src/verbs/given.ts'
import { notify } from '../../src/verbs/notify.ts'
import { register } from '../../src/verbs/register.ts'
import { finishRename, rename } from '../../src/verbs/rename.ts'
import { reply } from '../../src/verbs/reply.ts'
import {
  codeThrown,
  enrol,
  gone,
  here,
  lay,
  mailOf,
  makePair,
  makeWorld,
  message,
  mockFs,
  Q,
  startProcess,
  thrown,
  waitOf,
} from '../world.ts'

const memory = () => ({ attempts: new Map(), typedBefore: new Set<string>(), known: new Map() })
const asked = { peer: 'backend', body: 'Which port?' }

t.test('a question that moves to the new name while its asker looks for it is still asked', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  let renamed = 0
  // The asker knows the names by now, and comes to the first place where the question may lie.
  mockFs(t, 'lstatSync', (real, restore) => (file: string, ...more: []) => {
    if (file.endsWith(`/backend@laptop/done/${id}.query.json`)) {
      restore()
      renamed += 1
      rename(tree, peer, 'api')
    }
    return real(file, ...more)
  })
  t.equal(await awaitReply(tree, me.address, here, id, waitOf(20)), undefined)
  t.equal(renamed, 1)
  t.strictSame(mailOf(tree, 'api@laptop'), [`new/${id}.query.json`])
})

t.test('a peer that is renamed is found by its new name and by its old one', async (t) => {
  const { tree, me, peer } = makePair(t)
  const card = rename(tree, peer, 'api')
  t.equal(card.address, 'api@laptop')
  for (const name of ['api', 'backend', 'backend@laptop'])
    t.equal(addressPeer(tree, me.address, name).address, 'api@laptop', name)
  t.match(readCard(tree, 'backend@laptop'), { renamed: 'api@laptop' })
  t.match(readCard(tree, 'api@laptop'), { formerly: 'backend@laptop', process: peer.process })
  t.equal(
    register(tree, { agent: 'other', process: peer.process, directory: peer.directory }).address,
    'api@laptop',
  )
})

t.test('mail that lies in the old mailbox follows, each message in its state, and is answered', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  lay(tree, 'open')
  const told = notify(tree, me.address, 'backend', 'Renamed.').id
  const card = rename(tree, peer, 'api')
  t.strictSame(mailOf(tree, 'backend@laptop'), [])
  t.strictSame(mailOf(tree, card.address), [
    `new/${id}.query.json`,
    `new/${told}.notice.json`,
    `open/${Q}.query.json`,
  ])
  reply(tree, card.address, id, '8080')
  t.match(await awaitReply(tree, me.address, here, id, waitOf(0)), { from: 'api@laptop', body: '8080' })
})

t.test(
  'what was sent to the old name and comes later follows, and a copy of what came is removed',
  async (t) => {
    const { tree, peer } = makePair(t)
    lay(tree, 'new')
    const { address } = rename(tree, peer, 'api')
    claim(tree, address, `${Q}.query.json`)
    publish(tree, message({ id: Q }))
    publish(tree, message({ id: '20261122t094012413z-00000000', kind: 'notice' }))
    await attend(tree, readCard(tree, 'backend@laptop') as typeof peer, memory())
    t.strictSame(mailOf(tree, 'backend@laptop'), [])
    t.strictSame(mailOf(tree, address), [
      `cur/${Q}.query.json`,
      'new/20261122t094012413z-00000000.notice.json',
    ])
  },
)

t.test('an asker that is renamed while it waits gets its answer all the same', async (t) => {
  const { tree, me } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  const waits = awaitReply(tree, me.address, here, id, waitOf(60_000))
  rename(tree, me, 'web')
  reply(tree, 'backend@laptop', id, '8080')
  t.match(await waits, { body: '8080', to: 'web@laptop' })
  t.strictSame(mailOf(tree, 'web@laptop'), [`cur/${id}.reply.json`])
})

t.test('and so does one whose answer was published to its old name', async (t) => {
  const { tree, me } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  const reply = { kind: 'reply', id, from: 'backend@laptop', to: me.address } as const
  publish(tree, message(reply))
  rename(tree, me, 'web')
  t.match(await awaitReply(tree, me.address, here, id, waitOf(0)), reply)
})

t.test('the hook of a renamed peer gives it what was typed under its old name', async (t) => {
  const { tree, peer } = makePair(t)
  lay(tree, 'cur')
  const card = rename(tree, peer, 'api')
  t.strictSame(given(tree, card, { text: `[repowire:${Q} question from x]`, hook: 'prompt' }), [])
  t.strictSame(mailOf(tree, card.address), [`open/${Q}.query.json`])
})

t.test('a name that is taken, or whose mail remains, is refused', async (t) => {
  const world = makePair(t)
  lay(world.tree, 'new', { to: 'api@laptop' })
  for (const name of ['frontend', 'api'])
    t.equal(
      codeThrown(() => rename(world.tree, world.peer, name)),
      'name-taken',
      name,
    )
  t.match(readCard(world.tree, 'backend@laptop'), { process: world.peer.process })
})

for (const name of ['Api', 'a b', '', '-api', 'x'.repeat(64), '../api', 'api@desktop']) {
  t.test(`"${name}" cannot be a name, and a name that can is offered`, async (t) => {
    const { tree, peer } = makePair(t)
    const error = thrown(() => rename(tree, peer, name))
    t.equal(error.code, 'bad-input')
    t.match(error.next, /^Try: [a-z0-9-]+$/)
  })
}

t.test('a rename to the name that a peer has does nothing', async (t) => {
  const { tree, peer } = makePair(t)
  t.equal(rename(tree, peer, 'backend'), peer)
  t.notOk(readCard(tree, peer.address)?.renamed)
})

t.test('back and forth ends where it ended, and both names lead there', async (t) => {
  const { tree, me, peer } = makePair(t)
  const back = rename(tree, rename(tree, peer, 'api'), 'backend')
  t.equal(back.address, 'backend@laptop')
  for (const name of ['api', 'backend']) t.equal(addressPeer(tree, me.address, name).address, back.address)
  const again = rename(tree, back, 'api')
  for (const name of ['api', 'backend']) t.equal(addressPeer(tree, me.address, name).address, again.address)
})

t.test('a peer of many names is found by each', async (t) => {
  const { tree, me, peer } = makePair(t)
  let card = peer
  for (let n = 0; n < 10; n++) card = rename(tree, card, `name-${n}`)
  for (const name of ['backend', 'name-0', 'name-5', 'name-9'])
    t.equal(addressPeer(tree, me.address, name).address, 'name-9@laptop')
})

t.test('aliases that lead in a circle lead nowhere, and end', async (t) => {
  const { tree, peer } = makePair(t)
  replaceCard(tree, { ...peer, renamed: 'api@laptop' })
  createCard(tree, { ...peer, address: 'api@laptop', renamed: peer.address })
  t.equal(currentAddress(tree, peer.address), peer.address)
  t.equal(
    codeThrown(() => addressPeer(tree, 'frontend@laptop', 'api')),
    'peer-unknown',
  )
})

t.test('a rename that a crash cut short after the new card is finished by the courier', async (t) => {
  const { tree, peer } = makePair(t)
  lay(tree, 'new')
  const registered = new Date(Date.parse(peer.registered) + 1).toISOString()
  const card = { ...peer, address: 'api@laptop', formerly: peer.address, registered }
  createCard(tree, card)
  await attend(tree, card, memory())
  t.match(readCard(tree, peer.address), { renamed: 'api@laptop' })
  t.strictSame(mailOf(tree, peer.address), [])
  finishRename(tree, card)
  t.match(readCard(tree, card.address), { formerly: peer.address })
})

t.test('the name stays with the directory: its next session has it, and its mail', async (t) => {
  const world = makePair(t)
  const { tree, me, dir } = world
  const { mark, end } = startProcess(t)
  const card = rename(tree, enrol(t, world, 'docs', { process: mark }), 'manual')
  const told = notify(tree, me.address, 'docs', 'Renamed.').id
  await end()
  const next = register(tree, {
    agent: 'other',
    process: startProcess(t).mark,
    directory: join(dir, 'src', 'docs'),
  })
  t.equal(next.address, card.address)
  t.strictSame(mailOf(tree, next.address), [`new/${told}.notice.json`])
})

t.test('nobody else gets the old name while the card remembers it', async (t) => {
  const world = makePair(t)
  rename(world.tree, world.peer, 'api')
  const other = join(world.dir, 'other', 'backend')
  mkdirSync(other, { recursive: true })
  const card = register(world.tree, { agent: 'other', process: startProcess(t).mark, directory: other })
  t.equal(card.address, 'backend-2@laptop')
})

t.test('a session of the same directory beside a renamed one has a name of its own', async (t) => {
  const { tree, peer } = makePair(t)
  rename(tree, peer, 'api')
  const card = register(tree, { agent: 'other', process: startProcess(t).mark, directory: peer.directory })
  t.equal(card.address, 'backend-2@laptop')
})

t.test('a peer that is offline can be renamed, and no process gets its name by it', async (t) => {
  const world = makeWorld(t)
  const card = enrol(t, world, 'stale', { process: gone })
  rename(world.tree, card, 'old')
  t.notOk(existsSync(join(world.tree.state, 'by-pid', `${gone.pid}.json`)) && namesIt(world, gone.pid))
})

function namesIt({ tree }: { tree: { state: string } }, pid: number): boolean {
  return readFileSync(join(tree.state, 'by-pid', `${pid}.json`), 'utf8').includes('old@laptop')
}
