import { setUpState } from '../../agents/claude-code/set-up.ts'
import { livingCourier } from '../../courier/courier-file.ts'
import { describePeers, type PeerView } from '../../courier/peers.ts'
import { type ServiceState, serviceState } from '../../courier/service/service.ts'
import { hostOf } from '../../protocol/address.ts'
import type { Config } from '../../protocol/config.ts'
import { explain } from '../../protocol/errors.ts'
import { BUILD, VERSION } from '../../protocol/version.ts'
import { lookConfig } from '../../spool/config.ts'
import { besideMe } from '../../spool/program.ts'
import { lookTree, type Tree } from '../../spool/tree.ts'
import { heldIn } from '../../verbs/vouch.ts'
import { saysNotAllowed } from './not-allowed.ts'
import { homely, say, sayJson, table } from './print.ts'
import { thisInstall } from './set-up.ts'

/** What is installed, whether it runs, and what waits and why; looks only. */
export async function statusCommand(options: { json: boolean }): Promise<number> {
  const tree = lookTree(process.env)
  const peers = (await describePeers(tree)).filter((peer) => peer.agent !== 'person')
  const state = {
    version: VERSION,
    program: besideMe('repowire.js'),
    build: BUILD,
    ...tree,
    config: configOf(tree),
    courier: livingCourier(tree),
    service: serviceState(tree, process.env),
    setup: setUpState(tree, process.env, thisInstall()),
    peers,
    held: peers
      .flatMap(({ address }) => heldIn(tree, address))
      .map(({ address, from }) => ({ address, from, why: saysNotAllowed(tree, hostOf(from ?? 'nobody')) })),
  }
  if (options.json) sayJson(state)
  else say(table(rows(state)))
  return 0
}

type State = {
  version: string
  program: string
  root: string
  state: string
  host: string
  config: { settings: Config; wrong: string[] }
  courier?: { process: { pid: number }; version: string }
  service: ServiceState
  setup: ReturnType<typeof setUpState>
  peers: PeerView[]
  held: { address: string; from?: string; why: string }[]
}

/** What counts, and what is wrong with the file. */
function configOf(tree: Tree): State['config'] {
  const { config, complaints } = lookConfig(tree)
  return { settings: config, wrong: complaints.map(explain) }
}

function rows({
  version,
  program,
  root,
  state,
  host,
  config,
  courier,
  service,
  setup,
  peers,
  held,
}: State): string[][] {
  const online = peers.filter((peer) => peer.status !== 'offline')
  const waiting = peers.filter((peer) => peer.waiting + peer.open > 0)
  return [
    ['version', version],
    ['program', `${homely(program)}, run by ${homely(process.execPath)} (Node ${process.versions.node})`],
    ['mailbox', homely(root)],
    ['this host', `${host}, its state in ${homely(state)}`],
    [
      'courier',
      courier === undefined
        ? 'not running (the next session or question starts it)'
        : `running, pid ${courier.process.pid}, version ${courier.version}`,
    ],
    ['service', SERVICE[service.state] + (service.file === undefined ? '' : ` (${homely(service.file)})`)],
    ...config.wrong.map((wrong) => ['settings', wrong]),
    ...(setup.plugin.state === 'missing'
      ? [
          ['hooks', placed(setup.settings)],
          ['MCP server', placed(setup.server)],
        ]
      : [
          ['plugin', placed(setup.plugin)],
          ['permission', placed(setup.settings)],
        ]),
    ['agents', `${online.length} online, ${peers.length - online.length} offline`],
    ...held.map(({ address, from = 'nobody', why }) => ['held', `for ${address}, from ${from}: ${why}`]),
    ...waiting.map((peer) => [
      'mail',
      `${peer.address}: ${peer.waiting} new, ${peer.open} open${peer.held === undefined ? '' : `; ${peer.held}`}`,
    ]),
  ]
}

const SERVICE = {
  current: 'set up',
  outdated: 'of another version, path or mailbox: run repowire setup --service',
  missing: 'none, the courier is started on demand',
  taken: 'a file that repowire did not write has its name',
  unreadable: 'the file cannot be read',
  unknown: 'none, this system has neither systemd nor launchd',
}

const NEXT = {
  current: 'set up',
  outdated: 'of another version or path: run repowire setup',
  missing: 'not set up: run repowire setup',
  off: 'disabled in Claude Code: run repowire setup --plugin',
  taken: 'another server has the name repowire',
  unreadable: 'the file cannot be read as JSON',
}

function placed({ file, state }: { file: string; state: keyof typeof NEXT }): string {
  return `${NEXT[state]} (${homely(file)})`
}
