// By what a model tells where a peer's words end. mailbox-spec §8.2

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { markerOf } from '../../src/spool/marker.ts'
import { makeWorld, message } from '../world.ts'

t.test(
  'a message has the same marker each time, and its answer, another one and another receiver have others',
  async (t) => {
    const { tree } = makeWorld(t)
    const its = [
      message(),
      message({ kind: 'reply' }),
      message({ kind: 'notice' }),
      message({ id: '20261122t094012413z-00000000' }),
      message({ to: 'cache@laptop' }),
    ]
    const markers = its.map((it) => markerOf(tree, it))
    t.equal(new Set(markers).size, its.length)
    t.strictSame(
      its.map((it) => markerOf(tree, it)),
      markers,
    )
    t.equal(markerOf(tree, message({ body: 'another text' })), markers[0])
    for (const marker of markers) t.match(marker, /^[0-9a-hjkmnp-tv-z]{8}$/)
  },
)

t.test('another host has other markers, and a lost secret is made anew', async (t) => {
  const { tree } = makeWorld(t)
  const before = markerOf(tree, message())
  rmSync(join(tree.state, 'keys/frames'))
  const after = markerOf(tree, message())
  t.not(after, before)
  t.equal(markerOf(tree, message()), after)
})
