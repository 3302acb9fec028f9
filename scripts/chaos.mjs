// Two hosts, two real Syncthing nodes, and everything that a synchronised folder suffers: `npm run chaos -- --questions 600 --seed 1`.
// The counts go to stdout, how far it is to stderr.

import { openWorkshop } from './bench/workshop.mjs'

for (const name of ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'TMUX', 'TMUX_PANE']) delete process.env[name]
const workshop = await openWorkshop()
const place = (name) => import.meta.resolve(`../test/machines/${name}.ts`)
const [main, peer] = [await workshop.bundle(place('chaos-main')), await workshop.bundle(place('peer'))]
const words = [main, '--program', workshop.dist('repowire.js'), '--peer', peer, ...process.argv.slice(2)]
const run = workshop.start([process.execPath, ...words], {
  env: process.env,
  cwd: process.cwd(),
  stdio: ['ignore', 'inherit', 'inherit'],
})
run.once('close', async (code) => {
  await workshop.close()
  process.exit(code ?? 1)
})
