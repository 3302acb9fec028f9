// The randomised run on the real client: `npm run storm -- --questions 200 --seed 1 [--record <file>]`. The counts go to
// stdout, how far it is to stderr. The client must have been fetched (scripts/test or scripts/client.mjs does).

import { openWorkshop } from './bench/workshop.mjs'

for (const name of Object.keys(process.env))
  if (/^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|TMUX|TMUX_PANE|(CLAUDE|ANTHROPIC|REPOWIRE).*)$/.test(name))
    delete process.env[name]

const workshop = await openWorkshop()
const program = await workshop.bundle(import.meta.resolve('../test/real/storm/main.ts'))
const command = [process.execPath, program, ...process.argv.slice(2)]
const run = workshop.start(command, {
  env: process.env,
  cwd: process.cwd(),
  stdio: ['ignore', 'inherit', 'inherit'],
})
run.once('close', async (code) => {
  await workshop.close()
  process.exit(code ?? 1)
})
