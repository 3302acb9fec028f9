// What a file system does that another machine changes: here each fault is made; test/machines/ has a real one. mailbox-spec §2.2

import { linkSync, lstatSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { hostOf } from '../../src/protocol/address.ts'
import { type FileName, fileName, messagePath, type State, statePath } from '../../src/protocol/layout.ts'
import { pinHost } from '../../src/spool/allowed.ts'
import { blockOn, hasAsks, listAskFiles } from '../../src/spool/asks.ts'
import { listAddresses } from '../../src/spool/cards.ts'
import { conflictCopies } from '../../src/spool/conflict-copies.ts'
import { linkOnce, readRegular } from '../../src/spool/disk.ts'
import { fileSystemOf, isRemote } from '../../src/spool/file-system.ts'
import { claim, putBack } from '../../src/spool/moves.ts'
import { keepSent } from '../../src/spool/outbox.ts'
import { makePollingPace } from '../../src/spool/poll.ts'
import { makeMailbox } from '../../src/spool/publish.ts'
import { hasMail, scan, timeInState } from '../../src/spool/scan.ts'
import { formatFor, ownPublicKey } from '../../src/spool/signing.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { hasUnripe } from '../../src/spool/unripe.ts'
import { watchForWaiter, watchMail, watchPeers } from '../../src/spool/watch.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { receive } from '../../src/verbs/receive.ts'
import { sweep } from '../../src/verbs/sweep.ts'
import {
  enrol,
  filesIn,
  here,
  lay,
  mailOf,
  makePair,
  makeWorld,
  message,
  mockFs,
  place,
  Q,
  thrown,
  until,
  waitOf,
} from '../world.ts'

const TO = 'backend@laptop'
const FILE = fileName(Q, 'query')
const MAIL: FileName & { file: string } = { id: Q, kind: 'query', file: FILE }
const NFS = 0x6969
const FUSE = 0x65735546
const EXT4 = 0xef53

/** From now on everything is on a file system of this type. */
function mount(t: Test, type: number): void {
  mockFs(t, 'statfsSync', () => () => ({ type }))
}

const failure = (code: string, errno = -1) => Object.assign(new Error(code), { code, errno })
const STALE = failure('Unknown system error -116', -116)

t.test('a file system is local that is known to be, and every other one is remote', async (t) => {
  const types: [number, string, boolean][] = [
    [EXT4, 'ext4', false],
    [0x58465342, 'xfs', false],
    [0x9123683e, 'btrfs', false],
    [0x01021994, 'tmpfs', false],
    [0x794c7630, 'overlay', false],
    [NFS, 'nfs', true],
    [FUSE, 'fuse', true],
    [0xff534d42, 'smb', true],
    [0xfe534d42 | 0, 'smb', true],
    [0x01021997, '9p', true],
    [0x1234, '0x1234', true],
  ]
  for (const [type, kind, remote] of types) {
    mount(t, type)
    t.equal(fileSystemOf('/'), kind)
    t.equal(isRemote('/'), remote, kind)
  }
  mockFs(t, 'statfsSync', () => () => {
    throw failure('ENOTCONN')
  })
  t.ok(isRemote('/'), 'what cannot be asked')
})

t.test(
  'on a remote root nothing is watched, and every file that comes is hinted at, also one that comes again',
  async (t) => {
    const { tree } = makeWorld(t)
    mount(t, NFS)
    mockFs(t, 'watch', () => () => t.fail('it was watched'))
    makeMailbox(tree, TO)
    const hints: string[] = []
    const watch = watchMail(tree, [TO], (path) => void hints.push(path))
    const peers = watchPeers(tree, (path) => void hints.push(path))
    t.teardown(() => Promise.all([watch.close(), peers.close()]))
    const path = join(tree.root, statePath(TO, 'new'), FILE)
    await Promise.all([watch.ready, peers.ready])
    place(tree, TO, 'new', FILE, 'x')
    await until(() => hints.length === 1)
    claim(tree, TO, FILE)
    const other = fileName('20261122t094012412z-00000000', 'query')
    place(tree, TO, 'new', other, 'x')
    await until(() => hints.length === 2) // whoever has seen this has seen that the first is gone
    putBack(tree, TO, FILE)
    await until(() => hints.length === 3)
    t.strictSame(hints, [path, join(dirname(path), other), path])
    lay(tree, 'new', { to: 'web@laptop' })
    watch.add('web@laptop')
    await until(() => hints.includes(join(tree.root, statePath('web@laptop', 'new'), FILE)))
    writeFileSync(join(tree.root, 'peers', 'web@laptop.json'), '{}')
    await until(() => hints.includes(join(tree.root, 'peers', 'web@laptop.json')))
  },
)

t.test('a waiter on a remote root watches nothing', async (t) => {
  const { tree } = makeWorld(t)
  mount(t, NFS)
  mockFs(t, 'watch', () => () => t.fail('it was watched'))
  await watchForWaiter(tree, TO, () => t.fail('there was a hint')).close()
})

t.test(
  'it is looked four times a second while somebody waits or something has just come, else once',
  async (t) => {
    let awaited = false
    const { came, pace } = makePollingPace(() => awaited)
    t.equal(pace(), 1_000)
    awaited = true
    t.equal(pace(), 250)
    awaited = false
    t.equal(pace(), 1_000)
    came()
    t.equal(pace(), 250)
  },
)

t.test('where the system has no watches left, directories are listed', async (t) => {
  const { tree } = makeWorld(t)
  mockFs(t, 'watch', () => () => {
    throw failure('ENOSPC')
  })
  let said = ''
  const write = process.stderr.write.bind(process.stderr)
  process.stderr.write = ((text: string) => {
    said += text
    return true
  }) as typeof process.stderr.write
  t.teardown(() => {
    process.stderr.write = write
  })
  makeMailbox(tree, TO)
  makeMailbox(tree, 'web@laptop')
  const hints: string[] = []
  const watch = watchMail(tree, [TO], (path) => void hints.push(path))
  t.teardown(watch.close)
  await until(() => said !== '')
  watch.add('web@laptop')
  for (const to of [TO, 'web@laptop']) {
    lay(tree, 'new', { to })
    await until(() => hints.includes(join(tree.root, statePath(to, 'new'), FILE)))
  }
  t.match(said, /^repowire: The system watches no more files \(ENOSPC\): .* \[not-watched\]\n$/)
})

const WHOLE = `${JSON.stringify(message())}\n`
const TORN: Record<string, [string | Buffer | undefined, string]> = {
  'is empty': ['', 'not-json'],
  'is cut': [WHOLE.slice(0, 60), 'not-json'],
  'is all zeros': [Buffer.alloc(100), 'not-json'],
  'is cut within a character': [Buffer.from('"é').subarray(0, 2), 'not-utf8'],
  'is a link': [undefined, 'unreadable'],
}

/** In new/, asked by a process that is over. */
function layTorn(tree: Tree, bytes: string | Buffer | undefined): string {
  const file = join(tree.root, messagePath(TO, 'new', lay(tree, 'new')))
  rmSync(file)
  if (bytes === undefined) symlinkSync('/etc/hostname', file)
  else writeFileSync(file, bytes)
  return file
}

for (const [what, [bytes, fault]] of Object.entries(TORN)) {
  t.test(
    `a message that ${what} on a remote root is left where it is, and received when it is whole`,
    async (t) => {
      const { tree } = makePair(t)
      mount(t, NFS)
      const file = layTorn(tree, bytes)
      for (const _ of [1, 2]) t.equal(receive(tree, TO, MAIL), undefined)
      t.strictSame(mailOf(tree, TO), [`new/${FILE}`])
      t.ok(hasUnripe(tree, TO), 'it is to be looked at again')
      rmSync(file)
      writeFileSync(file, WHOLE)
      t.match(receive(tree, TO, MAIL), { message: { id: Q } })
      t.notOk(hasUnripe(tree, TO))
    },
  )

  t.test(`one that ${what} for ten minutes is refused, and on a local root at once`, async (t) => {
    const { tree } = makePair(t)
    mount(t, NFS)
    layTorn(tree, bytes)
    receive(tree, TO, MAIL)
    const note = join(tree.state, `unripe/${TO}+${FILE}`)
    writeFileSync(note, String(Date.now() - 590_000))
    receive(tree, TO, MAIL)
    t.strictSame(mailOf(tree, TO), [`new/${FILE}`])
    writeFileSync(note, String(Date.now() - 600_000))
    receive(tree, TO, MAIL)
    t.strictSame(mailOf(tree, TO), [`dead/${FILE}`])
    t.match(
      readFileSync(join(tree.state, 'journal', `${new Date().toISOString().slice(0, 10)}.jsonl`), 'utf8'),
      fault,
    )
    t.notOk(hasUnripe(tree, TO))
    mount(t, EXT4)
    rmSync(join(tree.root, messagePath(TO, 'dead', FILE)))
    layTorn(tree, bytes)
    receive(tree, TO, MAIL)
    t.strictSame(mailOf(tree, TO), [`dead/${FILE}`])
  })
}

t.test('a message that is whole and wrong is refused at once on a remote root, too', async (t) => {
  const { tree } = makePair(t)
  mount(t, NFS)
  layTorn(tree, WHOLE.replace('mailbox/1', 'mailbox/2'))
  receive(tree, TO, MAIL)
  t.strictSame(mailOf(tree, TO), [`dead/${FILE}`])
})

t.test('a clock that was set back gives a torn message its ten minutes anew', async (t) => {
  const { tree } = makePair(t)
  mount(t, NFS)
  layTorn(tree, '')
  receive(tree, TO, MAIL)
  writeFileSync(join(tree.state, `unripe/${TO}+${FILE}`), String(Date.now() + 3_600_000))
  receive(tree, TO, MAIL)
  t.strictSame(mailOf(tree, TO), [`new/${FILE}`])
  t.ok(Number(readFileSync(join(tree.state, `unripe/${TO}+${FILE}`), 'utf8')) <= Date.now())
})

t.test('a file that another machine has just replaced (ESTALE) is opened anew', async (t) => {
  const { tree } = makeWorld(t)
  let fails = 2
  mockFs(t, 'openSync', (real) => (...args: Parameters<typeof real>) => {
    if (fails-- > 0) throw STALE
    return real(...args)
  })
  t.equal(readRegular(join(tree.root, 'mailbox.json'))?.toString(), '{"spec":"mailbox/1"}\n')
})

for (const error of [STALE, failure('EIO'), failure('ENOTCONN')]) {
  t.test(
    `a message that cannot be read for the moment (${error.message}) is left, and is not counted as torn`,
    async (t) => {
      const { tree } = makePair(t)
      mount(t, NFS)
      lay(tree, 'new')
      let restored = () => {}
      mockFs(t, 'openSync', (real, restore) => {
        restored = restore
        return (...args: Parameters<typeof real>) => {
          if (String(args[0]).includes('.query.json')) throw error
          return real(...args)
        }
      })
      t.equal(receive(tree, TO, MAIL), undefined)
      t.strictSame(mailOf(tree, TO), [`new/${FILE}`])
      t.notOk(hasUnripe(tree, TO))
      restored()
      t.match(receive(tree, TO, MAIL), { message: { id: Q } })
    },
  )
}

t.test('a waiter bears that the other machine is not there for the moment', async (t) => {
  const { tree, me, peer } = makePair(t)
  mount(t, NFS)
  blockOn(tree, me.address, { id: Q, to: peer.address, process: here, since: '' })
  layAsked(tree, 'open')
  let looks = 0
  mockFs(t, 'readdirSync', (real) => (...args: Parameters<typeof real>) => {
    if (!String(args[0]).endsWith('/new')) return real(...args)
    looks += 1
    if (looks < 3) throw failure('EIO')
    if (looks === 3) lay(tree, 'new', { kind: 'reply', from: peer.address, to: me.address, body: '8080' })
    return real(...args)
  })
  t.match(await awaitReply(tree, me.address, here, Q, waitOf(20_000)), { body: '8080' })
  t.equal(looks, 3)
})

t.test('a waiter on a remote root lists its mail first and then opens the reply by its name', async (t) => {
  const { tree, me, peer } = makePair(t)
  mount(t, NFS)
  blockOn(tree, me.address, { id: Q, to: peer.address, process: here, since: '' })
  layAsked(tree, 'open')
  let listed = false
  const reply = fileName(Q, 'reply')
  mockFs(t, 'readdirSync', (real) => (...args: Parameters<typeof real>) => {
    listed ||= String(args[0]).endsWith('/new')
    return (real(...args) as unknown as string[]).filter((name) => name !== reply) // a cache of directories
  })
  mockFs(t, 'lstatSync', (real) => (file: string, ...rest: never[]) => {
    if (!listed && file.endsWith(`new/${reply}`)) return undefined // a cache of names
    return real(file, ...rest)
  })
  lay(tree, 'new', { kind: 'reply', from: peer.address, to: me.address, body: '8080' })
  t.match(await awaitReply(tree, me.address, here, Q, waitOf(5_000)), { body: '8080' })
})

t.test(
  'no time of another machine counts: neither for how long a message waited, nor since when it is where it is',
  async (t) => {
    const { tree } = makePair(t)
    for (const [type, from] of [
      [NFS, 'frontend@laptop'],
      [EXT4, 'frontend@workstation'],
    ] as const)
      for (const hours of [-30, 30]) {
        mount(t, type)
        const file = layFrom(tree, from)
        const skewed = Date.now() / 1_000 + hours * 3_600
        utimesSync(file, skewed, skewed)
        const received = receive(tree, TO, MAIL)
        t.match(received, { message: { id: Q } }, `${hours} h`)
        const left = (received?.expires ?? 0) - Date.now()
        t.ok(left > 86_000_000 && left <= 86_400_000, `${left} ms are left`)
        rmSync(file)
        rmSync(join(tree.state, 'since'), { recursive: true })
      }
    mount(t, FUSE)
    place(tree, TO, 'new', FILE, WHOLE)
    mockFs(t, 'lstatSync', (real) => (file: string, ...rest: never[]) => {
      const stat = real(file, ...rest) as unknown as { ctimeMs: number } | undefined
      return stat && Object.assign(stat, { ctimeMs: 0 })
    })
    claim(tree, TO, FILE)
    t.ok((timeInState(tree, TO, 'cur', FILE) ?? 9e9) < 5_000, 'claimed just now')
    t.equal(timeInState(tree, TO, 'new', FILE), undefined, 'not there')
  },
)

function layFrom(tree: Tree, from: string): string {
  blockOn(tree, from, { id: Q, to: TO, process: here, since: '' })
  const sender = { ...tree, host: hostOf(from) }
  const text = formatFor(sender, message({ from }))
  pinHost(tree, { host: 'workstation', host_id: '', key: ownPublicKey(sender) })
  if (sender.host === tree.host) keepSent(tree, message({ from }), text)
  return join(tree.root, messagePath(TO, 'new', place(tree, TO, 'new', FILE, text)))
}

/** Where others may write, what this host has sent is known by its outbox. */
function layAsked(tree: Tree, state: State): void {
  keepSent(tree, message(), formatFor(tree, message()))
  lay(tree, state)
}

t.test('what was noted of a message goes with it, an hour later', async (t) => {
  const { tree } = makePair(t)
  mount(t, NFS)
  const other = fileName('20261122t094012412z-00000000', 'query')
  place(tree, TO, 'new', FILE, '')
  place(tree, TO, 'new', other, '')
  for (const file of [FILE, other]) receive(tree, TO, { ...MAIL, file })
  rmSync(join(tree.root, messagePath(TO, 'new', other)))
  sweep(tree)
  const notes = [FILE, other].map((file) => `${TO}+${file}`).sort()
  t.strictSame(filesIn(join(tree.state, 'unripe')), notes)
  const longAgo = Date.now() / 1_000 - 3_700
  for (const note of notes) utimesSync(join(tree.state, 'unripe', note), longAgo, longAgo)
  sweep(tree)
  t.strictSame(filesIn(join(tree.state, 'unripe')), [`${TO}+${FILE}`])
})

t.test(
  'what is being written is no litter, however far the clock of the other machine is behind',
  async (t) => {
    const { tree } = makeWorld(t)
    mount(t, NFS)
    const file = join(tree.root, 'tmp', tree.host, 'being-written')
    writeFileSync(file, '')
    const hours = (n: number) => Date.now() / 1_000 - n * 3_600
    utimesSync(file, hours(2), hours(2))
    let behind = 7_200_000
    mockFs(t, 'lstatSync', (real) => (path: string, ...rest: never[]) => {
      const stat = real(path, ...rest) as unknown as { mtimeMs: number } | undefined
      return stat === undefined || path === file
        ? stat
        : Object.assign(stat, { mtimeMs: stat.mtimeMs - behind })
    })
    sweep(tree)
    t.strictSame(filesIn(join(tree.root, 'tmp')), [`${tree.host}/being-written`])
    behind = 0
    sweep(tree)
    t.strictSame(filesIn(join(tree.root, 'tmp')), [])
  },
)

t.test('where inodes are made up, a link that failed is judged by the bytes', async (t) => {
  const { dir } = makeWorld(t)
  const [from, same, other] = ['from', 'same', 'other'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ]
  for (const [file, text] of [
    [from, 'text'],
    [same, 'text'],
    [other, 'another'],
  ] as const)
    writeFileSync(file, text)
  mount(t, FUSE)
  t.ok(linkOnce(from, same), 'it is the link')
  t.notOk(linkOnce(from, other), 'another file')
  mount(t, NFS)
  t.notOk(linkOnce(from, same), 'inodes tell')
  linkSync(from, join(dir, 'linked'))
  const refused = failure('EPERM')
  mockFs(t, 'linkSync', () => () => {
    throw refused
  })
  t.ok(linkOnce(from, join(dir, 'linked')), 'the same inode')
  t.equal(lstatSync(from).nlink, 2)
  t.equal(
    thrown(() => linkOnce(from, join(dir, 'none'))),
    refused,
  )
})

// What network file systems and programs that synchronise leave behind.
const ODD = (name: string) => [
  '.nfs000000000a4f00000001',
  '.fuse_hidden0000000a00000001',
  `.syncthing.${name}.tmp`,
  `~syncthing~${name}.tmp`,
  name.replace('.json', '.sync-conflict-20261122-094135-5KYI46T.json'),
  name.replace('.json', " (ada's conflicted copy 2026-11-22).json"),
  name.replace('.json', ' (conflicted copy).json'),
]

t.test('what synchronising leaves behind is no message, no card and no ask, and stays', async (t) => {
  const world = makeWorld(t)
  const { tree } = world
  enrol(t, world, 'backend')
  const ask = `${Q}.blocked.json`
  for (const odd of ODD(FILE)) place(tree, TO, 'new', odd, WHOLE)
  for (const odd of ODD(`${TO}.json`))
    writeFileSync(join(tree.root, 'peers', odd), readFileSync(join(tree.root, 'peers', `${TO}.json`)))
  for (const odd of ODD(ask)) writeFileSync(join(tree.root, 'inbox', TO, 'asks', odd), '{}')
  for (const odd of ODD('config.json')) writeFileSync(join(tree.root, odd), '{"chain_depth":0}')
  t.strictSame(scan(tree, TO, 'new'), [])
  t.strictSame(listAddresses(tree), [TO])
  t.strictSame(listAskFiles(tree, TO), [])
  t.notOk(hasAsks(tree, TO) || hasMail(tree, TO))
  const places = conflictCopies(tree).map((file) => dirname(file))
  const where = ['.', 'peers', `inbox/${TO}/asks`, `inbox/${TO}/new`]
  t.strictSame([...new Set(places)].sort(), where.sort())
  t.equal(places.length, 3 * where.length)
  const before = filesIn(tree.root)
  sweep(tree)
  t.strictSame(filesIn(tree.root), before)
})
