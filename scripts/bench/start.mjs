// What a person waits for at a shell: a command that looks, beside `node -e 0`, each started right beside the other.

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median, medianRatio, shown, spread } from './numbers.mjs'
import { closePanes, hasTmux, openPanes } from './panes.mjs'
import { hire, startSleepers } from './peers.mjs'

const WARM_UP = 3
const ROUNDS = 45
const PEERS = 20

export async function start(workshop) {
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const home = workshop.home('start')
  settle(verbs, home, startSleepers(workshop, PEERS))
  const program = workshop.dist('repowire.js')
  const help = measure([program, '--help'], home.env)
  const peers = measure([program, 'peers'], home.env)
  const lines = [
    lineOf('repowire --help', help, 2),
    lineOf(`repowire peers, ${PEERS} peers`, peers, 2.5, ['in no tmux panes']),
  ]
  return hasTmux() ? [...lines, inPanes(verbs, workshop.home('start-panes'), program)] : lines
}

/** The same where each is in a pane: a tmux process has to be waited for. */
function inPanes(verbs, home, program) {
  const panes = openPanes(home, PEERS)
  const pids = panes.map(({ pid }) => pid)
  settle(verbs, home, pids, panes)
  const peers = measure([program, 'peers'], home.env)
  closePanes(panes)
  return lineOf(`repowire peers, ${PEERS} peers in tmux panes`, peers)
}

function settle(verbs, home, pids, panes) {
  for (const { directory } of hire(verbs, verbs.openTree(home.env), home, pids, panes))
    makeRepository(directory)
}

/** As much of one as its branch is read from. */
function makeRepository(directory) {
  mkdirSync(join(directory, '.git'))
  writeFileSync(join(directory, '.git', 'HEAD'), 'ref: refs/heads/main\n')
}

/** The order changes from round to round: the second of two is not always the warmer one. */
function measure(args, env) {
  const times = { own: [], base: [] }
  const all = { own: args, base: ['-e', '0'] }
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (const which of round % 2 === 0 ? ['own', 'base'] : ['base', 'own']) {
      const took = time(all[which], env)
      if (round >= 0) times[which].push(took)
    }
  return times
}

function time(args, env) {
  const start = process.hrtime.bigint()
  const { status } = spawnSync(process.execPath, args, { env })
  if (status !== 0) throw new Error(`node ${args.join(' ')} exited ${status}`)
  return Number(process.hrtime.bigint() - start) / 1e6
}

function lineOf(what, { own, base }, most, notes = []) {
  const ratio = medianRatio(own, base)
  return {
    what,
    n: own.length,
    ...spread(own),
    unit: 'ms',
    floor: { what: 'node -e 0', p50: median(base) },
    over: `${shown(ratio)} ×`,
    ratio,
    aim: most === undefined ? 'reported apart' : `≤ ${most} ×`,
    met: most === undefined ? undefined : ratio <= most,
    notes,
  }
}
