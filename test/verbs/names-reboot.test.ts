// The machine has started anew: no process of before lives, whatever its pid is now. Nothing is lost, and the first
// session of a directory has its name and its mail. mailbox-spec §5, §9

import { mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { enterOffice, livingCourier } from '../../src/courier/courier-file.ts'
import { type Card, type ProcessMark, sameProcess } from '../../src/protocol/card.ts'
import { blockOn, whoWants } from '../../src/spool/asks.ts'
import {
  cardOfProcess,
  createCard,
  listCards,
  readCard,
  rememberProcess,
  winTakeOver,
} from '../../src/spool/cards.ts'
import { record } from '../../src/spool/journal.ts'
import { liveness, markOf } from '../../src/spool/process.ts'
import { ask } from '../../src/verbs/ask.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { register } from '../../src/verbs/register.ts'
import { cardOfPerson, registerPerson } from '../../src/verbs/register-person.ts'
import { rename } from '../../src/verbs/rename.ts'
import { agentAbove } from '../../src/verbs/sender.ts'
import {
  codeThrown,
  enrol,
  filesIn,
  here,
  lay,
  mailOf,
  makeWorld,
  plainEnv,
  ROOT,
  read,
  run,
  start,
  startProcess,
  until,
  type World,
} from '../world.ts'

const TO = 'backend@laptop'
const PROGRAM = [process.execPath, join(ROOT, 'dist', 'repowire.js')]
const id = (n: number) => `20261122t09401240${n}z-00000000`

const BEFORE = 'f'.repeat(36)

/** Whatever names a process of this boot names one of the boot before: the same pid, the same start. */
function reboot({ dir }: World): void {
  for (const file of filesIn(dir).filter((name) => name.endsWith('.json'))) {
    const text = readFileSync(join(dir, file), 'utf8')
    writeFileSync(join(dir, file), text.replaceAll(here.boot, BEFORE))
    renameSync(join(dir, file), join(dir, file.replace(here.boot.slice(0, 8), BEFORE.slice(0, 8))))
  }
}

/** The courier as a program of its own, which ends with the test. */
async function startCourier(t: Test, world: World): Promise<void> {
  start(t, [...PROGRAM, 'daemon', 'run'], { env: plainEnv(world.env) })
  await until(() => livingCourier(world.tree))
}

function session(t: Test, { tree, dir }: World, name: string): Card {
  return register(tree, { agent: 'other', directory: join(dir, 'src', name), process: startProcess(t).mark })
}

/** Two peers between which something is in every state when the power fails. */
function busy(t: Test) {
  const world = makeWorld(t)
  const { tree } = world
  const [me, peer] = [enrol(t, world, 'frontend'), enrol(t, world, 'backend')]
  for (const [n, state] of (['new', 'cur', 'open'] as const).entries()) {
    lay(tree, state, { id: id(n) })
    blockOn(tree, me.address, { id: id(n), to: TO, process: me.process, since: '' })
  }
  record(tree, 'typing', TO, id(1), { kind: 'query', door: 'tmux' })
  lay(tree, 'new', { id: id(3), kind: 'notice' })
  lay(tree, 'cur', { id: id(4), kind: 'notice' })
  record(tree, 'typing', TO, id(4), { kind: 'notice', door: 'tmux' })
  return { ...world, me, peer }
}

t.test('nobody of before lives: not a peer, not a courier, not who waits', async (t) => {
  const world = makeWorld(t)
  const { tree } = world
  const me = enrol(t, world, 'frontend', { process: here })
  const { mark } = startProcess(t)
  enrol(t, world, 'backend', { process: mark })
  enterOffice(tree)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  reboot(world)
  for (const card of listCards(tree)) t.equal(liveness(card.process), 'dead', card.address)
  t.equal(livingCourier(tree), undefined)
  t.equal(whoWants(tree, me.address, id), 'late')
  t.equal(cardOfProcess(tree, here), undefined, 'the same pid and start of another boot')
  t.equal(agentAbove(tree, mark.pid), undefined)
  t.equal(
    codeThrown(() => ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })),
    'peer-offline',
  )
})

t.test('the first courier settles what was left, and nothing is lost', async (t) => {
  const world = busy(t)
  const { tree } = world
  reboot(world)
  await startCourier(t, world)
  const settled = [0, 1, 2].map((n) => `dead/${id(n)}.query.json`)
  const kept = [3, 4].map((n) => `new/${id(n)}.notice.json`)
  await until(() => mailOf(tree, TO).join() === [...settled, ...kept].join())
  const answers = [0, 1, 2].flatMap((n) => [`asks/${id(n)}.late.json`, `new/${id(n)}.reply.json`]).sort()
  await until(() => mailOf(tree, 'frontend@laptop').join() === answers.join())
  for (const n of [0, 1, 2])
    t.match(read(tree, 'frontend@laptop', 'new', `${id(n)}.reply.json`), { outcome: 'gone' })
})

for (const courier of [true, false]) {
  t.test(
    `the first session of each directory has its name and its mail, ${courier ? 'after' : 'without'} a courier`,
    async (t) => {
      const world = busy(t)
      const { tree } = world
      reboot(world)
      if (courier) {
        await startCourier(t, world)
        await until(() => mailOf(tree, TO).filter((file) => file.startsWith('dead/')).length === 3)
      }
      const [peer, me] = [session(t, world, 'backend'), session(t, world, 'frontend')]
      t.strictSame([peer.address, me.address], [TO, 'frontend@laptop'])
      t.strictSame(
        takeInbox(tree, peer, true).map((notice) => notice.id),
        [id(3), id(4)],
      )
      const answers = takeInbox(tree, me, true)
      t.strictSame(
        answers.map((answer) => [answer.id, answer.outcome]),
        [0, 1, 2].map((n) => [id(n), 'gone']),
      )
      t.equal(session(t, world, 'backend').address, 'backend-2@laptop')
    },
  )
}

t.test(
  'a name that was given by a rename is there after it, and so is the mail for the one before',
  async (t) => {
    const world = busy(t)
    rename(world.tree, world.peer, 'api')
    reboot(world)
    const peer = session(t, world, 'backend')
    t.equal(peer.address, 'api@laptop')
    t.strictSame(
      takeInbox(world.tree, peer, true).map((notice) => notice.id),
      [id(3), id(4)],
    )
  },
)

t.test('a rename that the power cut short is finished by the first session', async (t) => {
  const world = busy(t)
  const { tree, peer } = world
  const registered = new Date(Date.parse(peer.registered) + 1).toISOString()
  createCard(tree, { ...peer, address: 'api@laptop', formerly: TO, registered })
  reboot(world)
  t.equal(session(t, world, 'backend').address, 'api@laptop')
  t.match(readCard(tree, TO), { renamed: 'api@laptop' })
  t.strictSame(
    mailOf(tree, 'api@laptop').filter((file) => file.startsWith('new/')),
    [3, 4].map((n) => `new/${id(n)}.notice.json`),
  )
})

t.test('what stands under a pid that another process has now is not that process', async (t) => {
  const world = makeWorld(t)
  const { tree } = world
  const other = startProcess(t).mark
  const before: ProcessMark = { ...other, boot: BEFORE }
  const card = enrol(t, world, 'backend', { process: before })
  t.ok(filesIn(tree.state).includes(`by-pid/${other.pid}.json`))
  t.equal(cardOfProcess(tree, other), undefined)
  const next = register(tree, { agent: 'other', directory: card.directory, process: other })
  t.equal(next.address, TO)
  t.ok(sameProcess(readCard(tree, TO)?.process as ProcessMark, other))
  t.strictSame(cardOfProcess(tree, other), next)
})

t.test('and one of another directory gets a name of its own, and leaves the mail where it is', async (t) => {
  const world = busy(t)
  reboot(world)
  const place = join(world.dir, 'src', 'docs')
  mkdirSync(place)
  const mark = world.peer.process
  t.equal(register(world.tree, { agent: 'other', directory: place, process: mark }).address, 'docs@laptop')
  t.ok(mailOf(world.tree, TO).includes(`new/${id(3)}.notice.json`))
})

t.test('a take-over that the power cut short is won anew', async (t) => {
  const world = busy(t)
  t.ok(winTakeOver(world.tree, world.peer, startProcess(t).mark))
  reboot(world)
  t.equal(session(t, world, 'backend').address, TO)
})

t.test("a person's shell has the same address, and finds the answers of before", async (t) => {
  const world = makeWorld(t)
  const { tree } = world
  const { address } = registerPerson(tree, 'ada', here, world.dir)
  lay(tree, 'new', { id: id(0), kind: 'reply', from: TO, to: address })
  reboot(world)
  t.equal(cardOfPerson(tree, 'ada')?.address, address)
  t.equal(registerPerson(tree, 'ada', here, world.dir).address, address)
  t.strictSame(mailOf(tree, address), [`new/${id(0)}.reply.json`])
})

t.test('a courier starts although another one, and its lock, are left from before', async (t) => {
  const world = makeWorld(t)
  const { tree } = world
  enterOffice(tree)
  rememberProcess(tree, enrol(t, world, 'backend'))
  mkdirSync(join(tree.state, 'courier.start.lock'))
  utimesSync(join(tree.state, 'courier.start.lock'), 1_700_000_000, 1_700_000_000)
  reboot(world)
  const { code } = await run(t, [...PROGRAM, 'daemon', 'start'], { env: plainEnv(world.env) })
  t.equal(code, 0)
  const courier = await until(() => livingCourier(tree))
  t.not(courier.process.pid, here.pid)
  t.strictSame(courier.process, markOf(courier.process.pid))
  await run(t, [...PROGRAM, 'daemon', 'stop'], { env: plainEnv(world.env) })
})
