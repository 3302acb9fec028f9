import {
  type Change,
  clientOf,
  type Install,
  planSetUp,
  planTakeOut,
  type Report,
  setUp,
  takeOut,
} from '../../agents/claude-code/set-up.ts'
import {
  installService,
  notOurs,
  planNoService,
  planService,
  removeService,
} from '../../courier/service/service.ts'
import { ensureCourier } from '../../courier/start.ts'
import { stopCourier } from '../../courier/stop.ts'
import { VERSION } from '../../protocol/version.ts'
import { besideMe } from '../../spool/program.ts'
import { lookTree, openTree, type Tree } from '../../spool/tree.ts'
import { purge, refuseToPurge } from '../../verbs/purge.ts'
import { agrees } from './agree.ts'
import { difference } from './difference.ts'
import { EXIT } from './exit-codes.ts'
import { homely, say, table } from './print.ts'

/** The bundles of this very program, by absolute paths. */
export function thisInstall(): { node: string; hook: string; server: string } {
  return { node: process.execPath, hook: besideMe('hook.cjs'), server: besideMe('mcp.js') }
}

type SetUpOptions = { yes: boolean; dryRun: boolean; plugin: boolean; service: boolean }

/** Says what it will write and where, asks once where a terminal is, writes, and says what to do next. */
export async function setupCommand({ yes, dryRun, plugin, service }: SetUpOptions): Promise<number> {
  const install: Install = { ...thisInstall(), plugin }
  const look = lookTree(process.env)
  const plan = withService(planSetUp(look, process.env, install), service ? look : undefined)
  if (dryRun) return show(plan)
  if (plan.changes.length > 0) {
    say(await announcement(plan, look))
    if (!yes && !(await agrees('Set it up?'))) return declined()
  }
  const tree = openTree(process.env)
  const client = await setUp(tree, process.env, install)
  const kept = service ? await installService(planService(tree, process.env)) : undefined
  warn([...client.warnings, ...(kept?.warnings ?? [])])
  if (!kept?.runs) ensureCourier(tree)
  const changed = client.changes.length + (kept?.changes.length ?? 0) > 0
  say(changed ? 'Done.' : 'Everything was set up already.')
  say('Next: start (or restart) claude in each repository, inside tmux; then: repowire peers')
  return EXIT.done
}

/** The report with the file of the service, where it would be written. */
function withService(report: Report, tree: Tree | undefined): Report {
  const plan = tree && planService(tree, process.env)
  if (!plan?.changed) return report
  const { file, before, text } = plan
  const change = {
    file,
    what: 'service of the courier',
    after: text,
    ...(before && { before: before.toString('utf8') }),
  }
  return { ...report, changes: [...report.changes, change] }
}

/** The report with the file of the service, where one of ours lies. */
function withoutService({ changes, warnings }: Report): Report {
  const { ours, left } = planNoService(process.env)
  const removed = ours.map(({ file, bytes }) => ({ file, what: 'removed', before: bytes.toString('utf8') }))
  return { changes: [...changes, ...removed], warnings: [...warnings, ...notOurs(left)] }
}

type TakeOutOptions = { yes: boolean; dryRun: boolean; purge: boolean }

/** Takes exactly that out again, and stops the courier; the mail stays unless it is to go, too. */
export async function uninstallCommand(options: TakeOutOptions): Promise<number> {
  const look = lookTree(process.env)
  if (options.purge) refuseToPurge(look)
  if (options.dryRun) return show(withoutService(planTakeOut(look, process.env)))
  if (options.purge && !options.yes && !(await agrees(`Remove ${homely(look.root)} with all mail in it?`)))
    return declined()
  const kept = planNoService(process.env)
  const tree = openTree(process.env)
  const client = await takeOut(tree, process.env)
  const service = await removeService(kept)
  const changes = [...client.changes, ...service.changes]
  say(changes.length === 0 ? 'Nothing of repowire was set up.' : table(rows(changes)))
  warn([...client.warnings, ...service.warnings])
  await stopCourier(tree)
  if (changes.length > 0) say('Sessions that run now keep their hooks until they are restarted.')
  say(options.purge ? removed(tree, purge(tree)) : stays(tree))
  return EXIT.done
}

function stays(tree: Tree): string {
  return `The mail stays in ${homely(tree.root)}; repowire uninstall --purge removes it, too.`
}

function removed({ root, state }: Tree, left: string[]): string {
  const rest = left.length === 0 ? '' : `; ${left.join(', ')} in it is not repowire's, and stays`
  return `Removed: ${homely(root)}${rest}, and ${homely(state)}.`
}

/** Exactly what would be done, and nothing is. */
function show({ changes, warnings }: Report): number {
  warn(warnings)
  for (const change of changes) say(difference(change))
  if (changes.length === 0) process.stderr.write('repowire: nothing would be changed\n')
  return EXIT.done
}

async function announcement({ changes }: Report, tree: Tree): Promise<string> {
  // Only for the eye: what the client cannot do is said where it is to do it.
  const client = await clientOf(process.env).catch(() => undefined)
  const name = client === undefined ? 'Claude Code' : `Claude Code ${client.version} (${homely(client.path)})`
  const places = [
    [homely(tree.root), 'the mailbox: all mail, as files'],
    [homely(tree.state), "this host's own: journal, log, copies of the settings before us"],
  ]
  const files = table([...rows(changes), ...places]).replace(/^/gm, '  ')
  return `repowire ${VERSION} sets up ${name}:\n\n${files}\n\nrepowire uninstall takes it out again; repowire setup --dry-run shows every line of it.\n`
}

function rows(changes: Change[]): string[][] {
  const texts = changes.map(({ file, what, commands }) => [
    homely(file),
    commands === undefined ? what : `${what}, by claude itself`,
  ])
  return texts.filter(([file], at) => file?.includes('/plugin/') !== true || at === texts.length - 1)
}

function warn(warnings: string[]): void {
  for (const warning of warnings) process.stderr.write(`repowire: ${warning}\n`)
}

function declined(): number {
  process.stderr.write('repowire: nothing was changed\n')
  return EXIT.failed
}
