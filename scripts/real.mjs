// A program of test/real that is no test (a storm, a picture): bundled, and run with the real client in an environment of
// its own. The client must have been fetched (scripts/test or scripts/client.mjs does).

import { openWorkshop } from './bench/workshop.mjs'

const LENT = /^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|TMUX|TMUX_PANE|(CLAUDE|ANTHROPIC|REPOWIRE).*)$/

/** Runs it to its end, and ends with its exit code. `entry`: its file, as a URL. */
export async function runReal(entry, args = []) {
  for (const name of Object.keys(process.env)) if (LENT.test(name)) delete process.env[name]
  const workshop = await openWorkshop()
  const program = await workshop.bundle(entry)
  const run = workshop.start([process.execPath, program, ...args], {
    env: process.env,
    cwd: process.cwd(),
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  run.once('close', async (code) => {
    await workshop.close()
    process.exit(code ?? 1)
  })
}
