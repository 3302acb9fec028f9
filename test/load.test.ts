// Many messages at once, in the short form of `npm run load`: by counts alone.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { load } from './load/load.ts'
import { bundle, makeDir, ROOT } from './world.ts'

const skip = existsSync('/proc/self/fdinfo') ? false : 'what a process costs is read in /proc'
t.setTimeout(180_000)

t.test(
  'every message arrives once, whether the courier is killed, stopped, or may watch next to nothing',
  { skip },
  async (t) => {
    const { behind, waited, fallback, cost, times, ...counts } = await load({
      dir: makeDir(t),
      program: join(ROOT, 'dist/repowire.js'),
      people: await bundle(t, new URL('load/people.ts', import.meta.url)),
      ...{ peers: 60, sessions: 6, writers: 3, messages: 600, seed: 1 },
      ...{ stoppedMs: 0, silenceMs: 30_000, soakMs: 0 },
      say: (what) => t.comment(what),
    })
    const sent = fallback.said === undefined ? 600 : 630
    t.equal(behind, 0, 'what waited for a courier arrived when there was one again')
    t.strictSame(counts, { sent, lost: 0, twice: 0, strange: 0, left: 0 })
    t.ok(waited.killed > 0 && waited.stopped > 0, 'some waited for a courier that was not there')
    t.ok(fallback.watches >= 60, 'a courier that may watch does')
    t.ok(times.delivery.length > 0 && times.bare.length > 0)
    t.ok(
      cost.late.kilobytes < 2 * cost.early.kilobytes + 65_536,
      'its memory does not grow with the messages',
    )
    t.ok(cost.late.descriptors < cost.early.descriptors + 10, 'nor do its descriptors')
    t.equal(cost.late.children, 0)
    t.test(
      'what cannot be watched is listed, and the log says so',
      { skip: fallback.left_out },
      async (t) => {
        t.equal(fallback.said, true)
      },
    )
  },
)
