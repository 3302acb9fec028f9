/** Many peers, the processes that write to them and take their mail, and the ledger of every message. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Card, ProcessMark } from '../../src/protocol/card.ts'
import type { State } from '../../src/protocol/layout.ts'
import { markOf } from '../../src/spool/process.ts'
import { scan } from '../../src/spool/scan.ts'
import { openTree, type Tree } from '../../src/spool/tree.ts'
import { register } from '../../src/verbs/register.ts'
import { plainEnv, until } from '../world.ts'
import type { Line, Order, Seat } from './lines.ts'

/** `program`: repowire, `people`: people.ts, bundled. `sessions` of the peers are handed their mail by the courier, the others take it. */
export type Place = {
  dir: string
  program: string
  people: string
  peers: number
  sessions: number
  writers: number
  seed: number
}

type Ledger = {
  sent: Map<string, number>
  taken: Map<string, number>
  /** In ms, in the order in which they came. */
  publish: number[]
  delivery: number[]
  bare: number[]
}

export type Town = {
  tree: Tree
  env: Record<string, string>
  ledger: Ledger
  children: Set<ChildProcess>
  /** The writers write so many more, all together. */
  write(count: number): void
  /** Of all mailboxes, or of those of the sessions. */
  waiting(state: State, whose?: 'sessions'): number
  close(): void
}

/** Of each writer: enough to keep every process busy, and little enough that what is measured is not a queue. */
const AHEAD = 8
const CLERKS = 2

export async function openTown(place: Place): Promise<Town> {
  const env = makeHome(place.dir)
  const tree = openTree(env)
  const children = new Set<ChildProcess>()
  const { boxes, seats } = settle(tree, place, children)
  const sessions = seats.map(({ address }) => address)
  const ledger: Ledger = { sent: new Map(), taken: new Map(), publish: [], delivery: [], bare: [] }
  const writers: Worker[] = []
  const note = (line: Line) => {
    if ('writer' in line) writers[line.writer as number]?.({ do: 'go-on', taken: 1 })
    enter(ledger, line)
  }
  const hire = (role: string, n: number) => startWorker(place, env, children, `${role}-${n}`, note)
  const clerks = await Promise.all(Array.from({ length: CLERKS }, (_, n) => hire('clerk', n)))
  const client = await hire('client', 0)
  const served = clerks.map((clerk, n) =>
    clerk({ do: 'serve', addresses: boxes.filter((_, at) => at % CLERKS === n) }),
  )
  await Promise.all([...served, client({ do: 'sit', seats })])
  for (let n = 0; n < place.writers; n++) writers.push(await hire('writer', n))
  let rounds = 0
  return {
    ...{ tree, env, ledger, children },
    write: (count) => {
      const about = { do: 'write', boxes, sessions, ahead: AHEAD } as const
      for (const [writer, order] of writers.entries()) {
        const seed = place.seed * 1_000_003 + rounds++
        void order({ ...about, writer, seed, count: share(count, writers.length, writer) })
      }
    },
    waiting: (state, whose) =>
      (whose === undefined ? [...boxes, ...sessions] : sessions).flatMap((to) => scan(tree, to, state))
        .length,
    close: () => {
      for (const child of children) child.kill('SIGKILL')
    },
  }
}

/** Of so many in all what falls to the n-th. */
function share(count: number, all: number, n: number): number {
  return Math.floor((count * (n + 1)) / all) - Math.floor((count * n) / all)
}

function makeHome(dir: string): Record<string, string> {
  const root = join(dir, 'root')
  mkdirSync(root, { mode: 0o700 })
  // More than two agents may send each other.
  writeFileSync(join(root, 'config.json'), '{"turns_per_hour":0}')
  return plainEnv({ HOME: dir, REPOWIRE_HOME: root, REPOWIRE_STATE: join(dir, 'state') })
}

/** Each peer is a process that sleeps until this one ends. */
function settle(
  tree: Tree,
  { dir, peers, sessions }: Place,
  children: Set<ChildProcess>,
): { boxes: string[]; seats: Seat[] } {
  mkdirSync(join(dir, 'clients', 'sessions'), { recursive: true })
  const cards = Array.from({ length: peers }, (_, n) => {
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] })
    children.add(child)
    const directory = join(dir, `peer-${n}`)
    mkdirSync(directory)
    const session = { agent: 'claude-code', session_file: join(dir, 'clients', 'sessions', `${n}.json`) }
    const who = n < sessions ? session : { agent: 'other' }
    const mark = markOf(child.pid as number) as ProcessMark
    return register(tree, { ...(who as Pick<Card, 'agent'>), process: mark, directory })
  })
  const seats = cards.slice(0, sessions).map(({ address, session_file = '' }, n) => {
    return { address, socket: join(dir, `${n}.sock`), file: session_file }
  })
  return { boxes: cards.slice(sessions).map(({ address }) => address), seats }
}

/** Gives one order; resolves when the process says that it is ready, for which only the first one is waited for. */
type Worker = (order: Order) => Promise<void>

async function startWorker(
  { dir, people }: Place,
  env: Record<string, string>,
  children: Set<ChildProcess>,
  name: string,
  note: (line: Line) => void,
): Promise<Worker> {
  const cwd = join(dir, name)
  mkdirSync(cwd)
  const child = spawn(process.execPath, [people, name.split('-')[0] as string], {
    ...{ env, cwd },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.add(child)
  await once(child, 'spawn')
  let ready = false
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line
    if (line.event === 'ready') ready = true
    else note(line)
  })
  if (name.startsWith('writer')) await until(() => ready)
  return async (order) => {
    child.stdin.write(`${JSON.stringify(order)}\n`)
    await until(() => ready)
  }
}

function enter({ sent, taken, publish, delivery, bare }: Ledger, line: Line): void {
  if (line.event === 'bare') bare.push(line.ms)
  if (line.event === 'sent') {
    count(sent, line.id)
    publish.push(line.ms)
  }
  if (line.event !== 'taken') return
  count(taken, line.id)
  if (line.ms !== undefined) delivery.push(line.ms)
}

function count(times: Map<string, number>, id: string): void {
  times.set(id, (times.get(id) ?? 0) + 1)
}
