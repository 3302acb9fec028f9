// The picture in the README, from a run of the real client: `npm run picture` writes docs/panes.svg. Look at it. The client must
// have been fetched (scripts/test or scripts/client.mjs does).

import { openWorkshop } from './bench/workshop.mjs'

for (const name of Object.keys(process.env))
  if (/^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|TMUX|TMUX_PANE|(CLAUDE|ANTHROPIC|REPOWIRE).*)$/.test(name))
    delete process.env[name]

const workshop = await openWorkshop()
const program = await workshop.bundle(import.meta.resolve('../test/real/picture/main.ts'))
const run = workshop.start([process.execPath, program], {
  env: process.env,
  cwd: process.cwd(),
  stdio: ['ignore', 'inherit', 'inherit'],
})
run.once('close', async (code) => {
  await workshop.close()
  process.exit(code ?? 1)
})
