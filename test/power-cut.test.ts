// What is left on an ext4 disk whose power was cut while mail was published and answered. The long form is `npm run power-cut`.

import t from 'tap'
import { cutPower } from './power/cut.ts'
import { whyNoImage } from './power/image.ts'
import { momentsOf } from './power/moments.ts'
import { bundle } from './world.ts'

const why = whyNoImage()
const skip = why === undefined ? false : `the power cut is left out: ${why}`
t.setTimeout(120_000)

for (const [shared, where] of [
  [false, 'a root of one host'],
  [true, 'a shared root'],
] as const) {
  t.test(
    `in ${where} no published message is torn and no acknowledged answer is gone`,
    { skip },
    async (t) => {
      const program = await bundle(t, new URL('power/writer.ts', import.meta.url))
      for (const after of momentsOf(shared ? 7 : 3, 4)) {
        const { acknowledged, wrong } = await cutPower(program, after, shared)
        t.ok(acknowledged > 0)
        t.strictSame(wrong, [], `after ${after} ms`)
      }
    },
  )
}
