import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { mailboxPath, SPEC, STATES } from '../../src/protocol/layout.ts'
import { blockOn } from '../../src/spool/asks.ts'
import { cardOfProcess, createCard, listCards, readCard, winTakeOver } from '../../src/spool/cards.ts'
import { readJournal } from '../../src/spool/journal.ts'
import { leave } from '../../src/verbs/leave.ts'
import { register } from '../../src/verbs/register.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import {
  bundle,
  enrol,
  filesIn,
  gone,
  here,
  lay,
  mailOf,
  makeWorld,
  mockFs,
  plainEnv,
  Q,
  read,
  start,
  startProcess,
  type World,
} from '../world.ts'

const TO = 'backend@laptop'

function directory({ dir }: World, ...names: string[]): string {
  const made = join(dir, 'src', ...names)
  mkdirSync(made, { recursive: true })
  return made
}

/** A card of a process that has ended. */
function deadCard(world: World, more: Partial<Card> = {}): Card {
  const place = directory(world, 'backend')
  const registered = '2026-11-22T09:31:00.000Z'
  const card: Card = {
    spec: SPEC,
    address: TO,
    agent: 'other',
    directory: place,
    process: gone,
    registered,
    ...more,
  }
  createCard(world.tree, card)
  return card
}

t.test('a peer has the name of its git work tree, wherever in it the process began', async (t) => {
  const world = makeWorld(t)
  const top = directory(world, 'My Web.Site')
  execFileSync('git', ['init', '-q', top])
  const deep = directory(world, 'My Web.Site', 'packages', 'api')
  const card = register(world.tree, { agent: 'other', directory: deep, process: here })
  t.equal(card.address, 'my-web-site@laptop')
  t.equal(card.directory, top)
})

t.test('outside of git a peer has the name of its directory', async (t) => {
  const world = makeWorld(t)
  const place = directory(world, 'a', 'notes')
  t.equal(register(world.tree, { agent: 'other', directory: place, process: here }).address, 'notes@laptop')
})

t.test('the root of the file system and a name of nothing but signs give a name too', async (t) => {
  const world = makeWorld(t)
  t.equal(register(world.tree, { agent: 'other', directory: '/', process: here }).address, 'peer@laptop')
  const place = directory(world, '...世界')
  t.equal(
    register(world.tree, { agent: 'other', directory: place, process: startProcess(t).mark }).address,
    'peer-2@laptop',
  )
})

t.test(
  'registering makes the seven directories of the mailbox and a card that says who and where',
  async (t) => {
    const world = makeWorld(t)
    const tmux = { socket: '/tmp/tmux-1000/default', pane: '%3' }
    const place = directory(world, 'backend')
    const card = register(world.tree, {
      agent: 'claude-code',
      directory: place,
      process: here,
      tmux,
      session_file: '/s.json',
    })
    t.strictSame(readdirSync(join(world.tree.root, mailboxPath(TO))).sort(), [...STATES, 'asks'].sort())
    t.match(card, {
      spec: SPEC,
      address: TO,
      agent: 'claude-code',
      directory: place,
      process: here,
      tmux,
      session_file: '/s.json',
    })
    t.strictSame(readCard(world.tree, TO), card)
    t.strictSame(cardOfProcess(world.tree, here), card)
    t.match(readJournal(world.tree), [{ event: 'registered', peer: TO, pid: process.pid }])
  },
)

t.test('registering again is harmless: same card, no second line in the journal', async (t) => {
  const world = makeWorld(t)
  const applicant = { agent: 'other' as const, directory: directory(world, 'backend'), process: here }
  const card = register(world.tree, applicant)
  t.strictSame(register(world.tree, applicant), card)
  t.strictSame(register(world.tree, { ...applicant, directory: directory(world, 'elsewhere') }), card)
  t.strictSame(listCards(world.tree), [card])
  t.equal(readJournal(world.tree).length, 1)
})

t.test('a peer is known again without the cache of its process', async (t) => {
  const world = makeWorld(t)
  const applicant = { agent: 'other' as const, directory: directory(world, 'backend'), process: here }
  const card = register(world.tree, applicant)
  rmSync(join(world.tree.state, 'by-pid'), { recursive: true })
  t.strictSame(register(world.tree, applicant), card)
})

t.test('a cache that names the card of another process is not believed', async (t) => {
  const world = makeWorld(t)
  const other = enrol(t, world, 'frontend')
  mkdirSync(join(world.tree.state, 'by-pid'), { recursive: true })
  writeFileSync(
    join(world.tree.state, 'by-pid', `${here.pid}.json`),
    JSON.stringify({ process: here, address: other.address }),
  )
  t.equal(cardOfProcess(world.tree, here), undefined)
  t.equal(enrol(t, world, 'backend', { process: here }).address, TO)
})

t.test('a pid that is used again does not speak for the peer that had it', async (t) => {
  const world = makeWorld(t)
  enrol(t, world, 'backend', { process: here })
  t.equal(cardOfProcess(world.tree, gone), undefined)
})

t.test('a card whose writer knew less is completed, and keeps its name and its time', async (t) => {
  const world = makeWorld(t)
  const place = directory(world, 'backend')
  const first = register(world.tree, { agent: 'other', directory: place, process: here })
  const tmux = { socket: '/tmp/s', pane: '%3' }
  const card = register(world.tree, {
    agent: 'claude-code',
    directory: place,
    process: here,
    tmux,
    session_file: '/s.json',
  })
  t.strictSame(card, { ...first, agent: 'claude-code', tmux, session_file: '/s.json' })
  t.strictSame(readCard(world.tree, TO), card)
  t.strictSame(
    register(world.tree, { agent: 'other', directory: place, process: here }),
    card,
    'and is never made poorer',
  )
})

t.test('a second directory of the same name gets name-2, and a third one name-3', async (t) => {
  const world = makeWorld(t)
  const names = ['a', 'b', 'c'].map((parent) => {
    const process = startProcess(t).mark
    return register(world.tree, { agent: 'other', directory: directory(world, parent, 'backend'), process })
      .address
  })
  t.strictSame(names, ['backend@laptop', 'backend-2@laptop', 'backend-3@laptop'])
})

t.test('a second live process in the same directory gets name-2', async (t) => {
  const world = makeWorld(t)
  const place = directory(world, 'backend')
  const names = [1, 2, 3].map(
    () => register(world.tree, { agent: 'other', directory: place, process: startProcess(t).mark }).address,
  )
  t.strictSame(names, ['backend@laptop', 'backend-2@laptop', 'backend-3@laptop'])
})

t.test('a name whose card cannot be read is taken, and the next one is free', async (t) => {
  const world = makeWorld(t)
  writeFileSync(join(world.tree.root, 'peers', `${TO}.json`), '{"spec":"mailbox/7"}')
  t.equal(enrol(t, world, 'backend').address, 'backend-2@laptop')
  t.equal(readFileSync(join(world.tree.root, 'peers', `${TO}.json`), 'utf8'), '{"spec":"mailbox/7"}')
})

t.test(
  'the next process of the same directory takes a dead name over, after its questions ended as gone',
  async (t) => {
    const world = makeWorld(t)
    const { tree } = world
    deadCard(world)
    const ids = ['new', 'cur', 'open'].map((_, n) => `20261122t09401241${n}z-00000000`)
    for (const [n, state] of (['new', 'cur', 'open'] as const).entries()) lay(tree, state, { id: ids[n] })
    lay(tree, 'cur', { kind: 'notice', id: '20261122t094012420z-00000000' })
    lay(tree, 'new', { kind: 'notice', id: '20261122t094012421z-00000000' })
    lay(tree, 'done', { id: Q })
    lay(tree, 'open', { id: Q, from: TO, to: 'web@laptop' })
    blockOn(tree, TO, { id: Q, to: 'web@laptop', process: gone, since: '' })

    const card = enrol(t, world, 'backend', { process: here })
    t.equal(card.address, TO)
    t.strictSame(readCard(tree, TO)?.process, here)
    t.strictSame(mailOf(tree, TO), [
      `asks/${Q}.late.json`,
      ...ids.map((id) => `dead/${id}.query.json`),
      `done/${Q}.query.json`,
      'new/20261122t094012420z-00000000.notice.json',
      'new/20261122t094012421z-00000000.notice.json',
    ])
    t.strictSame(
      mailOf(tree, 'frontend@laptop').filter((file) => !file.startsWith('asks/')),
      ids.map((id) => `new/${id}.reply.json`),
    )
    for (const id of ids) t.equal(read(tree, 'frontend@laptop', 'new', `${id}.reply.json`).outcome, 'gone')
  },
)

t.test(
  'what a dead process held is settled before its card is replaced: a crash in between loses nothing',
  async (t) => {
    const world = makeWorld(t)
    const { tree } = world
    deadCard(world)
    lay(tree, 'open')
    mockFs(t, 'renameSync', (real, restore) => (from: string, to: string) => {
      if (!to.includes('/peers/')) return real(from, to)
      restore()
      throw Object.assign(new Error('killed'), { code: 'killed' })
    })
    t.throws(() => enrol(t, world, 'backend', { process: here }), { code: 'killed' })
    t.strictSame(mailOf(tree, TO), [`dead/${Q}.query.json`])
    t.equal(read(tree, 'frontend@laptop', 'new', `${Q}.reply.json`).outcome, 'gone')
  },
)

t.test('a process of another directory does not take a dead name over, nor end its questions', async (t) => {
  const world = makeWorld(t)
  deadCard(world)
  lay(world.tree, 'open')
  const place = directory(world, 'elsewhere', 'backend')
  const card = register(world.tree, { agent: 'other', directory: place, process: here })
  t.equal(card.address, 'backend-2@laptop')
  t.strictSame(readCard(world.tree, TO)?.process, gone)
  t.strictSame(mailOf(world.tree, TO), [`open/${Q}.query.json`])
})

t.test('a session of another client in the same directory takes a dead name over too', async (t) => {
  const world = makeWorld(t)
  deadCard(world, { agent: 'rehearsal' })
  const place = directory(world, 'backend')
  t.equal(register(world.tree, { agent: 'claude-code', directory: place, process: here }).address, TO)
  t.equal(readCard(world.tree, TO)?.agent, 'claude-code')
})

t.test('a process that cannot be seen from here keeps its name', async (t) => {
  const world = makeWorld(t)
  deadCard(world, { process: { ...here, pid_namespace: 'pid:[1]' } })
  t.equal(enrol(t, world, 'backend').address, 'backend-2@laptop')
})

t.test(
  'an agent never gets the name of a person, not even of one whose shell has ended in its directory',
  async (t) => {
    const world = makeWorld(t)
    const place = directory(world, 'ada')
    registerPerson(world.tree, 'ada', gone, place)
    lay(world.tree, 'new', { kind: 'reply', to: 'ada@laptop', from: TO })
    t.equal(register(world.tree, { agent: 'other', directory: place, process: here }).address, 'ada-2@laptop')
    t.equal(readCard(world.tree, 'ada@laptop')?.agent, 'person')
    t.strictSame(mailOf(world.tree, 'ada@laptop'), [`new/${Q}.reply.json`])
  },
)

t.test('a person gets no name of an agent, dead or alive', async (t) => {
  const world = makeWorld(t)
  enrol(t, world, 'ada')
  deadCard(world, { address: 'ada-2@laptop', directory: world.dir })
  const card = registerPerson(world.tree, 'ada', here, world.dir)
  t.equal(card.address, 'ada-3@laptop')
  t.equal(card.agent, 'person')
})

t.test("a person's shells share one address, and the card is that of the latest", async (t) => {
  const world = makeWorld(t)
  registerPerson(world.tree, 'Ada Lovelace', startProcess(t).mark, world.dir)
  const card = registerPerson(world.tree, 'Ada Lovelace', here, world.dir)
  t.equal(card.address, 'ada-lovelace@laptop')
  t.strictSame(listCards(world.tree), [card])
})

t.test('a card stays and keeps the name when its process leaves', async (t) => {
  const world = makeWorld(t)
  const card = enrol(t, world, 'backend')
  lay(world.tree, 'open')
  leave(world.tree, card, 'exit')
  t.strictSame(readCard(world.tree, TO), card)
  t.strictSame(mailOf(world.tree, TO), [`dead/${Q}.query.json`])
  t.equal(read(world.tree, 'frontend@laptop', 'new', `${Q}.reply.json`).outcome, 'gone')
  t.match(readJournal(world.tree).at(-1), { event: 'left', peer: TO, why: 'exit' })
})

/** A take-over that was won by a process which ended before it replaced the card. */
function crashInTakeOver(world: World): Card {
  const card = deadCard(world)
  winTakeOver(world.tree, card, { ...here, start: '2' })
  return card
}

t.test('a crash between winning a take-over and replacing the card does not lose the name', async (t) => {
  const world = makeWorld(t)
  crashInTakeOver(world)
  t.equal(enrol(t, world, 'backend', { process: here }).address, TO)
  t.strictSame(readCard(world.tree, TO)?.process, here)
})

t.test('a name that was taken over can be taken over again, and again', async (t) => {
  const world = makeWorld(t)
  for (let n = 0; n < 3; n++) {
    const child = startProcess(t)
    t.equal(enrol(t, world, 'backend', { process: child.mark }).address, TO)
    await child.end()
  }
  t.equal(listCards(world.tree).length, 1)
})

t.test('of several processes one wins a take-over', async (t) => {
  const world = makeWorld(t)
  const marks = [1, 2, 3].map(() => startProcess(t).mark)
  const card = deadCard(world)
  t.strictSame(
    marks.map((mark) => winTakeOver(world.tree, card, mark)),
    [true, false, false],
  )
  t.ok(winTakeOver(world.tree, card, marks[0] as typeof here), 'the winner may ask again')
})

t.test('of two processes that find a crashed take-over one wins it, however their steps fall', async (t) => {
  const world = makeWorld(t)
  const card = crashInTakeOver(world)
  const [first, second] = [startProcess(t).mark, startProcess(t).mark]
  const won: boolean[] = []
  // The second one goes its whole way after the first has read who won, and before it does anything about it.
  mockFs(t, 'readFileSync', (real, restore) => (path: string, options: 'utf8') => {
    const text = real(path, options)
    if (!path.includes('take-over/')) return text
    restore()
    won.push(winTakeOver(world.tree, card, second))
    return text
  })
  won.push(winTakeOver(world.tree, card, first))
  t.strictSame(won, [true, false])
  t.strictSame(
    [second, first].map((mark) => winTakeOver(world.tree, card, mark)),
    [true, false],
    'and it stays so',
  )
})

/** Starts registrars that wait for each other, and returns the addresses that they print. */
async function registerAtOnce(t: Test, { env }: World, program: string, args: string[][]): Promise<string[]> {
  const children = args.map((more) => start(t, [process.execPath, program, ...more], { env: plainEnv(env) }))
  const said = (child: ChildProcess) => once(child.stdout as NodeJS.ReadableStream, 'data').then(String)
  await Promise.all(children.map(said))
  const answers = children.map(said)
  for (const child of children) child.stdin?.write('\n')
  const addresses = await Promise.all(answers)
  for (const child of children) child.stdin?.end()
  await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')))
  return addresses.map((address) => address.trim())
}

t.test('processes that register at once', async (t) => {
  const program = await bundle(t, new URL('registrar.ts', import.meta.url))

  t.test('two registrations of one process give one address', async (t) => {
    const world = makeWorld(t)
    const place = directory(world, 'backend')
    const one = startProcess(t).pid
    const addresses = await registerAtOnce(t, world, program, [
      [place, String(one)],
      [place, String(one)],
    ])
    t.strictSame(addresses, [TO, TO])
    t.equal(listCards(world.tree).length, 1)
  })

  t.test('four processes of one directory get four names', async (t) => {
    const world = makeWorld(t)
    const place = directory(world, 'backend')
    const addresses = await registerAtOnce(t, world, program, Array(4).fill([place]))
    t.strictSame(addresses.sort(), ['backend-2@laptop', 'backend-3@laptop', 'backend-4@laptop', TO])
    t.strictSame(
      listCards(world.tree)
        .map(({ address }) => address)
        .sort(),
      addresses,
    )
  })

  t.test('four processes that find a dead name get four names, one of them that', async (t) => {
    const world = makeWorld(t)
    const { directory: place } = deadCard(world)
    const addresses = await registerAtOnce(t, world, program, Array(4).fill([place]))
    t.equal(new Set(addresses).size, 4, addresses.join())
    t.equal(addresses.filter((address) => address === TO).length, 1, addresses.join())
  })

  t.test(`four processes that find a crashed take-over get four names, one of them that`, async (t) => {
    const world = makeWorld(t)
    const { directory: place } = crashInTakeOver(world)
    const addresses = await registerAtOnce(t, world, program, Array(4).fill([place]))
    t.equal(new Set(addresses).size, 4, addresses.join())
    t.equal(addresses.filter((address) => address === TO).length, 1, addresses.join())
  })
})

t.test('nothing but cards lies in peers/ after all that', async (t) => {
  const world = makeWorld(t)
  crashInTakeOver(world)
  enrol(t, world, 'backend')
  t.strictSame(filesIn(join(world.tree.root, 'peers')), [`${TO}.json`])
  t.strictSame(filesIn(join(world.tree.root, 'tmp')), [])
})
