// A machine gets another label: its peers and their mail come along, and nothing of another machine is touched.

import fs, { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { formatHost } from '../../src/protocol/host.ts'
import { cardOfProcess, currentAddress } from '../../src/spool/cards.ts'
import { listHosts, otherHosts, readHostFile } from '../../src/spool/hosts.ts'
import { existingTree, locateTree, openTree } from '../../src/spool/tree.ts'
import { addressPeer } from '../../src/verbs/address-peer.ts'
import { register } from '../../src/verbs/register.ts'
import { forwardMail } from '../../src/verbs/rename.ts'
import { renameHost } from '../../src/verbs/rename-host.ts'
import { sweep } from '../../src/verbs/sweep.ts'
import {
  codeThrown,
  enrol,
  filesIn,
  gone,
  here,
  lay,
  mailOf,
  makeDir,
  makePair,
  makeWorld,
  type World,
} from '../world.ts'

function otherMachine(t: Test, { env }: World, label: string): Record<string, string> {
  const state = join(makeDir(t), 'state')
  mkdirSync(state, { mode: 0o700 })
  writeFileSync(join(state, 'host.json'), JSON.stringify({ label, host_id: 'cd'.repeat(16) }))
  return { ...env, REPOWIRE_STATE: state }
}

t.test('its peers come along, with what lies in their mailboxes, and so does what comes later', async (t) => {
  const world = makePair(t)
  const dead = enrol(t, world, 'cache', { process: gone })
  const file = lay(world.tree, 'open')
  const { tree, moved } = renameHost(world.tree, 'desk')
  t.strictSame(moved.map(({ address }) => address).sort(), ['backend@desk', 'cache@desk', 'frontend@desk'])
  t.strictSame(openTree(world.env), tree)
  t.equal(tree.host, 'desk')
  t.strictSame(
    mailOf(tree, 'backend@desk').filter((it) => it.endsWith(file)),
    [`open/${file}`],
  )
  t.equal(cardOfProcess(tree, here)?.address, 'frontend@desk')
  t.equal(currentAddress(tree, dead.address), 'cache@desk')
  t.equal(addressPeer(tree, 'frontend@desk', 'backend@laptop').address, 'backend@desk')
  const later = lay(tree, 'new', { id: '20261122t094100000z-0a1b2c3d', kind: 'notice' })
  forwardMail(tree, 'backend@laptop')
  t.ok(mailOf(tree, 'backend@desk').includes(`new/${later}`))
})

t.test(
  'the id and the key are the same, and the old label stays ours and leads to the new one',
  async (t) => {
    const world = makeWorld(t)
    const before = readHostFile(world.tree, 'laptop')
    const { tree } = renameHost(world.tree, 'desk')
    t.match(readHostFile(tree, 'desk'), { host_id: before?.host_id, key: before?.key })
    t.match(readHostFile(tree, 'laptop'), { host_id: before?.host_id, renamed: 'desk' })
    t.strictSame(tree.formerly, ['laptop'])
    t.strictSame(otherHosts(tree), [])
    t.strictSame(
      listHosts(tree).map(({ host }) => host),
      ['desk'],
    )
    const back = renameHost(tree, 'laptop').tree
    t.strictSame(
      listHosts(back).map(({ host }) => host),
      ['laptop'],
    )
    t.strictSame(back.formerly, ['desk'])
  },
)

t.test('what was being written under the old label is litter of this host still', async (t) => {
  const world = makeWorld(t)
  const { tree } = renameHost(world.tree, 'desk')
  const dir = join(tree.root, 'tmp/laptop')
  for (const file of ['old', 'young']) writeFileSync(join(dir, file), '')
  const before = new Date(Date.now() - 4_000_000)
  utimesSync(join(dir, 'old'), before, before)
  sweep(tree)
  t.strictSame(filesIn(dir), ['young'])
})

t.test('repeating it finishes what was cut short, and then changes nothing', async (t) => {
  const world = makePair(t)
  const { label, ...host } = JSON.parse(readFileSync(join(world.tree.state, 'host.json'), 'utf8'))
  writeFileSync(
    join(world.tree.state, 'host.json'),
    JSON.stringify({ ...host, label: 'desk', formerly: [label] }),
  )
  const { tree, moved } = renameHost(openTree(world.env), 'desk')
  t.equal(moved.length, 2)
  t.match(readHostFile(tree, 'laptop'), { renamed: 'desk' })
  const files = filesIn(tree.root)
  t.strictSame(renameHost(tree, 'desk').moved, [])
  t.strictSame(filesIn(tree.root), files)
})

t.test(
  'a label of another machine is refused, by its claim or by its peers, and nothing is changed',
  async (t) => {
    const world = makePair(t)
    openTree(otherMachine(t, world, 'server'))
    writeFileSync(join(world.tree.root, 'peers/api@old.json'), '{}')
    const before = filesIn(world.tree.root)
    for (const label of ['server', 'old'])
      t.equal(
        codeThrown(() => renameHost(world.tree, label)),
        'host-taken',
      )
    t.equal(
      codeThrown(() => renameHost(world.tree, 'Desk')),
      'bad-input',
    )
    t.strictSame(filesIn(world.tree.root), before)
    t.strictSame(openTree(world.env), world.tree)
  },
)

t.test(
  'where another machine has the old label, nothing of it is touched, and who runs here registers anew',
  async (t) => {
    const world = makePair(t)
    const claim = join(world.tree.root, 'hosts/laptop.json')
    const theirs = { ...readHostFile(world.tree, 'laptop'), host_id: 'ef'.repeat(16) }
    writeFileSync(claim, formatHost(theirs as Parameters<typeof formatHost>[0]))
    t.equal(
      codeThrown(() => existingTree(world.env)),
      'host-taken',
    )
    const before = filesIn(world.tree.root, 'peers').map((file) =>
      readFileSync(join(world.tree.root, file), 'utf8'),
    )
    const { tree, moved, left } = renameHost(locateTree(world.env), 'desk')
    t.strictSame(moved, [])
    t.strictSame(
      left.map(({ address }) => address),
      ['backend@laptop', 'frontend@laptop'],
    )
    t.match(readHostFile(tree, 'laptop'), { host_id: 'ef'.repeat(16), renamed: undefined })
    t.equal(tree.formerly, undefined)
    t.strictSame(
      filesIn(tree.root, 'peers').map((file) => readFileSync(join(tree.root, file), 'utf8')),
      before,
    )
    const { directory } = world.me
    t.equal(
      register(openTree(world.env), { agent: 'other', directory, process: here }).address,
      'frontend@desk',
    )
  },
)

t.test('a machine that was refused before it had anything gets the label', async (t) => {
  const world = makeWorld(t)
  const env = { ...world.env, REPOWIRE_STATE: join(makeDir(t), 'state') }
  const { tree } = renameHost({ ...locateTree(env), host: 'laptop' }, 'desk')
  t.equal(tree.host, 'desk')
  t.equal(openTree(env).host, 'desk')
  t.equal(tree.formerly, undefined)
  t.equal(openTree(world.env).host, 'laptop')
})

/** Fails with its nth link or rename, as a process that is killed just before it; false where there is none. */
function isCutShort(t: Test, nth: number, act: () => unknown): boolean {
  let left = nth
  const restores = (['linkSync', 'renameSync'] as const).map((call) => {
    const real = fs[call]
    fs[call] = ((...args: [string, string]) => {
      left -= 1
      if (left < 0) throw new Error('killed')
      return real(...args)
    }) as typeof real
    return () => {
      fs[call] = real as never
    }
  })
  syncBuiltinESMExports()
  const restore = () => {
    for (const one of restores) one()
    syncBuiltinESMExports()
  }
  t.teardown(restore)
  try {
    act()
    return false
  } catch {
    return true
  } finally {
    restore()
  }
}

/** What lies in the root, without what was being written, and what a card or a claim has of its own time. */
function pictureOf({ root }: { root: string }): string[] {
  const files = filesIn(root).filter((file) => !file.startsWith('tmp/'))
  const text = (file: string) => readFileSync(join(root, file), 'utf8').trim()
  const plain = (line: string) =>
    line.replace(/"(registered|epoch|place|sent)":"[^"]*"/g, '').replace(/"seq":\d+/, '')
  return files.map((file) => `${file} ${plain(text(file))}`)
}

t.test('killed before any of its steps and done again, it is done', async (t) => {
  const whole = (nth: number) => {
    const world = makeWorld(t)
    enrol(t, world, 'backend', { process: here })
    lay(world.tree, 'open')
    lay(world.tree, 'new', { id: '20261122t094100000z-0a1b2c3d', kind: 'notice' })
    const cut = isCutShort(t, nth, () => renameHost(world.tree, 'desk'))
    const { tree } = renameHost(openTree(world.env), 'desk')
    const dirs = (line: string) => line.replaceAll(world.dir, '').replace(/"(key|directory_id)":"[^"]*"/g, '')
    return { cut, tree, lines: pictureOf(tree).map(dirs) }
  }
  const { lines: wanted } = whole(Number.POSITIVE_INFINITY)
  t.ok(wanted.some((line) => /^inbox\/backend@desk\/open\//.test(line)))
  let steps = 0
  for (let it = whole(steps); it.cut; it = whole(steps)) {
    t.strictSame(it.lines, wanted, `before step ${steps}`)
    t.strictSame(it.tree.formerly, ['laptop'], `before step ${steps}`)
    steps += 1
  }
  t.ok(steps > 8, `${steps} steps`)
})
