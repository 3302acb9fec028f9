// What others put where our files should be, and disks and clocks that do not do as they are told.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { attend } from '../../src/courier/attend.ts'
import { isAsked, whoWants } from '../../src/spool/asks.ts'
import { elapsed } from '../../src/spool/clock.ts'
import { readJournal, record } from '../../src/spool/journal.ts'
import { claim } from '../../src/spool/moves.ts'
import { pauseOf } from '../../src/spool/pause.ts'
import { findMessage, publish } from '../../src/spool/publish.ts'
import { read } from '../../src/spool/scan.ts'
import { existingTree } from '../../src/spool/tree.ts'
import { ask } from '../../src/verbs/ask.ts'
import { rename } from '../../src/verbs/rename.ts'
import { sweep } from '../../src/verbs/sweep.ts'
import { codeThrown, here, lay, mailOf, makePair, makeWorld, message, mockFs, place, Q } from '../world.ts'

const FILE = `${Q}.query.json`

function makeOld(path: string): void {
  utimesSync(path, 1, 1)
}

t.test('a directory where litter should be stays, and the sweeper goes on', async (t) => {
  const { tree } = makeWorld(t)
  for (const name of ['a-directory', 'zz-litter']) mkdirSync(join(tree.root, 'tmp/laptop', name))
  writeFileSync(join(tree.root, 'tmp/laptop/b-litter'), '')
  for (const name of ['a-directory', 'b-litter']) makeOld(join(tree.root, 'tmp/laptop', name))
  sweep(tree)
  t.equal(
    codeThrown(() => makeOld(join(tree.root, 'tmp/laptop/b-litter'))),
    'ENOENT',
  )
})

for (const [what, put] of [
  ['a directory', (path: string) => mkdirSync(path)],
  ['a named pipe', (path: string) => execFileSync('mkfifo', [path])],
] as const) {
  t.test(`${what} in asks/ hangs and stops nobody`, async (t) => {
    const { tree, me, peer } = makePair(t)
    put(join(tree.root, 'inbox', me.address, 'asks', `${Q}.late.json`))
    t.ok(isAsked(tree, me.address, Q))
    t.equal(whoWants(tree, me.address, Q), 'late')
    sweep(tree)
    await attend(tree, peer, { attempts: new Map(), typedBefore: new Set(), known: new Map() })
  })

  t.test(`${what} at paused.json pauses`, async (t) => {
    const { tree, peer } = makePair(t)
    put(join(tree.root, 'inbox', peer.address, 'paused.json'))
    t.ok(pauseOf(tree, peer.address))
    t.equal(
      codeThrown(() => ask(tree, 'frontend@laptop', here, { peer: 'backend', body: 'x' })),
      'peer-paused',
    )
  })
}

t.test('a named pipe at mailbox.json is an error, and nobody waits for it', async (t) => {
  const { dir, env } = makeWorld(t)
  execFileSync('sh', ['-c', 'rm "$0/mailbox.json" && mkfifo "$0/mailbox.json"', join(dir, 'root')])
  t.equal(
    codeThrown(() => existingTree(env)),
    'EINVAL',
  )
})

t.test('a file of many megabytes is too large, and is not read', async (t) => {
  const { tree } = makePair(t)
  place(tree, 'backend@laptop', 'new', FILE, Buffer.alloc(4_000_000))
  mockFs(t, 'readFileSync', () => () => t.fail('it is read'))
  t.match(read(tree, 'backend@laptop', 'new', { id: Q, kind: 'query', file: FILE }), { fault: 'too-large' })
})

t.test('a disk that takes a part of a journal line is an error', async (t) => {
  const { tree } = makeWorld(t)
  mockFs(t, 'writeSync', (real) => (fd: number, bytes: Buffer) => real(fd, bytes, 0, bytes.length - 1))
  t.equal(
    codeThrown(() => record(tree, 'typing', 'backend@laptop', Q)),
    'ENOSPC',
  )
})

t.test('a question whose line in the journal cannot be written is asked all the same', async (t) => {
  const { tree, me, peer } = makePair(t)
  mockFs(t, 'writeSync', () => () => 0)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  t.strictSame(mailOf(tree, peer.address), [`new/${id}.query.json`])
})

t.test('journals of a clock that was ahead hide nothing of today', async (t) => {
  const { tree } = makeWorld(t)
  record(tree, 'typing', 'backend@laptop', Q)
  for (const day of ['2131-01-01', '2131-01-02']) writeFileSync(join(tree.state, `journal/${day}.jsonl`), '')
  t.match(readJournal(tree, 2), [{ event: 'typing', id: Q }])
})

t.test('a time that lies far ahead is long ago, and one a little ahead is now', async (t) => {
  t.equal(elapsed(Date.now() + 3_600_000), Number.POSITIVE_INFINITY)
  t.ok(elapsed(Date.now() + 1_000) <= 0)
})

t.test('a message that is claimed between two looks is found', async (t) => {
  const { tree } = makePair(t)
  publish(tree, message())
  mockFs(t, 'lstatSync', claimAtLookInNew(t, tree))
  t.equal(findMessage(tree, 'backend@laptop', FILE), 'cur')
})

/** The courier claims the message just before anybody looks for it in new/. */
function claimAtLookInNew(_t: Test, tree: Parameters<typeof claim>[0]) {
  return (real: (path: string) => unknown, restore: () => void) => (path: string) => {
    if (!path.endsWith(`/new/${FILE}`)) return real(path)
    restore()
    claim(tree, 'backend@laptop', FILE)
    return real(path)
  }
}

t.test('a reply that is forged leaves the way free for the answer', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  lay(tree, 'dead', { id, kind: 'reply', from: 'web@laptop', to: me.address })
  t.ok(publish(tree, message({ id, kind: 'reply', from: peer.address, to: me.address, body: '8080' })))
})

t.test('a mailbox that is a link is refused: nothing is made or written behind it', async (t) => {
  const { tree, dir, peer } = makePair(t)
  mkdirSync(join(dir, 'elsewhere'))
  symlinkSync(join(dir, 'elsewhere'), join(tree.root, 'inbox', 'api@laptop'))
  t.equal(
    codeThrown(() => rename(tree, peer, 'api')),
    'bad-root',
  )
  t.strictSame(readdirSync(join(dir, 'elsewhere')), [])
})

for (const [what, linked] of [
  ['new/ of a mailbox', 'inbox/backend@laptop/new'],
  ['a mailbox', 'inbox/backend@laptop'],
  ['tmp/ of this host', 'tmp/laptop'],
] as const)
  t.test(`nothing is published through ${what} that is a link`, async (t) => {
    const { tree, dir } = makePair(t)
    linkAway(dir, linked)
    t.equal(
      codeThrown(() => publish(tree, message())),
      'bad-root',
    )
    t.strictSame(readdirSync(join(dir, 'elsewhere')), [])
  })

t.test('nothing is moved into a directory that is a link', async (t) => {
  const { tree, dir } = makePair(t)
  publish(tree, message())
  linkAway(dir, 'inbox/backend@laptop/cur')
  t.equal(
    codeThrown(() => claim(tree, 'backend@laptop', FILE)),
    'bad-root',
  )
  t.strictSame(readdirSync(join(dir, 'elsewhere')), [])
})

/** An empty directory outside of the root takes its place, by a link. */
function linkAway(dir: string, path: string): void {
  rmSync(join(dir, 'root', path), { recursive: true })
  mkdirSync(join(dir, 'elsewhere'))
  symlinkSync(join(dir, 'elsewhere'), join(dir, 'root', path))
}
