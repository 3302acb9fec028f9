/**
 * One "machine" of several on this one: a HOME, a state directory and a label of its own, its replica of the tree, its own courier
 * from dist/, and peers. Ends nothing but what it started.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command, Line } from './peer.ts'
import { until } from './syncthing.ts'

const PATIENCE_MS = 20_000

/** repowire itself, and the scripted peer, bundled. */
export type Programs = { repowire: string; peer: string }

/** `slow`: its answers take up to so many ms. `restarts`: how often it was started. */
type Peer = {
  address: string
  tell(command: Command): void
  lines(): Line[]
  /** Resolves when its process is over, by whatever. */
  over(): Promise<void>
  isOver(): boolean
  kill(): Promise<void>
  start(): Promise<void>
}

export type Host = {
  label: string
  dir: string
  root: string
  env: Record<string, string>
  peers: Peer[]
  hire(name: string, slow?: number): Promise<Peer>
  startCourier(): Promise<void>
  /** kill -9, and what happens before the next one; one after the other, whoever asks for it. */
  restartCourier(between?: () => void): Promise<void>
  /** The lines of its journal. */
  journal(): { event: string; id?: string; peer?: string; body?: string }[]
  close(): Promise<void>
}

/** `root`: where the tree is, if not in `dir`. `node`: words for node itself, such as a module that shifts the clock. */
export function makeHost(
  dir: string,
  label: string,
  programs: Programs,
  { root = join(dir, 'root'), node = [] }: { root?: string; node?: string[] } = {},
): Host {
  const state = join(dir, 'state')
  for (const one of [dir, root, state]) mkdirSync(one, { recursive: true, mode: 0o700 })
  const id = { label, host_id: randomBytes(16).toString('hex') }
  writeFileSync(join(state, 'host.json'), JSON.stringify(id), { mode: 0o600 })
  const { PATH = '', LANG = 'C.UTF-8' } = process.env
  const env = { PATH, LANG, HOME: dir, REPOWIRE_HOME: root, REPOWIRE_STATE: state }
  const err = openSync(join(dir, 'stderr'), 'a')
  const run = (words: string[], cwd: string) =>
    spawn(process.execPath, [...node, ...words], { env, cwd, stdio: ['pipe', 'ignore', err] })
  let courier: ChildProcess | undefined
  let restarting: Promise<void> = Promise.resolve()
  let closed = false
  const peers: Peer[] = []
  const host: Host = {
    ...{ label, dir, root, env, peers },
    hire: async (name, slow = 0) => {
      const peer = makePeer(host, name, (log, cwd) => run([programs.peer, log, String(slow)], cwd))
      peers.push(peer)
      await peer.start()
      return peer
    },
    startCourier: async () => {
      if (closed) return
      courier = run([programs.repowire, 'daemon', 'run', '--stay'], dir)
      const { pid } = courier
      const inOffice = () => readIfThere(join(state, 'courier.json')).includes(`"pid":${pid},`)
      await until(`the courier of ${label} is in office`, inOffice, PATIENCE_MS)
    },
    restartCourier: async (between) => {
      const before = restarting
      restarting = (async () => {
        await before
        await kill(courier)
        between?.()
        await host.startCourier()
      })()
      await restarting
    },
    journal: () => linesOf(readAll(join(state, 'journal'))),
    close: async () => {
      closed = true
      await Promise.all([kill(courier), ...peers.map((peer) => peer.kill())])
    },
  }
  return host
}

function makePeer(host: Host, name: string, run: (log: string, cwd: string) => ChildProcess): Peer {
  const [cwd, log] = [join(host.dir, 'src', name), join(host.dir, `${name}.jsonl`)]
  mkdirSync(join(cwd, '.git'), { recursive: true })
  let child: ChildProcess
  let ready = false
  const told: Command[] = []
  const lines = () => linesOf(readIfThere(log)) as Line[]
  const write = (command: Command) => void child.stdin?.write(`${JSON.stringify(command)}\n`)
  const isBegun = (body: string) => lines().some((line) => line.event === 'asking' && line.body === body)
  return {
    address: `${name}@${host.label}`,
    tell: (command) => {
      told.push(command)
      if (ready && !isOver(child)) write(command)
    },
    lines,
    over: async () => {
      if (!isOver(child)) await once(child, 'exit')
    },
    isOver: () => isOver(child),
    kill: async () => await kill(child),
    start: async () => {
      ready = false
      child = run(log, cwd)
      child.stdin?.on('error', () => {}) // it was killed: its log tells
      const isReady = () => lines().some(({ pid, event }) => pid === child.pid && event === 'ready')
      await until(`${name} is ready`, isReady, PATIENCE_MS)
      ready = true
      // What the one before it was told and did not begin.
      for (const command of told) if (command.do === 'ask' && !isBegun(command.body)) write(command)
    },
  }
}

const isOver = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

async function kill(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || isOver(child)) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

function readAll(dir: string): string {
  return readdirIfThere(dir)
    .map((name) => readFileSync(join(dir, name), 'utf8'))
    .join('')
}

function readdirIfThere(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir).sort() : []
}

/** A line that a kill tore is passed over. */
function linesOf<T>(text: string): T[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as T]
    } catch {
      return []
    }
  })
}
