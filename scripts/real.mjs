// A program of the tests that is no test (a storm, a picture, chaos): bundled, and run in an environment of its own. Storm and picture
// need the real client: scripts/test or scripts/fetch.mjs fetches it.

import { openWorkshop } from './bench/workshop.mjs'

const LENT = /^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|TMUX|TMUX_PANE|(CLAUDE|ANTHROPIC|REPOWIRE).*)$/

/** Runs it to its end, and ends with its exit code. `entry`: its file, as a URL; `more`: words that only the workshop knows. */
export async function runReal(entry, args = [], more = async () => []) {
  for (const name of Object.keys(process.env)) if (LENT.test(name)) delete process.env[name]
  const workshop = await openWorkshop()
  const program = await workshop.bundle(entry)
  const run = workshop.start([process.execPath, program, ...(await more(workshop)), ...args], {
    env: process.env,
    cwd: process.cwd(),
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  run.once('close', async (code) => {
    await workshop.close()
    process.exit(code ?? 1)
  })
}
