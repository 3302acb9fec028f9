import { setUp, takeOut } from '../../agents/claude-code/set-up.ts'
import { installService, planService, removeService } from '../../courier/service/service.ts'
import { ensureCourier } from '../../courier/start.ts'
import { stopCourier } from '../../courier/stop.ts'
import { besideMe } from '../../spool/program.ts'
import { openTree } from '../../spool/tree.ts'
import { say } from './print.ts'

/** The bundles of this very program, by absolute paths. */
export function thisInstall(): { node: string; hook: string; server: string } {
  return { node: process.execPath, hook: besideMe('hook.cjs'), server: besideMe('mcp.js') }
}

/** Puts hooks, server and permission rule into Claude Code's user settings; says what was written where. */
export async function setupCommand(options: { service: boolean }): Promise<number> {
  const tree = openTree(process.env)
  const plan = options.service ? planService(tree, process.env) : undefined
  const client = await setUp(tree, process.env, thisInstall())
  const service = plan && (await installService(plan))
  const changes = [...client.changes, ...(service?.changes ?? [])]
  const warnings = [...client.warnings, ...(service?.warnings ?? [])]
  for (const { file, what } of changes) say(`${file}: ${what}`)
  for (const warning of warnings) process.stderr.write(`repowire: ${warning}\n`)
  if (changes.length === 0) say('Everything was set up already.')
  if (!service?.runs) ensureCourier(tree)
  say('Next: start (or restart) a claude session in each repository, inside tmux; then: repowire peers')
  return 0
}

/** Takes exactly that out again, and stops the courier; the mail stays. */
export async function uninstallCommand(): Promise<number> {
  const tree = openTree(process.env)
  const client = await takeOut(tree, process.env)
  const service = await removeService(process.env)
  const changes = [...client.changes, ...service.changes]
  const warnings = [...client.warnings, ...service.warnings]
  for (const { file, what } of changes) say(`${file}: ${what}`)
  for (const warning of warnings) process.stderr.write(`repowire: ${warning}\n`)
  if (changes.length === 0) say('Nothing of repowire was set up.')
  await stopCourier(tree)
  say('Sessions that run now keep their hooks until they are restarted.')
  say(`The mail stays in ${tree.root}; remove it by hand if you do not want it.`)
  return 0
}
