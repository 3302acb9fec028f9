// Many processes at once want a name. One gets it, and nobody loses one. mailbox-spec §5

import { type ChildProcess, execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { attend } from '../../src/courier/attend.ts'
import { type Card, sameProcess } from '../../src/protocol/card.ts'
import { SPEC } from '../../src/protocol/layout.ts'
import {
  createCard,
  currentAddress,
  listAddresses,
  listCards,
  readCard,
  replaceCard,
} from '../../src/spool/cards.ts'
import { readJournal } from '../../src/spool/journal.ts'
import { markOf } from '../../src/spool/process.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { register } from '../../src/verbs/register.ts'
import { rename } from '../../src/verbs/rename.ts'
import { processesOf } from '../processes.ts'
import {
  bundle,
  enrol,
  gone,
  lay,
  mailOf,
  makePair,
  makeWorld,
  mockFs,
  plainEnv,
  start,
  startProcess,
  until,
  type World,
} from '../world.ts'

const FORMER = 'backend@laptop'
const memory = () => ({ attempts: new Map(), typedBefore: new Set<string>(), known: new Map() })
const registrar = await bundle(t, new URL('registrar.ts', import.meta.url))
const renamer = await bundle(t, new URL('names-renamer.ts', import.meta.url))

type Said = { pid: number; said: string }

/** Starts these programs, which wait for each other, and returns what they print; registrars live with the test. */
async function atOnce(t: Test, { env }: World, commands: string[][]): Promise<Said[]> {
  const children = commands.map((command) => start(t, [process.execPath, ...command], { env: plainEnv(env) }))
  const line = (child: ChildProcess) => once(child.stdout as NodeJS.ReadableStream, 'data').then(String)
  await Promise.all(children.map(line))
  const said = children.map(line)
  for (const child of children) child.stdin?.write('\n')
  const lines = await Promise.all(said)
  return lines.map((text, n) => ({ pid: children[n]?.pid as number, said: text.trim() }))
}

/** Each of them has the card that it said, and each address that these said is of one process. */
function eachHasItsCard(t: Test, tree: Tree, all: Said[]): void {
  for (const { pid, said } of all) t.strictSame(readCard(tree, said)?.process, markOf(pid), said)
  t.equal(new Set(all.map(({ said }) => said)).size, all.length)
}

function numbered(name: string, from: number, count: number): string[] {
  const nth = (n: number) => (n === 1 ? `${name}@laptop` : `${name}-${n}@laptop`)
  return Array.from({ length: count }, (_, n) => nth(n + from))
}

function placeOf({ dir }: World, ...names: string[]): string {
  const place = join(dir, 'src', ...names)
  mkdirSync(place, { recursive: true })
  return place
}

/** A card of a process that has ended, with a question in every state. */
function leftBehind(world: World, address = FORMER): string[] {
  const directory = placeOf(world, 'backend')
  const registered = '2026-11-22T09:31:00.000Z'
  createCard(world.tree, { spec: SPEC, address, agent: 'other', directory, process: gone, registered })
  const ids = [0, 1, 2].map((n) => `20261122t09401241${n}z-00000000`)
  for (const [n, state] of (['new', 'cur', 'open'] as const).entries())
    lay(world.tree, state, { id: ids[n], to: address })
  return ids
}

t.test('eight processes of one directory get name to name-8, each its own', async (t) => {
  const world = makeWorld(t)
  const place = placeOf(world, 'backend')
  const all = await atOnce(t, world, Array(8).fill([registrar, place]))
  t.strictSame(new Set(all.map(({ said }) => said)), new Set(numbered('backend', 1, 8)))
  eachHasItsCard(t, world.tree, all)
})

t.test('processes of two directories of one name share its numbers out', async (t) => {
  const world = makeWorld(t)
  const places = ['a', 'b'].map((parent) => placeOf(world, parent, 'My App'))
  const all = await atOnce(
    t,
    world,
    [...places, ...places, ...places].map((place) => [registrar, place]),
  )
  t.strictSame(new Set(all.map(({ said }) => said)), new Set(numbered('my-app', 1, 6)))
  eachHasItsCard(t, world.tree, all)
})

for (let n = 1; n <= 3; n++) {
  t.test(`eight processes take one dead name over: one wins, its questions end once (${n})`, async (t) => {
    const world = makeWorld(t)
    const ids = leftBehind(world)
    const place = placeOf(world, 'backend')
    const all = await atOnce(t, world, Array(8).fill([registrar, place]))
    t.strictSame(new Set(all.map(({ said }) => said)), new Set(numbered('backend', 1, 8)))
    eachHasItsCard(t, world.tree, all)
    for (const id of ids) {
      t.ok(mailOf(world.tree, 'frontend@laptop').includes(`new/${id}.reply.json`))
      const ends = readJournal(world.tree).filter(({ event, ...of }) => event === 'ended' && of.id === id)
      t.equal(ends.length, 1)
    }
    t.equal(
      readJournal(world.tree).filter(({ event, peer }) => event === 'registered' && peer === FORMER).length,
      1,
    )
  })
}

t.test('nobody who lives is displaced by those that come', async (t) => {
  const world = makeWorld(t)
  const place = placeOf(world, 'backend')
  const living = register(world.tree, { agent: 'other', directory: place, process: startProcess(t).mark })
  leftBehind(world, 'backend-2@laptop')
  const all = await atOnce(t, world, Array(6).fill([registrar, place]))
  t.strictSame(readCard(world.tree, FORMER), living)
  t.strictSame(new Set(all.map(({ said }) => said)), new Set(numbered('backend', 2, 6)))
  eachHasItsCard(t, world.tree, all)
})

t.test('who has won a take-over and is slow does not displace whoever has the name meanwhile', async (t) => {
  const world = makeWorld(t)
  leftBehind(world)
  const directory = placeOf(world, 'backend')
  const quick: Card = { ...(readCard(world.tree, FORMER) as Card), process: startProcess(t).mark }
  // While the winner settles what the dead one held, the card is replaced under its hands.
  mockFs(t, 'linkSync', (real, restore) => (from: string, to: string) => {
    if (!to.includes('/new/')) return real(from, to)
    restore()
    replaceCard(world.tree, quick)
    return real(from, to)
  })
  const slow = register(world.tree, { agent: 'other', directory, process: startProcess(t).mark })
  t.equal(slow.address, 'backend-2@laptop')
  t.strictSame(readCard(world.tree, FORMER)?.process, quick.process)
})

t.test('who has won a take-over and is slow does not undo a rename', async (t) => {
  const world = makeWorld(t)
  leftBehind(world)
  const directory = placeOf(world, 'backend')
  const offline = readCard(world.tree, FORMER) as Card
  mockFs(t, 'linkSync', (real, restore) => (from: string, to: string) => {
    if (!to.includes('/new/')) return real(from, to)
    restore()
    rename(world.tree, offline, 'api')
    return real(from, to)
  })
  register(world.tree, { agent: 'other', directory, process: startProcess(t).mark })
  t.match(readCard(world.tree, FORMER), { renamed: 'api@laptop' })
})

t.test('of two peers that are given one name at once one gets it, and the other keeps its own', async (t) => {
  const world = makePair(t)
  const names = [world.me.address, FORMER]
  const all = await atOnce(
    t,
    world,
    names.map((address) => [renamer, address, 'api']),
  )
  t.strictSame(all.map(({ said }) => said).sort(), ['api@laptop', 'name-taken'])
  const loser = names[all.findIndex(({ said }) => said === 'name-taken')] as string
  t.equal(readCard(world.tree, loser)?.renamed, undefined)
  t.equal(listCards(world.tree).length, 2)
})

t.test('a session that comes and a peer that is renamed do not get one name', async (t) => {
  const world = makePair(t)
  const place = placeOf(world, 'api')
  const [came, renamed] = await atOnce(t, world, [
    [registrar, place],
    [renamer, FORMER, 'api'],
  ])
  t.strictSame(readCard(world.tree, came?.said as string)?.process, markOf(came?.pid as number))
  t.ok(['api@laptop', 'name-taken'].includes(renamed?.said as string))
  t.not(came?.said, renamed?.said)
})

/** Every name of this peer leads to one card, and all its mail is there. */
async function isOne(t: Test, { tree }: World, { process }: Card, files: string[]): Promise<void> {
  const addresses = listAddresses(tree).filter((address) => {
    const card = readCard(tree, address)
    return card !== undefined && sameProcess(card.process, process)
  })
  for (const address of addresses) await attend(tree, readCard(tree, address) as Card, memory())
  const mine = listCards(tree).filter((card) => sameProcess(card.process, process))
  t.equal(mine.length, 1, mine.map(({ address }) => address).join())
  for (const address of addresses) t.equal(currentAddress(tree, address), mine[0]?.address, address)
  t.strictSame(mailOf(tree, mine[0]?.address as string), files)
}

for (let n = 1; n <= 3; n++) {
  t.test(`a peer that is given four names at once has one, and all its mail (${n})`, async (t) => {
    const world = makePair(t)
    const files = (['open', 'new'] as const).map(
      (state, i) => `${state}/${lay(world.tree, state, { id: id(i) })}`,
    )
    const names = ['api', 'core', 'docs', 'edge']
    await atOnce(
      t,
      world,
      names.map((name) => [renamer, FORMER, name]),
    )
    await isOne(t, world, world.peer, files.sort())
  })
}

function id(n: number): string {
  return `20261122t09401240${n}z-00000000`
}

t.test('of two renames of which each has seen the old card as it was, one counts', async (t) => {
  const world = makePair(t)
  const { tree, peer } = world
  const file = lay(tree, 'new')
  // The second one goes its whole way after the first has read the old card, and before it makes it an alias.
  mockFs(t, 'renameSync', (real, restore) => (from: string, to: string) => {
    if (!to.endsWith(`/peers/${FORMER}.json`)) return real(from, to)
    restore()
    rename(tree, peer, 'core')
    return real(from, to)
  })
  rename(tree, peer, 'api')
  await isOne(t, world, peer, [`new/${file}`])
})

t.test('the command says which name counts when it is run twice at once', async (t) => {
  const world = makeWorld(t)
  const card = enrol(t, world, 'backend')
  const program = join(import.meta.dirname, '..', '..', 'dist', 'repowire.js')
  const command = (...words: string[]) =>
    new Promise<string>((resolve) => {
      const args = ['-u', 'NODE_OPTIONS', process.execPath, program, ...words]
      const env = plainEnv({ ...world.env, HOME: world.dir })
      execFile('env', args, { env }, (_, stdout) => resolve(stdout))
    })
  // Both start a courier; the one that is not needed goes by itself.
  t.teardown(async () => {
    await command('daemon', 'stop')
    if (process.platform === 'linux')
      await until(async () => (await processesOf(world.tree.state)).length === 0)
  })
  await Promise.all(['api', 'core'].map((name) => command('rename', 'backend', name, '--json')))
  await isOne(t, world, card, [])
})
