/**
 * Two machines ask each other all the time, while their nodes, their couriers, their agents and their folders suffer everything that
 * happens to folders that are synchronised. Seeded. mailbox-spec §6.1, §7.4
 */

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pinHost } from '../../src/spool/allowed.ts'
import { writeShare } from '../../src/spool/share.ts'
import { ownPublicKey } from '../../src/spool/signing.ts'
import { openTree } from '../../src/spool/tree.ts'
import { makeDice } from '../dice.ts'
import { type Host, makeHost, type Programs } from './host.ts'
import type { Point } from './peer.ts'
import { backUp, conflicts, differences, leftOver, restore } from './replica.ts'
import { type Node, settled, share, startNode } from './syncthing.ts'
import { judge, timesOf, type Verdict } from './verdict.ts'

/**
 * `everyMs`: between two questions of one side. `longMs`: how long a node is down or cut off. `medium`: two replicas, or one directory
 * that both have. `nudged`: the couriers tell Syncthing. `rescanMs`: after the last question, how often the nodes look through their folders.
 */
export type Plan = {
  dir: string
  seed: number
  questions: number
  everyMs: number
  longMs: number
  repairSeconds: number
  drainMs: number
  rescanMs: number
  medium: 'syncthing' | 'directory'
  nudged: boolean
  kills: number
  programs: Programs
  say(text: string): void
  /** What ends everything, also where nobody waits any more for how it comes out. */
  atEnd(end: () => Promise<void>): void
}

export type Outcome = {
  plan: { seed: number; questions: number; medium: string; nudged: boolean }
  faults: string[]
  verdict: Verdict
  p50: number
  p95: number
  conflicts: string[]
  leftOver: string[]
  differences: string[]
  /** From the last question until all was over, in ms; -1: never. */
  settledMs: number
  tookMs: number
}

/** What went wrong, each in a word; nothing where all is well. */
export function faultsOf({ verdict, conflicts, leftOver, differences }: Outcome): string[] {
  const { lost, handedTwice, consumedTwice, wrong, toldTwice } = verdict
  const bad = { lost, handedTwice, consumedTwice, wrong, toldTwice, conflicts, leftOver, differences }
  return Object.entries(bad).flatMap(([name, all]) => all.map((one) => `${name}: ${one}`))
}

const POINTS: Point[] = ['asked', 'handed', 'answered', 'got', 'handed-over']
const SLOW_MS = 300

type Scene = Plan & {
  hosts: Host[]
  nodes: Node[]
  dice: () => number
  faults: string[]
  sent: string[]
  over: boolean
}

export async function chaos(plan: Plan): Promise<Outcome> {
  const start = performance.now()
  const scene = {
    ...plan,
    hosts: [],
    nodes: [],
    dice: makeDice(plan.seed),
    faults: [],
    sent: [],
    over: false,
  }
  plan.atEnd(() => end(scene))
  try {
    await setUp(scene)
    return await play(scene, start)
  } finally {
    await end(scene)
  }
}

async function play(scene: Scene, start: number): Promise<Outcome> {
  for (const host of scene.hosts) host.peers[0]?.tell({ do: 'broadcast', body: `from ${host.label}` })
  await Promise.all([ask(scene), suffer(scene), killAgain(scene)])
  const settledMs = await drain(scene)
  return report(scene, settledMs, performance.now() - start)
}

/** Ends what was started, and lets nothing start any more. */
async function end(scene: Scene): Promise<void> {
  scene.over = true
  await Promise.all([...scene.nodes.map(({ stop }) => stop()), ...scene.hosts.map((host) => host.close())])
}

async function setUp(scene: Scene): Promise<void> {
  const { dir, medium, programs, nodes, hosts, nudged, repairSeconds } = scene
  const labels = ['a', 'b']
  const roots = labels.map((label) => join(dir, medium === 'directory' ? 'shared' : label, 'root'))
  if (medium === 'syncthing') await startNodes(scene, roots)
  for (const [n, label] of labels.entries())
    hosts.push(makeHost(join(dir, label), label, programs, { root: roots[n] }))
  for (const { root } of hosts) {
    const settings = { turns_per_hour: 0, repair_seconds: repairSeconds }
    writeFileSync(join(root, 'config.json'), JSON.stringify(settings), { mode: 0o600 })
    writeFileSync(join(root, '.stignore'), '/tmp\n')
  }
  if (nodes.length > 0) await share(nodes, { delaySeconds: nudged ? 10 : 1 })
  for (const [n, host] of hosts.entries()) {
    const node = nodes[n]
    if (nudged && node !== undefined) tellOf(node, host)
    for (const name of ['one', 'two']) await host.hire(name, SLOW_MS)
    await host.startCourier()
  }
  allowEachOther(hosts)
  await meet(hosts, nodes)
}

async function startNodes({ dir, nodes }: Scene, roots: string[]): Promise<void> {
  for (const [n, root] of roots.entries()) nodes.push(await startNode(join(dir, `node-${n}`), root))
}

/** As `repowire share syncthing` does. */
function tellOf({ api, key, folder }: Node, host: Host): void {
  writeShare(openTree(host.env), { kind: 'syncthing', api, key, folder, prefix: '' })
}

function allowEachOther(hosts: Host[]): void {
  const trees = hosts.map(({ env }) => openTree(env))
  for (const tree of trees)
    for (const other of trees)
      if (other !== tree) pinHost(tree, { host: other.host, host_id: '', key: ownPublicKey(other) })
}

/** Each replica has the cards of all. */
async function meet(hosts: Host[], nodes: Node[]): Promise<void> {
  const cards = hosts.flatMap(({ peers }) => peers.map(({ address }) => `peers/${address}.json`))
  if (nodes.length > 0) await settled(nodes)
  while (!hosts.every(({ root }) => cards.every((card) => existsSync(join(root, card))))) await sleep(50)
}

/** Every side asks at an even pace; which peers is by lot. */
async function ask(scene: Scene): Promise<void> {
  const { hosts, questions, everyMs } = scene
  for (let n = 0; n < questions; n += 1) {
    const [from, to] = n % 2 === 0 ? hosts : [...hosts].reverse()
    const [asker, answerer] = [pick(scene, from?.peers), pick(scene, to?.peers)]
    const body = `q${n}`
    scene.sent.push(body)
    asker.tell({ do: 'ask', to: answerer.address, body })
    if (n % 10 === 9) asker.tell({ do: 'notify', to: answerer.address, body: `n${n}` })
    await sleep(everyMs / 2)
  }
}

const AT: [number, string][] = [
  [0.06, 'a node is down'],
  [0.18, 'backup'],
  [0.26, 'lost index'],
  [0.33, 'old backup over it'],
  [0.41, 'partition'],
  [0.6, 'backup'],
  [0.7, 'rollback of a, index kept'],
  [0.84, 'rollback of b, index lost'],
]

async function suffer(scene: Scene): Promise<void> {
  for (const [share, fault] of AT) {
    while (scene.sent.length < share * scene.questions) await sleep(20)
    if (scene.nodes.length === 0 && !/over it|backup/.test(fault)) continue
    scene.say(`${scene.sent.length} asked: ${fault}`)
    if (fault !== 'backup') scene.faults.push(fault)
    await inflict(scene, fault)
  }
}

async function inflict(scene: Scene, fault: string): Promise<void> {
  const { hosts, nodes, longMs, dir } = scene
  const [, b] = nodes
  if (fault === 'backup') return takeBackups(hosts, dir)
  if (fault === 'old backup over it') return restore(join(dir, 'backup-b'), hosts[1]?.root as string, false)
  if (fault === 'partition') {
    await b?.pause()
    await sleep(longMs)
    return await b?.resume()
  }
  const at = fault.startsWith('rollback of a') ? 0 : 1
  const [node, host] = [nodes[at] as Node, hosts[at] as Host]
  await node.stop()
  if (fault.startsWith('rollback')) await rollBack(scene, host)
  else if (fault === 'a node is down') await sleep(longMs)
  if (fault.endsWith('index lost') || fault === 'lost index') node.loseIndex()
  if (!scene.over) await node.start()
}

function takeBackups(hosts: Host[], dir: string): void {
  for (const { root, label } of hosts) {
    const to = join(dir, `backup-${label}`)
    rmSync(to, { recursive: true, force: true })
    mkdirSync(to)
    backUp(root, to)
  }
}

async function rollBack(scene: Scene, host: Host): Promise<void> {
  await host.restartCourier(() => restore(join(scene.dir, `backup-${host.label}`), host.root, true))
}

/** kill -9: of couriers at any moment, of peers at each marked point in turn. */
async function killAgain(scene: Scene): Promise<void> {
  const { kills, questions, hosts } = scene
  for (let n = 0; n < kills; n += 1) {
    while (scene.sent.length < ((n + 0.5) / kills) * questions) await sleep(20)
    const host = pick(scene, hosts)
    if (n % 2 === 0) {
      const peer = pick(scene, host.peers)
      const at = POINTS[(n / 2) % POINTS.length] as Point
      peer.tell({ do: 'die', at })
      scene.faults.push(`kill of ${peer.address} when ${at}`)
      await Promise.race([peer.over(), sleep(scene.everyMs * 12)])
      await peer.kill()
      if (!scene.over) await peer.start()
    } else {
      scene.faults.push(`kill of the courier of ${host.label}`)
      await host.restartCourier()
    }
  }
}

/**
 * Until everything is over, or the time is. Meanwhile the nodes look through their folders, as they do each hour: what Syncthing itself has
 * overlooked, or leaves for a minute because it was removed, is counted in the time, not as lost.
 */
async function drain(scene: Scene): Promise<number> {
  const { hosts, nodes, sent, drainMs, rescanMs } = scene
  const roots = [...new Set(hosts.map(({ root }) => root))]
  const start = performance.now()
  const left = () => [leftOver, differences, conflicts].flatMap((look) => look(roots))
  const isOver = () => judge(hosts, sent).lost.length === 0 && left().length === 0
  let next = rescanMs
  for (let ms = 0; ms < drainMs; ms = performance.now() - start) {
    if (isOver()) return ms
    if (ms > next) {
      next += rescanMs
      scene.say(`not over, so the nodes look through their folders: ${[...new Set(left())].join(' ')}`)
      for (const node of nodes) await node.rescan()
    }
    await sleep(200)
  }
  return -1
}

function report(scene: Scene, settledMs: number, tookMs: number): Outcome {
  const { hosts, seed, questions, medium, nudged, faults, sent } = scene
  const roots = [...new Set(hosts.map(({ root }) => root))]
  const times = timesOf(hosts)
  const at = (share: number) => Math.round(times[Math.floor(times.length * share)] ?? 0)
  return {
    plan: { seed, questions, medium, nudged },
    faults,
    verdict: judge(hosts, sent),
    ...{ p50: at(0.5), p95: at(0.95) },
    conflicts: conflicts(roots),
    leftOver: leftOver(roots),
    differences: differences(roots),
    settledMs: Math.round(settledMs),
    tookMs: Math.round(tookMs),
  }
}

function pick<T>({ dice }: Scene, all: T[] = []): T {
  return all[Math.floor(dice() * all.length)] as T
}
