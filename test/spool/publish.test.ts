import { copyFileSync, fstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { mailboxPath, messagePath, STATES } from '../../src/protocol/layout.ts'
import { formatMessage, MAX_MESSAGE_BYTES } from '../../src/protocol/message.ts'
import { findMessage, makeMailbox, publish } from '../../src/spool/publish.ts'
import type { Tree } from '../../src/spool/tree.ts'
import {
  bundle,
  codeThrown,
  filesIn,
  lay,
  mailOf,
  makeWorld,
  message,
  mockFs,
  plainEnv,
  Q,
  read,
  run,
} from '../world.ts'

const TO = 'backend@laptop'
const FILE = `${Q}.query.json`

const litter = (tree: Tree) => filesIn(join(tree.root, 'tmp'))

t.test('a message appears whole in new/ of its receiver, and nothing is left in tmp/', async (t) => {
  const { tree } = makeWorld(t)
  t.equal(publish(tree, message()), true)
  t.strictSame(mailOf(tree, TO), [`new/${FILE}`])
  t.strictSame(read(tree, TO, 'new', FILE), message())
  t.strictSame(litter(tree), [])
})

t.test('a message has one name when it is published, so nobody can write it under another', async (t) => {
  const { tree } = makeWorld(t)
  publish(tree, message())
  t.equal(statSync(join(tree.root, messagePath(TO, 'new', FILE))).nlink, 1)
})

t.test('the bytes of a message are on the disk before it has its name', async (t) => {
  const { tree } = makeWorld(t)
  makeMailbox(tree, TO)
  const steps: string[] = []
  mockFs(t, 'fsyncSync', (real) => (fd: number) => {
    steps.push(`fsync of ${fstatSync(fd).size} bytes`)
    real(fd)
  })
  mockFs(t, 'linkSync', (real) => (from: string, to: string) => {
    steps.push('link')
    real(from, to)
  })
  publish(tree, message())
  // The first is that into the outbox.
  t.strictSame(steps, ['link', `fsync of ${formatMessage(message()).length} bytes`, 'link'])
})

t.test('all seven directories of a mailbox are created together', async (t) => {
  const { tree } = makeWorld(t)
  publish(tree, message())
  t.strictSame(readdirSync(join(tree.root, mailboxPath(TO))).sort(), [...STATES, 'asks'].sort())
})

t.test('a mailbox whose new/ is missing is made again', async (t) => {
  const { tree } = makeWorld(t)
  makeMailbox(tree, TO)
  rmSync(join(tree.root, mailboxPath(TO), 'new'), { recursive: true })
  t.equal(publish(tree, message()), true)
  t.strictSame(mailOf(tree, TO), [`new/${FILE}`])
})

t.test('a missing tmp/ is made again', async (t) => {
  const { tree } = makeWorld(t)
  rmSync(join(tree.root, 'tmp'), { recursive: true })
  t.equal(publish(tree, message()), true)
})

for (const state of STATES) {
  t.test(`a message that lies in ${state}/ already is not published again`, async (t) => {
    const { tree } = makeWorld(t)
    lay(tree, state)
    t.equal(findMessage(tree, TO, FILE), state)
    t.equal(publish(tree, message({ body: 'another text' })), false)
    t.strictSame(mailOf(tree, TO), [`${state}/${FILE}`])
    t.equal(read(tree, TO, state, FILE).body, 'Which port?', 'and is as it was')
    t.strictSame(litter(tree), [])
  })
}

t.test('messages of one id and other kinds do not count as published', async (t) => {
  const { tree } = makeWorld(t)
  lay(tree, 'done', { kind: 'cancel' })
  t.equal(publish(tree, message()), true)
})

t.test('the largest message is published, and one byte more is refused with nothing on disk', async (t) => {
  const { tree } = makeWorld(t)
  const room = MAX_MESSAGE_BYTES - Buffer.byteLength(formatMessage(message({ body: '' })))
  t.equal(
    codeThrown(() => publish(tree, message({ body: 'x'.repeat(room + 1) }))),
    'too-large',
  )
  t.equal(
    codeThrown(() => publish(tree, message({ body: 'ü'.repeat(room / 2 + 1) }))),
    'too-large',
    'bytes count',
  )
  t.strictSame(filesIn(tree.root), ['hosts/laptop.json', 'mailbox.json'])
  t.equal(publish(tree, message({ body: 'x'.repeat(room) })), true)
  t.equal(statSync(join(tree.root, messagePath(TO, 'new', FILE))).size, MAX_MESSAGE_BYTES)
})

t.test('a link that succeeds and says EPERM is a success', async (t) => {
  const { tree } = makeWorld(t)
  mockFs(t, 'linkSync', (real) => (from: string, to: string) => {
    real(from, to)
    throw Object.assign(new Error('EPERM'), { code: 'EPERM' })
  })
  makeMailbox(tree, TO)
  t.equal(publish(tree, message()), true)
  t.strictSame(litter(tree), [])
})

t.test('a link that finds another file and says EPERM is a name that is taken', async (t) => {
  const { tree } = makeWorld(t)
  makeMailbox(tree, TO)
  mockFs(t, 'linkSync', () => (from: string, to: string) => {
    // Somebody else was first, between the look and the link.
    copyFileSync(from, to)
    throw Object.assign(new Error('EPERM'), { code: 'EPERM' })
  })
  t.equal(publish(tree, message()), false)
  t.strictSame(mailOf(tree, TO), [`new/${FILE}`])
  t.strictSame(litter(tree), [])
})

t.test('a link that fails is an error, and leaves nothing', async (t) => {
  const { tree } = makeWorld(t)
  makeMailbox(tree, TO)
  mockFs(t, 'linkSync', () => () => {
    throw Object.assign(new Error('EIO'), { code: 'EIO' })
  })
  t.equal(
    codeThrown(() => publish(tree, message())),
    'EIO',
  )
  t.strictSame(mailOf(tree, TO), [])
  t.strictSame(litter(tree), [])
})

t.test('a disk that is full publishes nothing', async (t) => {
  const { tree, env } = makeWorld(t)
  const child = await bundle(t, new URL('publisher.ts', import.meta.url))
  // The limit makes the first write short and the next one fail.
  const done = await run(t, ['sh', '-c', `ulimit -f 2 && exec "$@"`, 'sh', process.execPath, child], {
    env: plainEnv(env),
  })
  t.match(done, { code: 1, stdout: 'EFBIG' })
  t.strictSame(
    filesIn(tree.root).filter((file) => file.startsWith('inbox')),
    [],
  )
})

t.test('of eight publishers of one name one succeeds, and its text is the one that stays', async (t) => {
  const { tree, env } = makeWorld(t)
  const child = await bundle(t, new URL('publisher.ts', import.meta.url))
  const names = Array.from({ length: 8 }, (_, n) => `racer-${n}`)
  const runs = await Promise.all(
    names.map((name) => run(t, [process.execPath, child, name], { env: plainEnv(env), input: '' })),
  )
  const won = names.filter((_, n) => runs[n]?.stdout === 'published')
  t.equal(won.length, 1, JSON.stringify(runs))
  t.equal(read(tree, TO, 'new', FILE).body, won[0])
  t.equal(runs.filter((it) => it.stdout === 'taken').length, 7)
})

t.test('looking for a message sees it where it is furthest on', async (t) => {
  const { tree } = makeWorld(t)
  t.equal(findMessage(tree, TO, FILE), undefined)
  lay(tree, 'new')
  t.equal(findMessage(tree, TO, FILE), 'new')
  lay(tree, 'cur')
  t.equal(findMessage(tree, TO, FILE), 'cur')
  lay(tree, 'open')
  t.equal(findMessage(tree, TO, FILE), 'open')
  lay(tree, 'done')
  t.equal(findMessage(tree, TO, FILE), 'done')
})

t.test('a published file ends with its newline and says what was given, byte for byte', async (t) => {
  const { tree } = makeWorld(t)
  const it = message({ body: 'Grüße\n\u0000 \ud800 世界' })
  publish(tree, it)
  t.equal(readFileSync(join(tree.root, messagePath(TO, 'new', FILE)), 'utf8'), `${JSON.stringify(it)}\n`)
})
