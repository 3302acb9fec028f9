// A courier with three idle peers and nothing to do, watched for a while.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { shown } from './numbers.mjs'

const PEERS = 3
const SETTLE_MS = 3_000
const WATCH_MS = 20_000
const TICKS_A_SECOND = 100
const START_MS = 10_000
const EVENT_BYTES = 8

export async function courier(workshop) {
  if (!existsSync('/proc/self/io'))
    return [{ what: 'idle courier', notes: ['not measured: this system has no /proc/<pid>/io'] }]
  const home = workshop.home('courier')
  await hirePeers(workshop, home)
  const child = await startCourier(workshop, home)
  await pause(SETTLE_MS)
  const [before, files] = [usage(child.pid), filesIn(home)]
  await pause(WATCH_MS)
  const after = usage(child.pid)
  const changed = filesIn(home).filter((file) => !files.includes(file))
  child.kill('SIGTERM')
  return [lineOf(before, after, changed)]
}

/** The courier of this home, when it is in office; makes the home's root where there is none. */
export async function startCourier(workshop, { env }) {
  const { openTree } = await workshop.load(import.meta.resolve('./verbs.ts'))
  openTree(env)
  const child = workshop.start([process.execPath, workshop.dist('repowire.js'), 'daemon', 'run'], {
    env,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  for (const deadline = Date.now() + START_MS; !existsSync(join(env.REPOWIRE_STATE, 'courier.json')); ) {
    if (Date.now() > deadline) throw new Error(`no courier within ${START_MS} ms`)
    await pause(20)
  }
  return child
}

function lineOf(before, after, changed) {
  const difference = (name) => after[name] - before[name]
  const seconds = WATCH_MS / 1_000
  const cpu = (difference('ticks') / TICKS_A_SECOND / seconds) * 100
  // What V8 writes to wake its own threads is eight bytes to an event, and no file; a call with more is ours.
  const bytes = difference('wchar') - EVENT_BYTES * difference('syscw')
  const quiet = changed.length === 0 && bytes === 0 && difference('write_bytes') === 0
  return {
    what: `idle courier, ${PEERS} peers, ${seconds} s`,
    p50: bytes,
    unit: 'bytes written',
    over: `${shown(cpu)} % CPU`,
    cpu_percent: cpu,
    aim: '0 writes, ~0 % CPU',
    met: quiet && cpu < 0.5,
    notes: [
      `${changed.length} files changed; ${difference('syscr')} reads; its main thread was woken ${difference('switches')} times`,
    ],
  }
}

/** Sleeping processes whose session file says that they have been idle for long. */
async function hirePeers(workshop, home) {
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const tree = verbs.openTree(home.env)
  for (let n = 1; n <= PEERS; n++) {
    const directory = join(home.dir, `peer-${n}`)
    mkdirSync(directory)
    const { pid } = workshop.start(['sleep', '600'])
    const session_file = join(home.dir, `${pid}.json`)
    writeFileSync(session_file, JSON.stringify({ pid, status: 'idle', statusUpdatedAt: Date.now() - 60_000 }))
    verbs.register(tree, { agent: 'claude-code', process: verbs.markOf(pid), directory, session_file })
  }
}

function usage(pid) {
  const numbers = (file) =>
    Object.fromEntries(
      readFileSync(`/proc/${pid}/${file}`, 'utf8')
        .split('\n')
        .map((line) => line.split(/:\s+/)),
    )
  const { syscr, syscw, wchar, write_bytes } = numbers('io')
  const switches = numbers('status').voluntary_ctxt_switches
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  const counts = { syscr, syscw, wchar, write_bytes, switches, ticks: Number(user) + Number(system) }
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number(count)]))
}

/** Every file with what changes when it is written. */
function filesIn({ env }) {
  return [env.REPOWIRE_HOME, env.REPOWIRE_STATE].flatMap((dir) =>
    readdirSync(dir, { recursive: true }).map((name) => {
      const { ctimeMs, size } = statSync(join(dir, name))
      return `${name} ${ctimeMs} ${size}`
    }),
  )
}
