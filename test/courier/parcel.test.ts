// What is handed over together, and how often.
import t from 'tap'
import { makePace } from '../../src/courier/pace.ts'
import { nextTogether, type Waiting } from '../../src/courier/parcel.ts'
import { framesInOne, idIn, idsIn } from '../../src/protocol/frame.ts'
import { framed, message, Q } from '../world.ts'

const mail = (name: string, more: Partial<Waiting> = {}): Waiting => ({
  id: name,
  kind: 'notice',
  file: name,
  expires: Number.POSITIVE_INFINITY,
  urgent: false,
  quiet: false,
  size: 10,
  ...more,
})
const query = (name: string, more: Partial<Waiting> = {}) => mail(name, { kind: 'query', ...more })

for (const [what, waiting, together] of [
  ['nothing', [], []],
  ['a question goes alone', [query('a'), mail('b')], ['a']],
  ['notices go together, up to the next question', [mail('a'), mail('b'), query('c'), mail('d')], ['a', 'b']],
  ['a reply goes alone', [mail('a', { kind: 'reply' }), mail('b')], ['a']],
  ['a quiet notice does not go', [mail('a', { quiet: true }), mail('b')], ['b']],
  ['quiet notices alone move nothing', [mail('a', { quiet: true })], []],
  ['an urgent question goes before all others', [mail('a'), query('b'), query('c', { urgent: true })], ['c']],
  ['more than one reading holds waits', [mail('a', { size: 60_000 }), mail('b', { size: 60_000 })], ['a']],
  ['a notice that is too large for that goes alone', [mail('a', { size: 200_000 }), mail('b')], ['a']],
] as const) {
  t.test(`of what waits: ${what}`, async (t) => {
    t.strictSame(
      nextTogether([...waiting]).map(({ id }) => id),
      together,
    )
  })
}

t.test('at most fifty notices share one delivery', async (t) => {
  const many = Array.from({ length: 60 }, (_, n) => mail(`m${String(n).padStart(2, '0')}`))
  t.strictSame(nextTogether(many), many.slice(0, 50))
})

t.test('several notices in one frame keep a header each, and the first one leads', async (t) => {
  const other = '20261122t094012412z-00000000'
  const { header, body } = framesInOne([
    framed(message({ kind: 'notice' })),
    framed(message({ kind: 'notice', id: other })),
  ])
  t.strictSame(idsIn(`${header}\n${body}`), [Q, other])
  t.equal(idIn(header), Q)
})

t.test('the id in a box is found however its header was wrapped, and only at its beginning', async (t) => {
  const { header } = framed(message())
  t.equal(idIn(`${header.slice(0, 30)}\n  ${header.slice(30)}[Pasted text #1 +5 lines]`), Q)
  t.equal(idIn(`mine ${header}`), undefined)
})

t.test('a pace gives so many at once, and then one after each interval', async (t) => {
  const { now } = performance
  let at = 0
  performance.now = () => at
  t.teardown(() => {
    performance.now = now
  })
  const pace = makePace({ burst: 2, everyMs: 1_000 })
  pace.take('a')
  t.equal(pace.wait('a'), 0)
  pace.take('a')
  t.equal(pace.wait('a'), 1_000)
  t.equal(pace.wait('b'), 0, 'another one has its own')
  at = 1_000
  t.equal(pace.wait('a'), 0)
  pace.empty('a')
  t.equal(pace.wait('a'), 2_000, 'after a loss it waits for as long as a burst takes')
})
