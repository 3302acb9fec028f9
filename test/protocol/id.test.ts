import t from 'tap'
import { formatId, isId } from '../../src/protocol/id.ts'
import { newId } from '../../src/spool/new-id.ts'

const TIME = Date.UTC(2026, 10, 22, 9, 40, 12, 412)

t.test('an id is the UTC time to the millisecond and eight characters of base32', async (t) => {
  t.equal(formatId(TIME, Uint8Array.from([0, 1, 2, 3, 28, 29, 30, 31])), '20261122t094012412z-0123wxyz')
  t.equal(formatId(0, new Uint8Array(8)), '19700101t000000000z-00000000')
})

t.test('every byte gives a character of the grammar, which has no i, l, o, u', async (t) => {
  const seen = new Set<string>()
  for (let byte = 0; byte < 256; byte++) {
    const id = formatId(TIME, new Uint8Array(8).fill(byte))
    t.ok(isId(id), id)
    seen.add(id.slice(-1))
  }
  t.equal([...seen].sort().join(''), '0123456789abcdefghjkmnpqrstvwxyz')
})

t.test('ids sort as text in the order of their times', async (t) => {
  const times = [0, 1, 999, 1_000, TIME, TIME + 1, Date.UTC(9999, 11, 31)]
  const ids = times.map((time) => formatId(time, Uint8Array.from(Array(8).fill(31 - (time % 32)))))
  t.same([...ids].sort(), ids)
})

t.test('ten thousand ids of one instant differ', async (t) => {
  t.equal(new Set(Array.from({ length: 10_000 }, newId)).size, 10_000)
  t.ok(isId(newId()))
})

const WRONG: [string, unknown][] = [
  ['nothing', ''],
  ['upper case', '20261122T094012412Z-K3V9X2P8'],
  ['a letter that base32 has not', '20261122t094012412z-k3v9x2pi'],
  ['one character too few', '20261122t094012412z-k3v9x2p'],
  ['one character too many', '20261122t094012412z-k3v9x2p88'],
  ['a newline behind', '20261122t094012412z-k3v9x2p8\n'],
  ['a newline before', '\n20261122t094012412z-k3v9x2p8'],
  ['a path', '../20261122t094012412z-k3v9x2p8'],
  ['a digit of another script', '2026112٢t094012412z-k3v9x2p8'],
  ['a number', 20261122],
  ['a list of one id', ['20261122t094012412z-k3v9x2p8']],
  ['undefined', undefined],
  ['null', null],
]

for (const [what, text] of WRONG) {
  t.test(`${what} is no id`, async (t) => t.notOk(isId(text)))
}
