import fs, {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'
import { isName } from '../../src/protocol/address.ts'
import { cardsOfHost } from '../../src/spool/cards.ts'
import { makeDirectory } from '../../src/spool/disk.ts'
import { existingTree, locateTree, openTree } from '../../src/spool/tree.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { broadcast } from '../../src/verbs/broadcast.ts'
import { cancel } from '../../src/verbs/cancel.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { leave } from '../../src/verbs/leave.ts'
import { notify } from '../../src/verbs/notify.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { reply } from '../../src/verbs/reply.ts'
import {
  codeThrown,
  enrol,
  filesIn,
  here,
  makeDir,
  makeEnv,
  makePair,
  makeWorld,
  thrown,
  waitOf,
} from '../world.ts'

t.test(
  'a tree is made where there is none: a marker, peers/, inbox/, and the state of this host',
  async (t) => {
    const { env } = makeEnv(t)
    const tree = openTree(env)
    t.equal(tree.host, 'laptop')
    t.strictSame(JSON.parse(readFileSync(join(tree.root, 'mailbox.json'), 'utf8')), { spec: 'mailbox/1' })
    for (const dir of ['peers', 'inbox', 'hosts', 'tmp/laptop'])
      t.ok(lstatSync(join(tree.root, dir)).isDirectory(), dir)
  },
)

t.test('opening a tree again changes nothing', async (t) => {
  const { env } = makeEnv(t)
  const tree = openTree(env)
  const before = filesIn(tree.root).concat(filesIn(tree.state))
  const { ino } = lstatSync(join(tree.root, 'mailbox.json'))
  t.strictSame(openTree(env), tree)
  t.strictSame(existingTree(env), tree)
  t.strictSame(filesIn(tree.root).concat(filesIn(tree.state)), before)
  t.equal(lstatSync(join(tree.root, 'mailbox.json')).ino, ino)
})

t.test('where there is no tree, only looking makes none', async (t) => {
  const { env } = makeEnv(t)
  t.equal(existingTree(env), undefined)
  t.equal(locateTree(env).host, 'laptop')
  t.notOk(existsSync(env.REPOWIRE_HOME as string))
})

t.test(
  'the root and the state stand in the home directory unless the environment says otherwise',
  async (t) => {
    const { root, state } = locateTree({ HOME: '/home/ada' })
    t.equal(root, '/home/ada/.repowire')
    t.match(state, /^\/home\/ada\/\.local\/state\/repowire\/[a-z0-9-]+$/)
    t.match(
      locateTree({ HOME: '/home/ada', XDG_STATE_HOME: '/var/x' }).state,
      /^\/var\/x\/repowire\/[a-z0-9-]+$/,
    )
    t.equal(
      locateTree({ HOME: '/home/ada', REPOWIRE_HOME: '', REPOWIRE_STATE: '' }).root,
      '/home/ada/.repowire',
    )
    t.equal(locateTree({ HOME: '/home/ada', REPOWIRE_STATE: '/s' }).state, '/s')
  },
)

t.test('the label of a host is made once and kept', async (t) => {
  const dir = makeDir(t)
  const env = { REPOWIRE_HOME: join(dir, 'root'), REPOWIRE_STATE: join(dir, 'state') }
  const { host } = openTree(env)
  const file = join(dir, 'state', 'host.json')
  const { label, host_id } = JSON.parse(readFileSync(file, 'utf8'))
  t.ok(isName(host))
  t.equal(label, host)
  t.match(host_id, /^[0-9a-f]{32}$/)
  writeFileSync(file, JSON.stringify({ label: 'renamed', host_id }))
  t.equal(openTree(env).host, 'renamed')
})

for (const text of ['{"label":"My Laptop"}', '{"label":"../x"}', '{"label":7}', 'null', '{"lab', '']) {
  t.test(`a host.json that says ${text || 'nothing'} gives no label that is no name`, async (t) => {
    const { env } = makeEnv(t)
    writeFileSync(join(env.REPOWIRE_STATE as string, 'host.json'), text)
    t.ok(isName(openTree(env).host))
  })
}

for (const mode of [0o770, 0o707, 0o720, 0o702, 0o777, 0o1777]) {
  t.test(`a root of mode ${mode.toString(8)} is refused, with what to do, and left as it is`, async (t) => {
    const { tree, env } = makeWorld(t)
    const before = filesIn(tree.root)
    chmodSync(tree.root, mode)
    for (const open of [openTree, existingTree]) {
      const error = thrown(() => open(env))
      t.equal(error.code, 'bad-root')
      t.match(error.next, `chmod 700 '${tree.root}'`)
    }
    t.strictSame(filesIn(tree.root), before)
    t.equal(lstatSync(tree.root).mode & 0o7777, mode)
    chmodSync(tree.root, 0o700)
    t.strictSame(openTree(env), tree)
  })
}

t.test('a directory that others can write is refused before anything is made in it', async (t) => {
  const { env } = makeEnv(t)
  mkdirSync(env.REPOWIRE_HOME as string)
  chmodSync(env.REPOWIRE_HOME as string, 0o770)
  t.equal(
    codeThrown(() => openTree(env)),
    'bad-root',
  )
  t.strictSame(fs.readdirSync(env.REPOWIRE_HOME as string), [])
})

t.test('an empty directory becomes a root', async (t) => {
  const { env } = makeEnv(t)
  mkdirSync(env.REPOWIRE_HOME as string, { mode: 0o700 })
  t.equal(openTree(env).root, env.REPOWIRE_HOME)
})

t.test('a file in the place of the root is refused and left as it is', async (t) => {
  const { env } = makeEnv(t)
  writeFileSync(env.REPOWIRE_HOME as string, 'mine')
  t.equal(
    codeThrown(() => openTree(env)),
    'bad-root',
  )
  t.equal(readFileSync(env.REPOWIRE_HOME as string, 'utf8'), 'mine')
})

for (const marker of [
  '{"spec":"mailbox/2"}',
  '{"spec":"mailbox/10"}',
  '{"spec":1}',
  '{}',
  'null',
  'maildir',
  '',
]) {
  t.test(
    `a root whose marker says ${marker || 'nothing'} is refused, and nothing in it is changed`,
    async (t) => {
      const { tree, env } = makeWorld(t)
      writeFileSync(join(tree.root, 'mailbox.json'), marker)
      for (const open of [openTree, existingTree])
        t.equal(
          codeThrown(() => open(env)),
          'wrong-spec',
        )
      t.strictSame(filesIn(tree.root), ['hosts/laptop.json', 'mailbox.json'])
      t.equal(readFileSync(join(tree.root, 'mailbox.json'), 'utf8'), marker)
    },
  )
}

t.test('a marker with more in it than this reader knows is accepted', async (t) => {
  const { tree, env } = makeWorld(t)
  writeFileSync(join(tree.root, 'mailbox.json'), '{"spec":"mailbox/1","since":"2026-11-22"}\n')
  t.strictSame(openTree(env), tree)
})

/** Everything under `dir` with a mode other than 0700 for directories and 0600 for files. */
function openToOthers(dir: string): string[] {
  return [dir, ...fs.readdirSync(dir, { recursive: true }).map((name) => join(dir, name as string))].flatMap(
    (file) => {
      const stat = lstatSync(file)
      const mode = stat.mode & 0o777
      return mode === (stat.isDirectory() ? 0o700 : 0o600)
        ? []
        : [`${relative(dir, file)} ${mode.toString(8)}`]
    },
  )
}

t.test('whatever the umask, everything that the verbs make is 0700 or 0600', async (t) => {
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  const dir = makeDir(t)
  const env = { REPOWIRE_HOME: join(dir, 'a', 'root'), REPOWIRE_STATE: join(dir, 'b', 'state') }
  const tree = openTree(env)
  const world = { dir, env, tree }
  const [me, peer] = [enrol(t, world, 'frontend', { process: here }), enrol(t, world, 'backend')]
  registerPerson(tree, 'ada', here, dir)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  takeInbox(tree, peer, false)
  reply(tree, peer.address, id, '8080')
  await awaitReply(tree, me.address, here, id, waitOf(0))
  const second = ask(tree, me.address, here, { peer: 'backend', body: 'And?' })
  await awaitReply(tree, me.address, here, second.id, waitOf(0))
  cancel(tree, me.address, second.id)
  notify(tree, me.address, 'backend', 'x')
  broadcast(tree, me.address, 'x')
  leave(tree, peer, 'over')
  t.ok(filesIn(tree.root).length > 8)
  t.strictSame(openToOthers(tree.root), [])
  t.strictSame(openToOthers(tree.state), [])
})

t.test('two hosts that share a root have names of their own in it', async (t) => {
  const { tree, dir, env } = makePair(t)
  mkdirSync(join(dir, 'other'))
  writeFileSync(
    join(dir, 'other', 'host.json'),
    JSON.stringify({ label: 'desktop', host_id: '1'.repeat(32) }),
  )
  const there = openTree({ ...env, REPOWIRE_STATE: join(dir, 'other') })
  const card = enrol(t, { dir, env, tree: there }, 'backend')
  t.equal(card.address, 'backend@desktop')
  t.strictSame(
    cardsOfHost(tree).map(({ address }) => address),
    ['backend@laptop', 'frontend@laptop'],
  )
  t.strictSame(
    cardsOfHost(there).map(({ address }) => address),
    ['backend@desktop'],
  )
})

t.test('a root that is moved takes its mail along', async (t) => {
  const { tree, dir, env, me } = makePair(t)
  notify(tree, me.address, 'backend', 'x')
  renameSync(tree.root, join(dir, 'moved'))
  const moved = openTree({ ...env, REPOWIRE_HOME: join(dir, 'moved') })
  t.equal(filesIn(moved.root, 'inbox').length, 1)
  rmSync(join(dir, 'moved'), { recursive: true })
  t.equal(existingTree({ ...env, REPOWIRE_HOME: join(dir, 'moved') }), undefined)
})

t.test('an empty HOME is no HOME: nothing is looked for beside the working directory', async (t) => {
  const { root, state } = locateTree({ HOME: '' })
  t.equal(root, locateTree({}).root)
  t.equal(state, locateTree({}).state)
})

t.test('a place that takes no directory is refused at once', async (t) => {
  t.ok(codeThrown(() => makeDirectory('/proc/x/y')))
})
