import t from 'tap'
import { formatHost, HOST_BYTES, type HostFile, parseHost } from '../../src/protocol/host.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')

const HOST: HostFile = {
  spec: 'mailbox/1',
  host: 'laptop',
  host_id: '5f'.repeat(16),
  key: KEY,
  epoch: '0a1b2c3d',
  seq: 12,
  every: 30,
}

t.test('a host file is 512 bytes, whatever it says, and is read as it was written', async (t) => {
  const longest = 'z'.repeat(63)
  const full = { ...HOST, host: longest, renamed: longest, place: HOST.host_id, seq: Number.MAX_SAFE_INTEGER }
  for (const host of [HOST, full]) {
    const bytes = Buffer.from(formatHost(host))
    t.equal(bytes.length, HOST_BYTES)
    t.equal(bytes.at(-1), 10)
    t.strictSame(parseHost(bytes, host.host), host)
  }
})

t.test('what this version does not know is kept, and forbids nothing', async (t) => {
  const more = { ...HOST, x_colour: 'red' }
  t.strictSame(parseHost(Buffer.from(formatHost(more)), 'laptop'), more)
})

t.test('a host file that is empty, cut, longer, or under another name is none', async (t) => {
  const bytes = Buffer.from(formatHost(HOST))
  for (const length of [0, 1, 200, HOST_BYTES - 1])
    t.equal(parseHost(bytes.subarray(0, length), 'laptop'), undefined)
  t.equal(parseHost(Buffer.concat([bytes, Buffer.from(' ')]), 'laptop'), undefined)
  t.equal(parseHost(bytes, 'desktop'), undefined)
  t.equal(parseHost(Buffer.alloc(HOST_BYTES), 'laptop'), undefined, 'a file of which only the size has come')
})

const wrong: [string, unknown][] = [
  ['spec', 'mailbox/2'],
  ['host', 'Laptop'],
  ['host_id', '5F'.repeat(16)],
  ['host_id', '5f'],
  ['key', KEY.slice(1)],
  ['key', `${KEY.slice(0, 42)}d=`],
  ['key', Buffer.alloc(33).toString('base64')],
  ['key', undefined],
  ['epoch', 7],
  ['epoch', '0a1b2c3'],
  ['seq', -1],
  ['seq', 1.5],
  ['seq', '1'],
  ['every', 0],
  ['every', 601],
  ['place', 'here'],
  ['renamed', '../x'],
]

for (const [field, value] of wrong) {
  t.test(`a host file whose ${field} is ${JSON.stringify(value)} is none`, async (t) => {
    const text = formatHost({ ...HOST, [field]: value } as HostFile)
    t.equal(parseHost(Buffer.from(text), 'laptop'), undefined)
  })
}

for (const text of ['null', '[]', '7', '"laptop"', '{']) {
  t.test(`${text} is no host`, async (t) => {
    t.equal(parseHost(Buffer.from(`${text.padEnd(HOST_BYTES - 1)}\n`), 'laptop'), undefined)
  })
}
