// Hosts that share a root, with a courier of their own each, and an exchange between two of them.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startCourier } from './courier.mjs'
import { readLines } from './lines.mjs'

// A question comes out of the quiet, as an agent's does.
const QUIET_MS = 600
const PATIENCE_MS = 90_000

/** A place with a label; its root may still be mounted or shared. */
export function makeHost(workshop, name, label) {
  const home = workshop.home(`${name}-${label}`)
  const state = home.env.REPOWIRE_STATE
  mkdirSync(state, { mode: 0o700 })
  const host_id = Buffer.from(label).toString('hex').padEnd(32, '0')
  writeFileSync(join(state, 'host.json'), JSON.stringify({ label, host_id }), { mode: 0o600 })
  return { ...home, root: home.env.REPOWIRE_HOME }
}

/** Their trees; each takes the mail of every other. */
export function openHosts(verbs, hosts) {
  for (const host of hosts) host.tree = verbs.openTree(host.env)
  for (const { tree } of hosts)
    for (const other of hosts.filter((one) => one.tree !== tree))
      verbs.pinHost(tree, { host: other.tree.host, host_id: '', key: verbs.ownPublicKey(other.tree) })
}

/** The courier of this host and a peer of it that answers; the peer's address. */
export async function staff(workshop, host) {
  await startCourier(workshop, host)
  const program = await workshop.bundle(import.meta.resolve('./machines-answerer.ts'))
  const cwd = join(host.dir, 'answerer')
  mkdirSync(cwd)
  const child = workshop.start([process.execPath, program], { env: host.env, cwd })
  return await new Promise((resolve, reject) => {
    readLines(child, (line) => resolve(line.ready), 600_000).catch(reject)
  })
}

/** This process as a peer of that host. */
export function joinHost(verbs, { tree, dir }) {
  const directory = join(dir, 'asker')
  mkdirSync(directory)
  return verbs.register(tree, { agent: 'other', process: verbs.markOf(process.pid), directory })
}

/** How long it takes in ms until the answer is there of a peer that thinks for so long. */
export async function exchange(verbs, { tree }, me, peer, thinks) {
  const hints = verbs.makeHints()
  const watch = verbs.watchForWaiter(tree, me.address, hints.poke)
  await pause(QUIET_MS)
  const start = performance.now()
  const { id } = verbs.ask(tree, me.address, me.process, { peer, body: String(thinks) })
  const reply = await verbs.awaitReply(tree, me.address, me.process, id, { milliseconds: PATIENCE_MS, hints })
  const took = performance.now() - start
  await watch.close()
  if (reply?.outcome !== 'answered') throw new Error(`no answer within ${PATIENCE_MS} ms`)
  verbs.handOver(tree, me, id, 'post-tool')
  return took
}
