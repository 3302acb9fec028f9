// Two nodes of Syncthing, each with a courier that tells it of what is new, and without.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exchange, joinHost, makeHost, openHosts, staff } from './machines-hosts.mjs'
import { makeRawExchange, makeRawPlace, watchRaw } from './machines-raw.mjs'
import { aimed, inTurn, lineOf } from './machines-turns.mjs'

const TOLD = { rounds: 12, within: 35_000 }
const UNTOLD = { rounds: 3, within: 50_000, warmUp: 0 }
const THINKS_MS = 500
const AIM_MS = 150
const FLOOR = 'a raw file there and one back, told'

export async function syncthing(workshop) {
  const places = await workshop.load(import.meta.resolve('./machines-places.ts'))
  const missing = places.withoutSyncthing()
  if (missing) return [{ what: 'two nodes of Syncthing', notes: [`not measured: ${missing}`] }]
  const nodes = []
  try {
    return await measure(workshop, places, nodes)
  } finally {
    for (const node of nodes) await node.stop()
  }
}

async function measure(workshop, places, nodes) {
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const hosts = ['alpha', 'beta'].map((label) => makeHost(workshop, 'syncthing', label))
  for (const { dir, root } of hosts) nodes.push(await places.startNode(join(dir, 'syncthing'), root))
  const [alpha, beta] = hosts
  makeRawPlace(alpha.root)
  openHosts(verbs, hosts)
  await places.share(nodes)
  const [me, [, peer]] = [joinHost(verbs, alpha), [await staff(workshop, alpha), await staff(workshop, beta)]]
  await places.settled(nodes)
  await places.until('each knows the other', () => knows(alpha, peer) && knows(beta, me.address))
  await places.until('the raw directories are there', () => existsSync(join(beta.root, 'raw/back')))
  const raw = makeRawExchange(...hosts.map((host, at) => rawEnd(host, nodes[at])))
  const acts = (thinks) => ({
    own: () => exchange(verbs, alpha, me, peer, thinks),
    floor: () => raw.exchange(thinks),
  })
  tell(verbs, hosts, nodes)
  workshop.say('machines: told')
  const [atOnce, later] = [await inTurn(acts(0), TOLD), await inTurn(acts(THINKS_MS), TOLD)]
  for (const { tree } of hosts) verbs.forgetShare(tree)
  workshop.say('machines: not told, which takes 20 s for each')
  const untold = await inTurn({ own: acts(0).own }, UNTOLD)
  raw.close()
  return linesOf(atOnce, later, untold)
}

const knows = ({ root }, address) =>
  existsSync(join(root, 'peers', `${address}.json`)) && existsSync(join(root, 'inbox', address, 'asks'))

function rawEnd({ root }, node) {
  const told = (file) => void node.call('POST', `/rest/db/scan?folder=${node.folder}&sub=${file}`)
  return { root, sees: watchRaw, told }
}

function tell(verbs, hosts, nodes) {
  for (const [at, { tree }] of hosts.entries()) {
    const { api, key, folder } = nodes[at]
    verbs.writeShare(tree, { kind: 'syncthing', api, key, folder, prefix: '' })
  }
}

function linesOf(atOnce, later, untold) {
  const thinks = `${THINKS_MS / 1_000} s`
  const about = (what, more = {}) => ({
    what: `Syncthing, ${what}`,
    floor: FLOOR,
    aim: 'reported apart',
    ...more,
  })
  return [
    lineOf(about('told, the peer answers at once'), atOnce),
    lineOf(about(`told, the peer takes ${thinks}`), later),
    aimed(lineOf(about(`told, less the ${thinks} of the peer`), later, THINKS_MS), AIM_MS),
    lineOf(
      about('not told, at once', {
        notes: [
          'the watcher of each node gathers changes for ten seconds; the floor is the told one of this run',
        ],
      }),
      { own: untold.own, floor: atOnce.floor },
    ),
  ]
}
