// The power cut in its long form: `npm run power-cut -- --cuts 200 --seed 1`. The counts go to stdout, each cut to stderr.

import { parseArgs } from 'node:util'
import { cutPower } from './cut.ts'
import { whyNoImage } from './image.ts'
import { momentsOf } from './moments.ts'

const options = { program: { type: 'string' }, cuts: { type: 'string' }, seed: { type: 'string' } } as const
const { program = '', cuts = '200', seed = '1' } = parseArgs({ options }).values
const why = whyNoImage()
if (why !== undefined) {
  console.log(`the power cut is left out: ${why}`)
  process.exit(0)
}
const all = { acknowledged: 0, messages: 0, wrong: 0 }
for (const [n, after] of momentsOf(Number(seed), Number(cuts)).entries()) {
  const { acknowledged, messages, wrong } = await cutPower(program, after, n % 2 === 1)
  all.acknowledged += acknowledged
  all.messages += messages
  all.wrong += wrong.length
  console.error(`${n + 1}/${cuts} after ${after} ms: ${acknowledged} answers, ${messages} messages`)
  for (const line of wrong) console.error(`  ${line}`)
}
console.log(
  `seed ${seed}: ${cuts} cuts, ${all.acknowledged} answers acknowledged, ${all.messages} messages, ${all.wrong} torn, empty or gone`,
)
process.exitCode = all.wrong === 0 && all.acknowledged > 0 ? 0 : 1
