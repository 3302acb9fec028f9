// Two machines, which are two state directories, share one root: each shows the other that its courier runs.

import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { enterOffice, leaveOffice } from '../../src/courier/courier-file.ts'
import { describePeers } from '../../src/courier/peers.ts'
import { keepBeating } from '../../src/courier/presence-beat.ts'
import { runCourier } from '../../src/courier/run.ts'
import { formatHost, type HostFile } from '../../src/protocol/host.ts'
import { cardPath } from '../../src/protocol/layout.ts'
import { copiesOfOthers } from '../../src/spool/claim-copies.ts'
import { readHostFile } from '../../src/spool/hosts.ts'
import { presenceOfHost } from '../../src/spool/seen.ts'
import { openTree, type Tree } from '../../src/spool/tree.ts'
import { enrol, filesIn, HOST_ID, makeDir, makeWorld, until, type World } from '../world.ts'

function otherMachine(t: Test, { env }: World, label: string, host_id = 'cd'.repeat(16)): Tree {
  const state = join(makeDir(t), 'state')
  mkdirSync(state, { mode: 0o700 })
  writeFileSync(join(state, 'host.json'), JSON.stringify({ label, host_id }))
  return openTree({ ...env, REPOWIRE_STATE: state })
}

function beatOnce(tree: Tree): unknown[] {
  const failed: unknown[] = []
  enterOffice(tree)
  keepBeating(tree, (error) => failed.push(error)).stop()
  leaveOffice(tree)
  return failed
}

/** A courier of this process; returns what ends it. */
function startCourier(t: Test, tree: Tree): () => Promise<void> {
  const end = new AbortController()
  const runs = runCourier(tree, end.signal, { stay: true, by: 'a test' })
  const stop = async () => {
    end.abort('the test is over')
    await runs
  }
  t.teardown(stop)
  return stop
}

const seqIn = (tree: Tree) => readHostFile(tree, tree.host)?.seq

t.test('a host that is alone writes nothing', async (t) => {
  const { tree } = makeWorld(t)
  const stamp = () => filesIn(tree.root).map((file) => lstatSync(join(tree.root, file)).ino)
  const before = stamp()
  t.strictSame(beatOnce(tree), [])
  t.strictSame(stamp(), before)
  t.strictSame(
    filesIn(tree.state).filter((file) => file.startsWith('seen')),
    [],
  )
})

t.test('two that share a root see each other come, one beat after the other', async (t) => {
  const world = makeWorld(t)
  const desk = otherMachine(t, world, 'desk')
  for (const tree of [world.tree, desk]) beatOnce(tree)
  t.equal(seqIn(world.tree), 1)
  t.equal(seqIn(desk), 1)
  for (const tree of [world.tree, desk]) beatOnce(tree)
  t.equal(presenceOfHost(world.tree, 'desk').state, 'here')
  t.equal(presenceOfHost(desk, 'laptop').state, 'here')
})

t.test('a host of which only a peer is known counts, too', async (t) => {
  const world = makeWorld(t)
  const desk = otherMachine(t, world, 'desk')
  enrol(t, { ...world, tree: desk }, 'api')
  rmSync(join(world.tree.root, 'hosts/desk.json'))
  beatOnce(world.tree)
  t.equal(seqIn(world.tree), 1)
})

t.test('a courier that is not in office writes nothing', async (t) => {
  const world = makeWorld(t)
  otherMachine(t, world, 'desk')
  keepBeating(world.tree, (error) => t.fail(String(error))).stop()
  t.equal(seqIn(world.tree), 0)
})

t.test('the file of another machine with our label is left alone, and the courier goes', async (t) => {
  const world = makeWorld(t)
  otherMachine(t, world, 'desk')
  const file = join(world.tree.root, 'hosts/laptop.json')
  const theirs = formatHost({ ...(readHostFile(world.tree, 'laptop') as HostFile), host_id: 'ef'.repeat(16) })
  writeFileSync(file, theirs)
  t.match(beatOnce(world.tree), [{ code: 'host-taken' }])
  t.ok(await runCourier(world.tree, new AbortController().signal, { stay: true, by: 'a test' }))
  t.equal(readFileSync(file, 'utf8'), theirs)
  t.match(readFileSync(join(world.tree.state, 'courier.log'), 'utf8'), 'stops: Another machine that shares')
})

const COPIES = [
  'laptop.sync-conflict-20261122-094135-5KYI46T.json',
  'laptop (SE-BOX conflicted copy 2026-11-22).json',
]

t.test('what was put aside of our own claim is removed, and of another host it stays', async (t) => {
  const { tree } = makeWorld(t)
  const hosts = join(tree.root, 'hosts')
  for (const copy of COPIES) cpSync(join(hosts, 'laptop.json'), join(hosts, copy))
  writeFileSync(join(hosts, 'desk.sync-conflict-20261122-094135-5KYI46T.json'), 'desk')
  const stop = startCourier(t, tree)
  await until(() => !filesIn(hosts).some((file) => COPIES.includes(file)))
  await stop()
  t.strictSame(filesIn(hosts), ['desk.sync-conflict-20261122-094135-5KYI46T.json', 'laptop.json'])
  t.notMatch(readFileSync(join(tree.state, 'courier.log'), 'utf8'), 'host-taken')
})

t.test('another machine that claims our label shows by what was put aside, and loses nothing', async (t) => {
  const { tree } = makeWorld(t)
  const [copy = ''] = COPIES
  const theirs = formatHost({ ...(readHostFile(tree, 'laptop') as HostFile), host_id: 'ef'.repeat(16) })
  writeFileSync(join(tree.root, 'hosts', copy), theirs)
  const log = () => readFileSync(join(tree.state, 'courier.log'), 'utf8')
  const stop = startCourier(t, tree)
  await until(() => filesIn(tree.state).includes('courier.log') && log().includes('host-taken'))
  await stop()
  for (const said of ['ef'.repeat(16), HOST_ID, copy]) t.match(log(), said)
  t.equal(readFileSync(join(tree.root, 'hosts', copy), 'utf8'), theirs)
  t.match([...copiesOfOthers(tree).keys()], [`hosts/${copy}`])
})

t.test(
  'a courier whose home was copied from another machine goes, where others share the root',
  async (t) => {
    const world = makeWorld(t)
    const desk = otherMachine(t, world, 'desk')
    const copied = { label: 'desk', host_id: 'cd'.repeat(16), machine: '12'.repeat(16) }
    writeFileSync(join(desk.state, 'host.json'), JSON.stringify(copied))
    t.ok(await runCourier(desk, new AbortController().signal, { stay: true, by: 'a test' }))
    t.match(readFileSync(join(desk.state, 'courier.log'), 'utf8'), 'host-cloned')
  },
)

t.test('a home that only moved to another machine is no copy', async (t) => {
  const { tree } = makeWorld(t)
  writeFileSync(
    join(tree.state, 'host.json'),
    JSON.stringify({ label: 'laptop', host_id: HOST_ID, machine: '12'.repeat(16) }),
  )
  const stop = startCourier(t, tree)
  await until(() => filesIn(tree.state).includes('courier.json'))
  await stop()
  t.notMatch(readFileSync(join(tree.state, 'courier.log'), 'utf8'), 'host-cloned')
})

t.test('a courier whose root is not mounted waits for it, and writes nothing meanwhile', async (t) => {
  const world = makeWorld(t)
  const { root, state } = world.tree
  mkdirSync(join(root, '.stfolder'))
  const card = join(root, cardPath(enrol(t, world, 'backend').address))
  startCourier(t, world.tree)
  await until(() => existsSync(join(state, 'shared')))
  renameSync(root, `${root}.mounted`)
  mkdirSync(root, { mode: 0o700 })
  await until(() => readFileSync(join(state, 'courier.log'), 'utf8').includes('root-missing'))
  t.strictSame(readdirSync(root), [])
  rmdirSync(root)
  renameSync(`${root}.mounted`, root)
  rmSync(card)
  await until(() => existsSync(card))
})

t.test('a peer of a host that is away is shown to be', async (t) => {
  const world = makeWorld(t)
  const desk = otherMachine(t, world, 'desk')
  enrol(t, { ...world, tree: desk }, 'api')
  t.match(await describePeers(world.tree), [{ status: 'unknown', held: 'api is on another host' }])
  const seen = JSON.parse(readFileSync(join(world.tree.state, 'seen/desk.json'), 'utf8'))
  const long = { ...seen, at: seen.at - 720_000 }
  writeFileSync(join(world.tree.state, 'seen/desk.json'), JSON.stringify(long))
  t.match(await describePeers(world.tree), [{ status: 'away', held: /host desk was last seen 12 min ago/ }])
})
