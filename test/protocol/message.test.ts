import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { hostOf } from '../../src/protocol/address.ts'
import { messagePath, parseFileName } from '../../src/protocol/layout.ts'
import {
  formatMessage,
  MAX_MESSAGE_BYTES,
  type Message,
  OUTCOMES,
  parseMessage,
} from '../../src/protocol/message.ts'
import { type Mail, read } from '../../src/spool/scan.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { makeWorld, message } from '../world.ts'
import { bytesOf, membersOf, type Vector, vectorsIn } from './fixtures.ts'

const VALID = vectorsIn('messages/valid')
const CODES = vectorsIn('messages/invalid').map(({ file }) => file)
const MADE = ['too-large']
// These depend on who reads, and whom that host has allowed: trees/ has them.
const OF_THE_READER = ['bad-signature', 'not-allowed', 'unsigned', 'wrong-sender']

/** Reads a vector as a reader of this mailbox would, under its own name in new/. */
function readThere(tree: Tree, address: string, { file, path }: Vector) {
  const to = join(tree.root, messagePath(address, 'new', file))
  mkdirSync(dirname(to), { recursive: true })
  cpSync(path, to, { recursive: true })
  return read(tree, address, 'new', { ...parseFileName(file), file } as Mail)
}

function padded(bytes: number): Uint8Array {
  const shell = Buffer.byteLength(formatMessage(message({ body: '' })))
  return Buffer.from(formatMessage(message({ body: 'x'.repeat(bytes - shell) })))
}

t.test('there are vectors of valid messages of every kind and outcome', async (t) => {
  const seen = VALID.map((vector) => JSON.parse(bytesOf(vector).toString()) as Message)
  for (const kind of ['query', 'reply', 'notice', 'cancel'])
    t.ok(seen.filter((message) => message.kind === kind).length >= 2, kind)
  for (const outcome of OUTCOMES)
    t.ok(
      seen.some((message) => message.outcome === outcome),
      outcome,
    )
})

for (const vector of VALID) {
  t.test(`a reader accepts messages/valid/${vector.file} and keeps all of its fields`, async (t) => {
    const written = JSON.parse(bytesOf(vector).toString()) as Message
    const tree = { ...makeWorld(t).tree, host: hostOf(written.from) }
    rmSync(join(tree.root, 'hosts'), { recursive: true }) // else another host shares it
    const found = readThere(tree, written.to, vector)
    t.strictSame(found, { message: written })
    t.strictSame(
      parseMessage(Buffer.from(formatMessage(written))),
      { message: written },
      'also when written again',
    )
  })
}

t.test('there are vectors of every fault, and of no other', async (t) => {
  const faults = membersOf('src/protocol/message.ts', 'Fault')
  t.ok(faults.length > 5)
  t.strictSame([...CODES, ...MADE, ...OF_THE_READER].sort(), faults.sort())
  for (const code of CODES) t.ok(vectorsIn(`messages/invalid/${code}`).length > 0, code)
})

for (const code of CODES) {
  for (const vector of vectorsIn(`messages/invalid/${code}`)) {
    t.test(`a reader finds ${code} in messages/invalid/${code}/${vector.file}`, async (t) => {
      const found = readThere(makeWorld(t).tree, 'backend@laptop', vector)
      t.match(found, { fault: code, why: /\S/ })
    })
  }
}

t.test('a message of exactly 262,144 bytes is valid, and one byte more is too large', async (t) => {
  t.equal(MAX_MESSAGE_BYTES, 262_144)
  t.match(parseMessage(padded(262_144)), { message: { body: /^x+$/ } })
  t.match(parseMessage(padded(262_145)), { fault: 'too-large', why: '262145' })
})

t.test('bytes are counted, not characters', async (t) => {
  const body = 'ü'.repeat(MAX_MESSAGE_BYTES / 2)
  t.match(parseMessage(Buffer.from(formatMessage(message({ body })))), { fault: 'too-large' })
})

t.test('too large is found before anything else, whatever the bytes are', async (t) => {
  t.match(parseMessage(new Uint8Array(MAX_MESSAGE_BYTES + 1).fill(0xff)), { fault: 'too-large' })
})

t.test('a required field does not count when it stands in the prototype only', async (t) => {
  const bytes = Buffer.from(`{"__proto__":${JSON.stringify(message())},"spec":"mailbox/1"}`)
  t.match(parseMessage(bytes), { fault: 'bad-field' })
})

t.test('a message is written as one line', async (t) => {
  const text = formatMessage(message({ body: 'a\nb\u2028c' }))
  t.equal(text.split('\n').length, 2)
  t.ok(text.endsWith('}\n'))
})

const ALIEN = [
  'x',
  '20261122t094012412z-k3v9x2p8',
  '20261122t094012412z-k3v9x2p8.json',
  '20261122t094012412z-k3v9x2p8.query',
  '20261122t094012412z-k3v9x2p8.query.json.tmp',
  '20261122t094012412z-k3v9x2p8.query.JSON',
  '20261122t094012412z-k3v9x2p8.question.json',
  '20261122t094012412z-k3v9x2p8.query (conflicted copy).json',
  '20261122t094012412z-k3v9x2p8.sync-conflict-20261122-094012-ABCDEFG.query.json',
  '.20261122t094012412z-k3v9x2p8.query.json',
  '20261122t094012412z-k3v9x2p8.toString.json',
  'query.20261122t094012412z-k3v9x2p8.json',
]

for (const file of ALIEN) {
  t.test(`${file} is not the name of a message`, async (t) => t.equal(parseFileName(file), undefined))
}
