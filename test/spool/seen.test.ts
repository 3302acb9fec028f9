// Whether another host is there: by this host's own clock alone.

import { lstatSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { formatHost, type HostFile } from '../../src/protocol/host.ts'
import { pinHost } from '../../src/spool/allowed.ts'
import { beat, newBeat } from '../../src/spool/beat.ts'
import { readHostFile } from '../../src/spool/hosts.ts'
import { lookAtOthers, presenceOfHost } from '../../src/spool/seen.ts'
import { addressLivePeer } from '../../src/verbs/address-peer.ts'
import { notify } from '../../src/verbs/notify.ts'
import { codeThrown, enrol, filesIn, makePair, makeWorld, thrown, type World } from '../world.ts'

const HOST: HostFile = {
  spec: 'mailbox/1',
  host: 'desktop',
  host_id: 'ab'.repeat(16),
  key: Buffer.alloc(32, 7).toString('base64'),
  epoch: '00000000',
  seq: 0,
  every: 30,
}

function fileIn({ tree }: World): string {
  return join(tree.root, 'hosts/desktop.json')
}

/** As its courier would, on a machine whose clock is wrong by these hours. */
function beats(world: World, seq: number, hours = 0): void {
  writeFileSync(fileIn(world), formatHost({ ...HOST, seq }))
  const time = Date.now() / 1_000 + hours * 3_600
  utimesSync(fileIn(world), time, time)
}

/** This host's clock, which the test moves on. */
function makeClock(t: Test): { pass(seconds: number): void } {
  const real = process.hrtime.bigint
  let passed = 0n
  process.hrtime.bigint = () => real() + passed
  t.teardown(() => {
    process.hrtime.bigint = real
  })
  const pass = (seconds: number) => {
    passed += BigInt(seconds) * 1_000_000_000n
  }
  return { pass }
}

for (const hours of [-1, 0, 1]) {
  t.test(`a host whose clock is ${hours} h off is unknown, here and away as any other`, async (t) => {
    const world = makeWorld(t)
    const clock = makeClock(t)
    const state = () => presenceOfHost(world.tree, 'desktop').state
    beats(world, 1, hours)
    t.equal(state(), 'unknown')
    clock.pass(30)
    beats(world, 2, hours)
    t.equal(state(), 'here')
    clock.pass(150)
    t.equal(state(), 'here')
    clock.pass(600)
    t.equal(state(), 'away')
    t.equal(Math.round((presenceOfHost(world.tree, 'desktop').ago as number) / 60_000), 13)
    beats(world, 3, hours)
    t.equal(state(), 'unknown', 'it may have changed long ago')
    clock.pass(30)
    beats(world, 4, hours)
    t.equal(state(), 'here')
  })
}

t.test(
  'what was seen is known to every process of this host, and lost with the state without harm',
  async (t) => {
    const world = makeWorld(t)
    beats(world, 1)
    presenceOfHost(world.tree, 'desktop')
    beats(world, 2)
    presenceOfHost(world.tree, 'desktop')
    t.match(JSON.parse(readFileSync(join(world.tree.state, 'seen/desktop.json'), 'utf8')), {
      seq: 2,
      changes: 1,
    })
    rmSync(join(world.tree.state, 'seen'), { recursive: true })
    t.equal(presenceOfHost(world.tree, 'desktop').state, 'unknown')
    for (const text of ['', '{', '{"epoch":7}', 'null']) {
      writeFileSync(join(world.tree.state, 'seen/desktop.json'), text)
      t.equal(presenceOfHost(world.tree, 'desktop').state, 'unknown')
    }
  },
)

t.test('a file that is cut, empty or gone keeps the last value, and looking writes nothing', async (t) => {
  const world = makeWorld(t)
  beats(world, 1)
  presenceOfHost(world.tree, 'desktop')
  beats(world, 2)
  presenceOfHost(world.tree, 'desktop')
  const stamp = () => lstatSync(join(world.tree.state, 'seen/desktop.json')).ino
  const before = stamp()
  for (const size of [300, 0]) {
    truncateSync(fileIn(world), size)
    t.equal(presenceOfHost(world.tree, 'desktop').state, 'here')
  }
  rmSync(fileIn(world))
  t.equal(presenceOfHost(world.tree, 'desktop').state, 'here')
  t.equal(stamp(), before)
})

t.test('a host without a file is unknown, and nothing is written of it', async (t) => {
  const { tree } = makeWorld(t)
  t.strictSame(presenceOfHost(tree, 'nowhere'), { state: 'unknown' })
  t.strictSame(
    filesIn(tree.state).filter((file) => file.startsWith('seen/')),
    [],
  )
})

t.test('a peer of a host that is away cannot be asked, and is told', async (t) => {
  const world = makePair(t)
  const clock = makeClock(t)
  const far = enrol(t, { ...world, tree: { ...world.tree, host: 'desktop' } }, 'api')
  pinHost(world.tree, HOST)
  t.equal(
    addressLivePeer(world.tree, world.me.address, 'api').address,
    far.address,
    'unknown: it may be there',
  )
  beats(world, 1)
  presenceOfHost(world.tree, 'desktop')
  clock.pass(720)
  const error = thrown(() => addressLivePeer(world.tree, world.me.address, 'api'))
  t.equal(error.code, 'host-away')
  t.match(error.message, 'api@desktop cannot be asked now: its host desktop was last seen 12 min ago.')
  t.ok(notify(world.tree, world.me.address, 'api', 'later'))
})

t.test('a beat moves our own file on by one, 512 bytes, and takes no label of another machine', async (t) => {
  const { tree } = makeWorld(t)
  const mine = newBeat(tree)
  const file = join(tree.root, 'hosts/laptop.json')
  beat(tree, mine)
  beat(tree, mine)
  t.match(readHostFile(tree, 'laptop'), { seq: 2, epoch: mine.epoch, host_id: mine.host_id })
  t.equal(lstatSync(file).size, 512)
  t.equal(lstatSync(file).mode & 0o777, 0o600)
  const theirs = formatHost({ ...HOST, host: 'laptop' })
  writeFileSync(file, theirs)
  t.equal(
    codeThrown(() => beat(tree, mine)),
    'host-taken',
  )
  t.equal(readFileSync(file, 'utf8'), theirs)
})

t.test('fifty hosts with twenty peers each are looked at in a moment', async (t) => {
  const { tree } = makeWorld(t)
  for (let host = 0; host < 50; host += 1) {
    writeFileSync(join(tree.root, `hosts/h${host}.json`), formatHost({ ...HOST, host: `h${host}` }))
    for (let peer = 0; peer < 20; peer += 1)
      writeFileSync(join(tree.root, `peers/p${peer}@h${host}.json`), '{}')
  }
  const before = process.cpuUsage()
  t.equal(lookAtOthers(tree), 50)
  t.equal(lookAtOthers(tree), 50)
  const { user, system } = process.cpuUsage(before)
  t.ok(user + system < 500_000, `${user + system} µs`)
})
