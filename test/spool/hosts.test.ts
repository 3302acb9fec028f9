import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { RepowireError } from '../../src/protocol/errors.ts'
import { formatHost, type HostFile, parseHost } from '../../src/protocol/host.ts'
import { publicKeyOf } from '../../src/spool/host-key.ts'
import { listHosts, otherHosts, readHostFile } from '../../src/spool/hosts.ts'
import { machineMark } from '../../src/spool/own-host.ts'
import { existingTree, lookEvenIfTaken, openTree, type Tree } from '../../src/spool/tree.ts'
import { codeThrown, enrol, filesIn, HOST_ID, makeDir, makeWorld, thrown, type World } from '../world.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')

/** Another machine that shares the root, as this one sees it. */
function another(world: World, label: string, more: Partial<HostFile> = {}): string {
  const who = { spec: 'mailbox/1', host: label, host_id: 'ab'.repeat(16), key: KEY } as const
  const file = join(world.tree.root, `hosts/${label}.json`)
  writeFileSync(file, formatHost({ ...who, epoch: '00000000', seq: 0, every: 30, ...more }), { mode: 0o600 })
  return file
}

/** The same root from another state directory. */
function machine(t: Test, world: World, label: string, host_id: string): Record<string, string> {
  const state = join(makeDir(t), 'state')
  mkdirSync(state, { mode: 0o700 })
  writeFileSync(join(state, 'host.json'), JSON.stringify({ label, host_id }))
  return { ...world.env, REPOWIRE_STATE: state }
}

function claimIn(tree: Tree): HostFile {
  return readHostFile(tree, tree.host) as HostFile
}

t.test('opening a tree claims the label of this host, with its id and its public key', async (t) => {
  const { tree } = makeWorld(t)
  const file = join(tree.root, 'hosts/laptop.json')
  t.match(claimIn(tree), {
    host: 'laptop',
    host_id: HOST_ID,
    seq: 0,
    every: 30,
    key: publicKeyOf(tree.state) as string,
  })
  t.equal(lstatSync(file).size, 512)
  t.equal(lstatSync(file).mode & 0o777, 0o600)
  const pem = join(tree.state, 'keys/host.pem')
  t.equal(lstatSync(pem).mode & 0o777, 0o600)
  t.equal(createPublicKey(readFileSync(pem)).asymmetricKeyType, 'ed25519')
  t.strictSame(otherHosts(tree), [])
})

t.test('a tree that is claimed is opened again without a write', async (t) => {
  const { tree, env } = makeWorld(t)
  const stamp = () =>
    [tree.root, tree.state].flatMap((dir) => filesIn(dir).map((it) => lstatSync(join(dir, it)).ctimeMs))
  const before = stamp()
  openTree(env)
  existingTree(env)
  t.strictSame(stamp(), before)
})

t.test(
  'the label of another machine is refused by whoever opens the tree, and nothing is changed',
  async (t) => {
    const world = makeWorld(t)
    const env = machine(t, world, 'laptop', 'cd'.repeat(16))
    const before = readFileSync(join(world.tree.root, 'hosts/laptop.json'), 'utf8')
    for (const open of [openTree, existingTree]) {
      const error = thrown(() => open(env)) as RepowireError
      t.equal(error.code, 'host-taken')
      for (const said of ['"laptop"', HOST_ID, 'cd'.repeat(16)]) t.match(error.message, said)
      t.match(error.next, 'repowire host rename <label>')
    }
    t.equal(readFileSync(join(world.tree.root, 'hosts/laptop.json'), 'utf8'), before)
    t.strictSame(filesIn(env.REPOWIRE_STATE as string), ['host.json'])
    t.ok(openTree(world.env), 'who has it goes on')
  },
)

t.test(
  'a copy of another machine is refused where that one may share the root, and only there',
  async (t) => {
    if (machineMark() === undefined) return void t.pass('this machine has no id by which to know it')
    const { tree, env } = makeWorld(t)
    const copied = { label: 'laptop', host_id: HOST_ID, machine: '1'.repeat(32) }
    writeFileSync(join(tree.state, 'host.json'), JSON.stringify(copied))
    for (const open of [openTree, existingTree]) t.strictSame(open(env), tree, 'it has only moved')
    mkdirSync(join(tree.root, '.stfolder'))
    const before = filesIn(tree.root)
    for (const open of [openTree, existingTree])
      t.equal(
        codeThrown(() => open(env)),
        'host-cloned',
      )
    t.strictSame(filesIn(tree.root), before)
    t.strictSame(lookEvenIfTaken(env), tree, 'its owner still gives it another label')
  },
)

t.test(
  'a machine without a state directory is refused a label that is taken, before it makes one',
  async (t) => {
    const world = makeWorld(t)
    const label = openTree({ ...world.env, REPOWIRE_STATE: join(makeDir(t), 'first') }).host
    const state = join(makeDir(t), 'second')
    t.equal(
      codeThrown(() => openTree({ ...world.env, REPOWIRE_STATE: state })),
      'host-taken',
      label,
    )
    t.throws(() => lstatSync(join(state, 'host.json')))
  },
)

t.test(
  'a host that lost its state directory has its label again, with another id and another key',
  async (t) => {
    if (machineMark() === undefined) return void t.pass('this machine has no id by which to know it')
    const dir = makeDir(t)
    const env = { REPOWIRE_HOME: join(dir, 'root'), REPOWIRE_STATE: join(dir, 'state') }
    const before = claimIn(openTree(env))
    rmSync(env.REPOWIRE_STATE, { recursive: true })
    const tree = openTree(env)
    const after = claimIn(tree)
    t.equal(after.host, before.host)
    t.not(after.host_id, before.host_id)
    t.not(after.key, before.key)
    t.equal(after.key, publicKeyOf(tree.state))
    t.strictSame(openTree(env), tree)
  },
)

t.test('the same, killed before its claim was in place', async (t) => {
  if (machineMark() === undefined) return void t.pass('this machine has no id by which to know it')
  const dir = makeDir(t)
  const env = { REPOWIRE_HOME: join(dir, 'root'), REPOWIRE_STATE: join(dir, 'state') }
  const file = join(dir, 'root/hosts', `${openTree(env).host}.json`)
  const before = readFileSync(file)
  rmSync(env.REPOWIRE_STATE, { recursive: true })
  const tree = openTree(env)
  writeFileSync(file, before)
  t.equal(
    claimIn(openTree(env)).host_id,
    JSON.parse(readFileSync(join(tree.state, 'host.json'), 'utf8')).host_id,
  )
})

t.test('a key that is lost or torn is made anew, and the claim says so', async (t) => {
  const { tree, env } = makeWorld(t)
  const pem = join(tree.state, 'keys/host.pem')
  const { key, host_id } = claimIn(tree)
  rmSync(pem)
  openTree(env)
  t.not(claimIn(tree).key, key)
  t.equal(claimIn(tree).key, publicKeyOf(tree.state))
  t.equal(claimIn(tree).host_id, host_id)
  writeFileSync(pem, '-----BEGIN PRIVATE KEY-----\n')
  rmSync(join(tree.root, 'hosts/laptop.json'))
  openTree(env)
  t.equal(claimIn(tree).key, publicKeyOf(tree.state))
})

t.test('a claim of ours that is empty, cut or no host is put right', async (t) => {
  const { tree, env } = makeWorld(t)
  const file = join(tree.root, 'hosts/laptop.json')
  for (const text of ['', readFileSync(file, 'utf8').slice(0, 100), 'x'.repeat(512), 'x'.repeat(600)]) {
    writeFileSync(file, text)
    openTree(env)
    t.equal(claimIn(tree)?.host_id, HOST_ID)
  }
})

t.test('a host.json without an id is completed and keeps its label', async (t) => {
  const { tree, env } = makeWorld(t)
  rmSync(join(tree.root, 'hosts/laptop.json'))
  writeFileSync(join(tree.state, 'host.json'), '{"label":"laptop","host_id":"7"}')
  t.equal(openTree(env).host, 'laptop')
  const { host_id } = JSON.parse(readFileSync(join(tree.state, 'host.json'), 'utf8'))
  t.match(host_id, /^[0-9a-f]{32}$/)
  t.equal(claimIn(tree).host_id, host_id)
})

t.test(
  'the others are those with a host file and those with a peer; copies of a conflict are none',
  async (t) => {
    const world = makeWorld(t)
    const { tree } = world
    another(world, 'desktop')
    another(world, 'old', { renamed: 'desktop' })
    for (const name of ['laptop.sync-conflict-20261122-094135-5KYI46T', '.syncthing.x', 'Big', '.nfs0001'])
      writeFileSync(join(tree.root, `hosts/${name}.json`), 'x')
    const there = openTree(machine(t, world, 'server', '12'.repeat(16)))
    enrol(t, { ...world, tree: there }, 'api')
    enrol(t, world, 'web')
    rmSync(join(tree.root, 'hosts/server.json'))
    t.strictSame(otherHosts(tree), ['desktop', 'old', 'server'])
    t.strictSame(
      listHosts(tree).map(({ host }) => host),
      ['desktop', 'laptop'],
    )
  },
)

t.test('labels that this host had before are not others', async (t) => {
  const world = makeWorld(t)
  another(world, 'before', { host_id: HOST_ID, renamed: 'laptop' })
  t.strictSame(otherHosts({ ...world.tree, formerly: ['before'] }), [])
})

t.test(
  'a link, a FIFO, a directory, a huge file and one without rights are no hosts, and hide no other',
  async (t) => {
    const world = makeWorld(t)
    const { tree } = world
    const at = (name: string) => join(tree.root, 'hosts', `${name}.json`)
    const real = join(world.dir, 'real')
    renameSync(another(world, 'linked'), real)
    symlinkSync(real, at('linked'))
    execFileSync('mkfifo', [at('fifo')])
    mkdirSync(at('directory'))
    writeFileSync(at('huge'), Buffer.alloc(2_000_000, ' '))
    another(world, 'good')
    if (process.getuid?.() !== 0) chmodSync(another(world, 'locked'), 0)
    for (const label of ['linked', 'fifo', 'directory', 'huge', 'locked', 'none'])
      t.equal(readHostFile(tree, label), undefined, label)
    t.strictSame(
      listHosts(tree).map(({ host }) => host),
      ['good', 'laptop'],
    )
  },
)

t.test('in place of our own claim they stop nothing', async (t) => {
  const { tree, env } = makeWorld(t)
  const file = join(tree.root, 'hosts/laptop.json')
  for (const make of [
    () => mkdirSync(file),
    () => execFileSync('mkfifo', [file]),
    () => symlinkSync('/x', file),
  ]) {
    rmSync(file, { recursive: true })
    make()
    t.strictSame(openTree(env), tree)
    t.strictSame(existingTree(env), tree)
  }
})

t.test('the file of fifty hosts is found by its label alone', async (t) => {
  const world = makeWorld(t)
  for (let n = 0; n < 50; n += 1) another(world, `host-${n}`)
  t.equal(otherHosts(world.tree).length, 50)
  t.equal(parseHost(readFileSync(join(world.tree.root, 'hosts/host-7.json')), 'host-7')?.host, 'host-7')
})

t.test('a machine that was refused goes on under a label that is written into host.json', async (t) => {
  const world = makeWorld(t)
  const env = machine(t, world, 'laptop', 'cd'.repeat(16))
  writeFileSync(join(env.REPOWIRE_STATE as string, 'host.json'), '{"label":"workbench"}')
  const tree = openTree(env)
  t.equal(tree.host, 'workbench')
  t.match(claimIn(tree), { host: 'workbench', host_id: /^[0-9a-f]{32}$/ })
  t.equal(openTree(world.env).host, 'laptop')
})
