// Two hosts, two real Syncthing nodes, and everything that a synchronised folder suffers: `npm run chaos -- --questions 600 --seed 1`.
// The counts go to stdout, how far it is to stderr.

import { runReal } from './real.mjs'

const place = (name) => import.meta.resolve(`../test/machines/${name}.ts`)
await runReal(place('chaos-main'), process.argv.slice(2), async (workshop) => [
  ...['--program', workshop.dist('repowire.js')],
  ...['--peer', await workshop.bundle(place('peer'))],
])
