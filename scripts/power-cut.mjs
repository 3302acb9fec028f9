// The power cut: `npm run power-cut -- --cuts 200 --seed 1`. Needs root, loop devices, e2fsprogs and xfsprogs; elsewhere it says what is
// left out. The counts go to stdout, how far it is to stderr.

import { runReal } from './real.mjs'

const place = (name) => import.meta.resolve(`../test/power/${name}.ts`)
await runReal(place('main'), process.argv.slice(2), async (workshop) => [
  ...['--program', await workshop.bundle(place('writer'))],
])
