// Fifty hosts with twenty peers each in one tree, as one of them sees it, beside a host that is alone with its twenty.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { makeHost } from './machines-hosts.mjs'
import { inTurn, lineOf } from './machines-turns.mjs'
import { hire, startSleepers } from './peers.mjs'

const HOSTS = 50
const PEERS = 20
const EACH = { rounds: 40, within: 8_000, warmUp: 5 }

export async function scale(workshop) {
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const pids = startSleepers(workshop, PEERS)
  const many = openOffice(workshop, verbs, pids, HOSTS)
  const alone = openOffice(workshop, verbs, pids, 1)
  const lines = []
  for (const [what, act] of Object.entries(actsOf(verbs))) {
    const timed = (office) => async () => await time(() => act(office))
    const times = await inTurn({ own: timed(many), floor: timed(alone) }, EACH)
    const about = { what: `${HOSTS} hosts × ${PEERS} peers, ${what}`, floor: '1 host', aim: 'reported apart' }
    lines.push(lineOf(about, times))
  }
  for (const pid of pids) process.kill(pid)
  lines[0].notes = ['peers of other hosts are cards and mailboxes; each host has shown that it is there']
  return lines
}

function actsOf(verbs) {
  return {
    'scan one mailbox': ({ tree, backend }) => verbs.scan(tree, backend, 'new'),
    'scan all of one host': ({ tree }) =>
      verbs.mailboxesOfHost(tree).map((address) => verbs.scan(tree, address, 'new')),
    'list the peers': ({ tree }) => verbs.describePeers(tree),
    'look whether each host is there': ({ tree }) => verbs.lookAtOthers(tree),
    'show that this host is there': ({ tree, mine }) => verbs.beat(tree, mine),
  }
}

/** As the first of so many hosts sees it. */
function openOffice(workshop, verbs, pids, count) {
  return Array.from({ length: count }, (_, n) => openHost(workshop, verbs, pids, count, n))[0]
}

function openHost(workshop, verbs, pids, count, n) {
  const host = makeHost(workshop, `scale-${count}`, `host${n + 1}`)
  const root = join(host.dir, '..', `scale-${count}-root`)
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const tree = verbs.openTree({ ...host.env, REPOWIRE_HOME: root })
  const [{ address }] = hire(verbs, tree, host, pids)
  const mine = verbs.newBeat(tree)
  verbs.beat(tree, mine)
  return { tree, backend: address, mine }
}

async function time(act) {
  const start = performance.now()
  await act()
  return performance.now() - start
}
