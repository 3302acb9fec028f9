/**
 * Real Syncthing nodes on loopback: each with a home, keys and ports of its own; no discovery, no relay, no NAT, nothing that leaves
 * 127.0.0.1. Ends nothing but what it started.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'

const PATIENCE_MS = 30_000
const FOLDER = 'mailbox'

/** What a test is skipped with where there is no Syncthing; in CI it must be there. */
export function withoutSyncthing(): string | false {
  if (spawnSync('syncthing', ['--version'], { stdio: 'ignore' }).status === 0) return false
  if (process.env.CI === 'true') throw new Error('syncthing cannot be had')
  return 'syncthing is missing'
}

/** `delaySeconds`: how long its watcher gathers changes before it scans; 1 is the least, 10 its standard. */
export type Sharing = { delaySeconds?: number; more?: object }

export type Node = {
  home: string
  /** The directory that is shared. */
  root: string
  api: string
  key: string
  folder: string
  device: string
  port: number
  call(method: string, path: string, body?: unknown): Promise<unknown>
  /** Stops syncing with everybody, as where the network is gone, and goes on. */
  pause(): Promise<void>
  resume(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
  /** Only while it is stopped. */
  loseIndex(): void
  rescan(): Promise<void>
}

/** A node that runs and shares nothing yet. `home` and `root` are made. */
export async function startNode(home: string, root: string): Promise<Node> {
  for (const dir of [home, root]) fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
  run(home, ['generate', `--home=${home}`, '--no-default-folder', '--skip-port-probing'])
  const [port, web] = [await freePort(), await freePort()]
  const config = join(home, 'config.xml')
  fs.writeFileSync(config, alone(fs.readFileSync(config, 'utf8'), port, web))
  const key = /<apikey>(.*?)<\/apikey>/.exec(fs.readFileSync(config, 'utf8'))?.[1] ?? ''
  const api = `http://127.0.0.1:${web}`
  const call = (method: string, path: string, body?: unknown) => ask(api, key, method, path, body)
  let child: ChildProcess | undefined
  const start = async () => {
    child = serve(home)
    await answering(call, child)
  }
  const stop = async () => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = once(ending, 'exit')
    ending.kill('SIGTERM')
    await gone
  }
  await start()
  const { myID } = (await call('GET', '/rest/system/status')) as { myID: string }
  return {
    ...{ home, root, api, key, folder: FOLDER, device: myID, port, call, start, stop },
    pause: async () => void (await call('POST', '/rest/system/pause')),
    resume: async () => void (await call('POST', '/rest/system/resume')),
    loseIndex: () => {
      for (const name of fs.readdirSync(home).filter((file) => file.startsWith('index-')))
        fs.rmSync(join(home, name), { recursive: true, force: true })
    },
    rescan: async () => void (await call('POST', `/rest/db/scan?folder=${FOLDER}`)),
  }
}

/** Shares the folder among nodes; each knows those that `links` names beside it (all others where there are none), and dials them. */
export async function share(
  nodes: Node[],
  { delaySeconds = 10, more = {} }: Sharing = {},
  links = full(nodes),
): Promise<void> {
  for (const node of nodes) {
    const others = links.get(node) ?? []
    for (const { device, port } of others)
      await node.call('POST', '/rest/config/devices', {
        ...{ deviceID: device, name: device.slice(0, 7), addresses: [`tcp://127.0.0.1:${port}`] },
      })
    await node.call('POST', '/rest/config/folders', {
      ...{ id: FOLDER, label: FOLDER, path: node.root, type: 'sendreceive' },
      devices: others.map(({ device }) => ({ deviceID: device })),
      ...{ fsWatcherEnabled: true, fsWatcherDelayS: delaySeconds, rescanIntervalS: 3600, ignorePerms: false },
      ...more,
    })
  }
  for (const [node, others] of links) for (const other of others) await connected(node, other)
}

function full(nodes: Node[]): Map<Node, Node[]> {
  return new Map(nodes.map((node) => [node, nodes.filter((other) => other !== node)]))
}

/** Resolves when these two are connected. */
async function connected(node: Node, other: Node): Promise<void> {
  await until(`${node.home} sees ${other.home}`, async () => {
    const { connections } = (await node.call('GET', '/rest/system/connections')) as {
      connections: Record<string, { connected: boolean }>
    }
    return connections[other.device]?.connected === true
  })
}

/** Resolves when no node has anything to send to or to fetch from another. */
export async function settled(nodes: Node[]): Promise<void> {
  const isDone = async (node: Node) => {
    const { state, needTotalItems } = (await node.call('GET', `/rest/db/status?folder=${FOLDER}`)) as {
      state: string
      needTotalItems: number
    }
    return state === 'idle' && needTotalItems === 0
  }
  for (const node of nodes) await node.rescan()
  await until('all replicas are the same', async () => (await Promise.all(nodes.map(isDone))).every(Boolean))
}

export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  ms = PATIENCE_MS,
): Promise<void> {
  for (const end = performance.now() + ms; !(await holds()); await sleep(20))
    if (performance.now() > end) throw new Error(`${what}: not within ${ms} ms`)
}

async function ask(api: string, key: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text === '' ? undefined : text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text
}

async function answering(call: Node['call'], child: ChildProcess): Promise<void> {
  await until('syncthing answers', async () => {
    if (child.exitCode !== null) throw new Error(`syncthing has ended: ${child.exitCode}`)
    return await call('GET', '/rest/system/ping').then(
      () => true,
      () => false,
    )
  })
}

/** The child of the whole environment would take the user's own. */
function serve(home: string): ChildProcess {
  const log = fs.openSync(join(home, 'log'), 'a')
  const words = ['serve', `--home=${home}`, '--no-browser', '--no-restart', '--no-upgrade', '--logfile=-']
  const child = spawn('syncthing', words, { env: environment(home), stdio: ['ignore', log, log] })
  fs.closeSync(log)
  return child
}

function run(home: string, words: string[]): void {
  const done = spawnSync('syncthing', words, { env: environment(home), encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`syncthing ${words[0]}: ${done.stdout}${done.stderr}`)
}

function environment(home: string): Record<string, string> {
  return { HOME: home, PATH: process.env.PATH ?? '', STNOUPGRADE: '1', STNODEFAULTFOLDER: '1' }
}

/** The configuration of a node that speaks to nobody but on loopback. */
function alone(config: string, port: number, web: number): string {
  const set = (text: string, name: string, value: string) =>
    text.replace(new RegExp(`<${name}>[^<]*</${name}>`), `<${name}>${value}</${name}>`)
  const values = {
    listenAddress: `tcp://127.0.0.1:${port}`,
    ...{ globalAnnounceEnabled: 'false', localAnnounceEnabled: 'false', relaysEnabled: 'false' },
    ...{ natEnabled: 'false', urAccepted: '-1', crashReportingEnabled: 'false', autoUpgradeIntervalH: '0' },
    ...{ reconnectionIntervalS: '1', stunKeepaliveStartS: '0', startBrowser: 'false' },
  }
  const quiet = Object.entries(values).reduce((text, [name, value]) => set(text, name, value), config)
  return quiet.replace(/(<gui [^>]*>[\s\S]*?<address>)[^<]*/, `$1127.0.0.1:${web}`)
}
