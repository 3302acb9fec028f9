// A root on the disk of one host, which the other has over sshfs.

import { exchange, joinHost, makeHost, openHosts, staff } from './machines-hosts.mjs'
import { listRaw, makeRawExchange, makeRawPlace, watchRaw } from './machines-raw.mjs'
import { aimed, inTurn, lineOf } from './machines-turns.mjs'

const EACH_WAY = { rounds: 9, within: 25_000 }
const AIM_MS = 1_000
const FLOOR = 'a raw file there and one back, listed every 250 ms'

export async function sshfs(workshop) {
  const places = await workshop.load(import.meta.resolve('./machines-places.ts'))
  const missing = places.withoutSshfs()
  if (missing) return [{ what: 'sshfs', notes: [`not measured: ${missing}`] }]
  const sshd = await places.startSshd()
  try {
    return await measure(workshop, sshd)
  } finally {
    await workshop.close()
    await sshd.close()
  }
}

async function measure(workshop, sshd) {
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const hosts = ['near', 'far'].map((label) => makeHost(workshop, 'sshfs', label))
  const [near, far] = hosts
  await sshd.mount(near.root, far.root, 'dir_cache=no')
  makeRawPlace(near.root)
  openHosts(verbs, hosts)
  for (const host of hosts) {
    host.peer = await staff(workshop, host)
    host.me = joinHost(verbs, host)
  }
  const ends = [
    { root: near.root, sees: watchRaw },
    { root: far.root, sees: listRaw },
  ]
  const acts = (from, to, raw) => ({
    own: () => exchange(verbs, from, from.me, to.peer, 0),
    floor: () => raw.exchange(0),
  })
  const lines = []
  for (const [from, to, way, what] of [
    [near, far, ends, 'the server asks'],
    [far, near, ends.toReversed(), 'the client asks'],
  ]) {
    workshop.say(`machines: sshfs, ${what}`)
    const raw = makeRawExchange(...way)
    const times = await inTurn(acts(from, to, raw), EACH_WAY)
    raw.close()
    lines.push(aimed(lineOf({ what: `sshfs, dir_cache=no, ${what}`, floor: FLOOR }, times), AIM_MS))
  }
  return lines
}
