// `list` where every peer is in a tmux pane: it looks at each, and a look is a process.

import { median, medianRatio, shown, spread } from './numbers.mjs'
import { closePanes, hasTmux, openPanes } from './panes.mjs'
import { hire } from './peers.mjs'

const PEERS = 100
const WARM_UP = 1
const ROUNDS = 5
const WHAT = `list ${PEERS} peers in tmux panes`

export async function list(workshop) {
  if (!hasTmux()) return [{ what: WHAT, notes: ['not measured: tmux is missing'] }]
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const home = workshop.home('list')
  const panes = openPanes(home, PEERS)
  const tree = verbs.openTree(home.env)
  const pids = panes.map(({ pid }) => pid)
  hire(verbs, tree, home, pids, panes)
  const acts = {
    own: () => verbs.describePeers(tree),
    floor: () => Promise.all(panes.map((pane) => verbs.look(pane))),
  }
  const times = { own: [], floor: [] }
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (const which of round % 2 === 0 ? ['own', 'floor'] : ['floor', 'own']) {
      const took = await time(acts[which])
      if (round >= 0) times[which].push(took)
    }
  closePanes(panes)
  return [lineOf(times)]
}

async function time(act) {
  const start = process.hrtime.bigint()
  await act()
  return Number(process.hrtime.bigint() - start) / 1e6
}

function lineOf({ own, floor }) {
  const ratio = medianRatio(own, floor)
  return {
    what: WHAT,
    n: own.length,
    ...spread(own),
    unit: 'ms',
    floor: { what: 'a tmux process for each', p50: median(floor) },
    over: `${shown(ratio)} ×`,
    ratio,
    aim: 'reported apart',
    notes: ['each in a window of its own, of one server'],
  }
}
