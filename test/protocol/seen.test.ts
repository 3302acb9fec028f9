import t from 'tap'
import { judge, limitOf, type Seen, sayAgo } from '../../src/protocol/seen.ts'

const LIMIT = 160_000
const boot = 'b1'
const at = (seconds: number) => ({ at: seconds * 1_000, boot })
const glance = (seq: number, epoch = 'aaaaaaaa') => ({ epoch, seq })
const seen = (seconds: number, seq: number, changes: number): Seen => ({
  ...glance(seq),
  changes,
  ...at(seconds),
})

t.test('a host that was never seen is unknown, and is remembered', async (t) => {
  t.strictSame(judge(undefined, glance(7), at(5), LIMIT), {
    presence: { state: 'unknown' },
    seen: seen(5, 7, 0),
  })
  t.strictSame(judge(undefined, undefined, at(5), LIMIT), { presence: { state: 'unknown' } })
})

t.test('it is here once it has changed before our eyes, whichever of the two did', async (t) => {
  const here = { state: 'here', ago: 0 }
  t.strictSame(judge(seen(5, 7, 0), glance(8), at(35), LIMIT), { presence: here, seen: seen(35, 8, 1) })
  t.match(judge(seen(5, 7, 3), glance(7, 'bbbbbbbb'), at(35), LIMIT), {
    presence: here,
    seen: { changes: 4 },
  })
  t.match(
    judge(seen(5, 7, 3), glance(2), at(35), LIMIT),
    { presence: here },
    'back, after a restored backup, too',
  )
})

t.test('it stays here up to the limit, and is away after it', async (t) => {
  t.strictSame(judge(seen(0, 7, 1), glance(7), at(160), LIMIT), { presence: { state: 'here', ago: 160_000 } })
  t.strictSame(judge(seen(0, 7, 1), glance(7), at(161), LIMIT), { presence: { state: 'away', ago: 161_000 } })
})

t.test(
  'one that has not changed while we looked for as long as that is away, and unknown until then',
  async (t) => {
    t.strictSame(judge(seen(0, 7, 0), glance(7), at(160), LIMIT), { presence: { state: 'unknown' } })
    t.match(judge(seen(0, 7, 0), glance(7), at(161), LIMIT), { presence: { state: 'away' } })
  },
)

t.test('a file that is missing, cut or unreadable has not changed', async (t) => {
  t.strictSame(judge(seen(0, 7, 1), undefined, at(30), LIMIT), { presence: { state: 'here', ago: 30_000 } })
  t.strictSame(judge(seen(0, 7, 1), undefined, at(200), LIMIT), { presence: { state: 'away', ago: 200_000 } })
})

t.test('a change that may be older than the limit is none: nobody looked for so long', async (t) => {
  const after = judge(seen(0, 7, 9), glance(900), at(10_000), LIMIT)
  t.strictSame(after, { presence: { state: 'unknown' }, seen: seen(10_000, 900, 0) })
})

t.test('another boot of this machine, or a clock that begins again, begins anew', async (t) => {
  t.strictSame(judge({ ...seen(0, 7, 9), boot: 'b0' }, glance(7), at(10), LIMIT), {
    presence: { state: 'unknown' },
    seen: seen(10, 7, 0),
  })
  t.match(judge(seen(500, 7, 9), glance(8), at(10), LIMIT), { presence: { state: 'unknown' } })
})

t.test('the limit is three beats and the minute of a synchroniser, or six beats', async (t) => {
  t.equal(limitOf(30, false), 160_000)
  t.equal(limitOf(10, true), 60_000)
})

t.test('how long ago it was is said as a person would', async (t) => {
  const said = [9_000, 59_000, 720_000, 7_100_000, 10_800_000, 300_000_000].map(sayAgo)
  t.strictSame(said, ['9 s ago', '1 min ago', '12 min ago', '118 min ago', '3 h ago', '3 days ago'])
})
