// Many peers, many messages, one courier: `npm run load -- --messages 100000 --soak 60 --seed 1`. The figures go to stdout, how far it is
// to stderr.

import { runReal } from './real.mjs'

const place = (name) => import.meta.resolve(`../test/load/${name}.ts`)
await runReal(place('main'), process.argv.slice(2), async (workshop) => [
  ...['--program', workshop.dist('repowire.js')],
  ...['--people', await workshop.bundle(place('people'))],
])
