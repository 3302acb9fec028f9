/**
 * Two hosts, two real Syncthing nodes, a courier and a scripted peer each, questions both ways, and everything that a synchronised folder
 * suffers: a node that restarts, an index that is lost, a backup laid over the folder, a partition, the folder of either side put back to what it was, and
 * couriers killed at any moment. Every question must be handed over once and its answer consumed once.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { pinHost } from '../../src/spool/allowed.ts'
import { writeShare } from '../../src/spool/share.ts'
import { ownPublicKey } from '../../src/spool/signing.ts'
import { openTree } from '../../src/spool/tree.ts'
import { type Node, settled, share, startNode, until } from './syncthing.ts'

/** `questions`: of each host. `program`: repowire itself; `peer`: the scripted peer, bundled. `say`: how far it is. */
export type Chaos = {
  dir: string
  questions: number
  seconds: number
  seed: number
  graceSeconds: number
  program: string
  peer: string
  say(text: string): void
}

export type Counts = {
  asked: number
  once: number
  handedTwice: string[]
  consumedTwice: string[]
  lost: string[]
  unanswered: string[]
  stuck: string[]
  conflicts: string[]
  different: string[]
  repaired: number
  returned: number
  kills: number
  failed: number
}

type Host = {
  label: string
  dir: string
  root: string
  state: string
  node: Node
  env: Record<string, string>
  address: string
  peer: ChildProcess
  courier?: ChildProcess
}

const LABELS = ['alpha', 'beta']

export async function runChaos(chaos: Chaos): Promise<Counts> {
  const hosts: Host[] = []
  try {
    return await play(chaos, hosts)
  } finally {
    for (const { courier, peer, node } of hosts) {
      for (const child of [courier, peer]) await kill(child)
      await node.stop()
    }
  }
}

async function play(chaos: Chaos, hosts: Host[]): Promise<Counts> {
  for (const label of LABELS) hosts.push(await makeHost(chaos, label))
  const [one, two] = hosts as [Host, Host]
  await share([one.node, two.node], { delaySeconds: 1 })
  await settled([one.node, two.node])
  allow(hosts)
  const random = randomFrom(chaos.seed)
  for (const host of hosts) startCourier(chaos, host)
  let kills = 0
  const killing = new AbortController()
  const killers = hosts.map(async (host) => {
    while (!killing.signal.aborted) {
      await pause(1_500 + random() * 4_000, killing.signal)
      if (killing.signal.aborted || host.courier === undefined) continue
      await kill(host.courier)
      kills += 1
      await pause(400, killing.signal)
      startCourier(chaos, host)
    }
  })
  await Promise.all([askBothWays(chaos, one, two), misfortunes(chaos, one, two)])
  killing.abort()
  await Promise.all(killers)
  chaos.say('waiting for the last answers')
  await rest(chaos, hosts)
  return { ...count(chaos, hosts), kills }
}

async function makeHost(chaos: Chaos, label: string): Promise<Host> {
  const dir = join(chaos.dir, label)
  const [root, state] = [join(dir, 'root'), join(dir, 'state')]
  for (const made of [root, state, join(dir, 'src', 'peer', '.git')])
    fs.mkdirSync(made, { recursive: true, mode: 0o700 })
  fs.writeFileSync(join(state, 'host.json'), JSON.stringify({ label, host_id: label.padEnd(32, '0') }), {
    mode: 0o600,
  })
  const node = await startNode(join(dir, 'syncthing'), root)
  const env = { PATH: process.env.PATH ?? '', HOME: dir, REPOWIRE_HOME: root, REPOWIRE_STATE: state }
  const tree = openTree(env)
  fs.writeFileSync(
    join(root, 'config.json'),
    JSON.stringify({ repair_seconds: chaos.graceSeconds, turns_per_hour: 0 }),
    { mode: 0o600 },
  )
  const { api, key, folder } = node
  writeShare(tree, { kind: 'syncthing', api, key, folder, prefix: '' })
  const peer = spawn(process.execPath, [chaos.peer, join(dir, 'src', 'peer'), logOf(chaos, label)], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [address] = (await once(createInterface({ input: peer.stdout }), 'line')) as [string]
  return { label, dir, root, state, node, env, address, peer }
}

/** Each takes the mail of the other. */
function allow(hosts: Host[]): void {
  const trees = hosts.map(({ env }) => openTree(env))
  for (const tree of trees)
    for (const other of trees.filter(({ host }) => host !== tree.host))
      pinHost(tree, { host: other.host, host_id: '', key: ownPublicKey(other) })
}

function logOf(chaos: Chaos, label: string): string {
  return join(chaos.dir, `${label}.log`)
}

function startCourier(chaos: Chaos, host: Host): void {
  host.courier = spawn(process.execPath, [chaos.program, 'daemon', 'run'], { env: host.env, stdio: 'ignore' })
}

async function kill(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}

async function askBothWays(chaos: Chaos, one: Host, two: Host): Promise<void> {
  for (let n = 0; n < chaos.questions; n += 1) {
    one.peer.stdin?.write(`${two.address} ${n}\n`)
    two.peer.stdin?.write(`${one.address} ${n}\n`)
    await sleep((chaos.seconds * 1_000) / chaos.questions)
  }
}

/** In seconds of a run of 75; the order is that in which they were found to hurt. */
async function misfortunes(chaos: Chaos, one: Host, two: Host): Promise<void> {
  const start = performance.now()
  const at = async (second: number, what: string, act: () => unknown) => {
    await sleep(Math.max(0, start + (second * chaos.seconds * 1_000) / 75 - performance.now()))
    chaos.say(what)
    await act()
  }
  const backup = (host: Host, name: string) =>
    fs.cpSync(host.root, join(host.dir, name), { recursive: true, preserveTimestamps: true })
  await at(4, 'the second node stops', () => two.node.stop())
  await at(9, 'it starts', () => two.node.start())
  await at(14, 'the second folder is backed up', () => backup(two, 'old'))
  await at(20, 'the second node loses its index', async () => {
    await two.node.stop()
    two.node.loseIndex()
    await two.node.start()
  })
  await at(26, 'the backup is laid over the second folder', () =>
    fs.cpSync(join(two.dir, 'old'), two.root, { recursive: true, preserveTimestamps: true }),
  )
  await at(32, 'partition', () => one.node.pause())
  await at(42, 'healed', () => one.node.resume())
  await at(47, 'both folders are backed up', () => {
    for (const host of [one, two]) backup(host, 'before')
  })
  await at(55, 'the first folder is rolled back', async () => {
    await one.node.stop()
    rollBack(one)
    await one.node.start()
  })
  await at(66, 'the second folder is rolled back, and its index is lost', async () => {
    await two.node.stop()
    rollBack(two)
    two.node.loseIndex()
    await two.node.start()
  })
}

/** Everything in the folder is what it was; the directories themselves stay, as under a tool that restores in place. */
function rollBack({ root, dir }: Host): void {
  const before = join(dir, 'before')
  const were = new Set(filesIn(before))
  for (const file of filesIn(root)) if (!were.has(file)) fs.rmSync(join(root, file), { force: true })
  for (const file of were) {
    if (fs.existsSync(join(root, file))) continue
    fs.mkdirSync(dirname(join(root, file)), { recursive: true, mode: 0o700 })
    fs.copyFileSync(join(before, file), join(root, file))
  }
}

/** Without what Syncthing keeps there for itself, and what is being written. */
function filesIn(root: string): string[] {
  return fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((file) => !/^(\.st|tmp\/)|\.syncthing\./.test(file))
    .sort()
}

type Line = { what: string; id: string; text: string }

function linesOf(chaos: Chaos): Line[] {
  const texts = LABELS.map((label) => logOf(chaos, label)).filter((file) => fs.existsSync(file))
  return texts.flatMap((file) =>
    fs
      .readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line),
  )
}

/** Until every answer was consumed and both replicas are the same, or nothing more is to be hoped for. */
async function rest(chaos: Chaos, hosts: Host[]): Promise<void> {
  const over = () => {
    const lines = linesOf(chaos)
    const consumed = new Set(lines.filter(({ what }) => what === 'consumed').map(({ id }) => id))
    return lines.every(({ what, id }) => what !== 'asked' || consumed.has(id)) && stuckIn(hosts).length === 0
  }
  const patience = (chaos.graceSeconds * 4 + 60) * 1_000
  await until('every answer has come', over, patience).catch((error: Error) => chaos.say(error.message))
  await settled(hosts.map(({ node }) => node))
  const same = () => differences(hosts).length === 0
  await until('the replicas are the same', same).catch((error: Error) => chaos.say(error.message))
}

function stuckIn(hosts: Host[]): string[] {
  return hosts.flatMap(({ root, label }) =>
    filesIn(root)
      .filter((file) => /^inbox\/[^/]+\/(new|cur|open|held|asks)\//.test(file))
      .map((file) => `${label}: ${file}`),
  )
}

function differences([one, two]: Host[]): string[] {
  const [here, there] = [one, two].map((host) => new Set(filesIn((host as Host).root))) as [
    Set<string>,
    Set<string>,
  ]
  return [...[...here].filter((file) => !there.has(file)), ...[...there].filter((file) => !here.has(file))]
}

function count(chaos: Chaos, hosts: Host[]): Omit<Counts, 'kills'> {
  const lines = linesOf(chaos)
  const times = (what: string) => {
    const found = new Map<string, number>()
    for (const line of lines) if (line.what === what) found.set(line.id, (found.get(line.id) ?? 0) + 1)
    return found
  }
  const [asked, handed, consumed] = [times('asked'), times('handed'), times('consumed')]
  const twice = (of: Map<string, number>) => [...of].filter(([, n]) => n > 1).map(([id]) => id)
  const ids = [...asked.keys()]
  return {
    asked: ids.length,
    once: ids.filter((id) => handed.get(id) === 1 && consumed.get(id) === 1).length,
    handedTwice: twice(handed),
    consumedTwice: twice(consumed),
    lost: ids.filter((id) => !handed.has(id)),
    unanswered: ids.filter((id) => !consumed.has(id)),
    stuck: stuckIn(hosts),
    conflicts: hosts.flatMap(({ root }) => filesIn(root).filter((file) => file.includes('sync-conflict'))),
    different: differences(hosts),
    repaired: eventsIn(hosts, 'repaired'),
    returned: eventsIn(hosts, 'returned'),
    failed: lines.filter(({ what }) => what === 'failed').length,
  }
}

function eventsIn(hosts: Host[], event: string): number {
  const days = hosts.flatMap(({ state }) => journalsOf(state))
  return days.reduce(
    (sum, file) => sum + fs.readFileSync(file, 'utf8').split(`"event":"${event}"`).length - 1,
    0,
  )
}

function journalsOf(state: string): string[] {
  return fs.readdirSync(join(state, 'journal')).map((day) => join(state, 'journal', day))
}

/** The same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
