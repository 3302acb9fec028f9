// Couriers with idle peers and nothing to do, a few and many, watched over the same time.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { shown } from './numbers.mjs'
import { hire, startSleepers } from './peers.mjs'

const SIZES = [
  { peers: 3, ended: 0 },
  { peers: 500, ended: 0 },
  { peers: 500, ended: 497 },
]
// Long enough to set five hundred watches and to have gone once over everything.
const SETTLE_MS = 12_000
const WATCH_MS = 30_000
const TICKS_A_SECOND = 100
const START_MS = 10_000
const EVENT_BYTES = 8
const AIM_PERCENT = 0.5

export async function courier(workshop) {
  if (!existsSync('/proc/self/io'))
    return [{ what: 'idle courier', notes: ['not measured: this system has no /proc/<pid>/io'] }]
  const watched = []
  for (const size of SIZES) watched.push(await openOffice(workshop, size))
  await pause(SETTLE_MS)
  const before = watched.map(usage)
  await pause(WATCH_MS)
  const after = watched.map(usage)
  for (const { child, floor, living } of watched) end([child.pid, floor.pid, ...living])
  return SIZES.map((size, at) => lineOf(size, before[at], after[at]))
}

/** The courier of this home, when it is in office; makes the home's root where there is none. */
export async function startCourier(workshop, { env }) {
  const { openTree } = await workshop.load(import.meta.resolve('./verbs.ts'))
  openTree(env)
  const child = launch(workshop, env, workshop.dist('repowire.js'), 'daemon', 'run')
  for (const deadline = Date.now() + START_MS; !existsSync(join(env.REPOWIRE_STATE, 'courier.json')); ) {
    if (Date.now() > deadline) throw new Error(`no courier within ${START_MS} ms`)
    await pause(20)
  }
  return child
}

function launch(workshop, env, ...command) {
  const stdio = ['ignore', 'ignore', 'inherit']
  return workshop.start([process.execPath, ...command], { env, cwd: '/', stdio })
}

/** A home with these peers, its courier, and a process with the same watches. */
async function openOffice(workshop, { peers, ended }) {
  const home = workshop.home(`courier-${peers}-${ended}`)
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const pids = startSleepers(workshop, peers)
  hire(verbs, verbs.openTree(home.env), home, pids)
  end(pids.slice(peers - ended))
  const watches = await workshop.bundle(import.meta.resolve('./courier-watches.ts'))
  const child = await startCourier(workshop, home)
  return { home, child, floor: launch(workshop, home.env, watches), living: pids.slice(0, peers - ended) }
}

function end(pids) {
  for (const pid of pids) process.kill(pid)
}

function lineOf({ peers, ended }, before, after) {
  const [own, floor] = ['child', 'floor'].map((name) => differences(before[name], after[name]))
  const changed = [...after.files].filter((file) => !before.files.has(file))
  // What V8 writes to wake its own threads is eight bytes to an event, and no file; a call with more is ours.
  const bytes = own.wchar - EVENT_BYTES * own.syscw
  const quiet = changed.length === 0 && bytes === 0 && own.write_bytes === 0
  const [cpu, least] = [own, floor].map(({ ticks }) => (ticks / TICKS_A_SECOND / (WATCH_MS / 1_000)) * 100)
  return {
    what: `idle courier, ${peers} peers${ended > 0 ? `, ${ended} of them ended` : ''}, ${WATCH_MS / 1_000} s`,
    p50: bytes,
    unit: 'bytes written',
    over: `${shown(cpu)} % CPU (the same watches alone: ${shown(least)} %)`,
    cpu_percent: cpu,
    floor_cpu_percent: least,
    aim: '0 writes, ~0 % CPU',
    met: quiet && cpu < AIM_PERCENT,
    notes: [
      `${changed.length} files changed; ${own.syscr} reads; its main thread was woken ${own.switches} times`,
    ],
  }
}

function differences(before, after) {
  return Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]))
}

function usage({ home, child, floor }) {
  return { child: usageOf(child.pid), floor: usageOf(floor.pid), files: filesIn(home) }
}

function usageOf(pid) {
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
  const files = [env.REPOWIRE_HOME, env.REPOWIRE_STATE].flatMap((dir) =>
    readdirSync(dir, { recursive: true }).map((name) => {
      const { ctimeMs, size } = statSync(join(dir, name))
      return `${name} ${ctimeMs} ${size}`
    }),
  )
  return new Set(files)
}
