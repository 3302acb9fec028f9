// What peers do every day, in a tree that has been used for years, beside one that is new.

import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { actsOf } from './archive-acts.mjs'
import { fillDone } from './exchanges.mjs'
import { median, medianRatio, shown, spread } from './numbers.mjs'
import { hire, startSleepers } from './peers.mjs'

const MESSAGES = 100_000
const PEERS = 500
const WARM_UP = 8
const AIM = 1.1

export async function archive(workshop) {
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const pids = startSleepers(workshop, PEERS)
  const newcomer = startSleepers(workshop, 1)[0]
  workshop.say(`${PEERS} peers in each of two trees, ${MESSAGES} messages into done/ of one`)
  const fresh = openOffice(workshop, verbs, 'new', pids)
  const full = openOffice(workshop, verbs, 'old', pids)
  fillDone(verbs, full.tree, full.cards, MESSAGES, { linked: true })
  spawnSync('sync') // nobody's fsync is to write what was filled in
  const lines = []
  for (const act of actsOf(verbs, newcomer)) {
    workshop.say(`archive: ${act.what}`)
    lines.push(await compare(act, fresh, full))
  }
  for (const pid of [...pids, newcomer]) process.kill(pid)
  lines[0].notes = [aboutOf(verbs, full)]
  return lines
}

function aboutOf(verbs, { tree, cards }) {
  const [first, second] = cards.map(({ address }) => verbs.scan(tree, address, 'done').length)
  return `${PEERS} living peers in both trees (processes that sleep, with session files of an idle client); ${first} messages in done/ of the peer that is asked, about ${second} in each other’s; texts of 300 and 400 characters, in a few files with up to 20,000 links each`
}

/** In turn, and each first every second time. */
async function compare(act, fresh, full) {
  const times = { fresh: [], full: [] }
  const both = { fresh, full }
  for (let round = -Math.min(WARM_UP, act.rounds); round < act.rounds; round++) {
    for (const which of round % 2 === 0 ? ['fresh', 'full'] : ['full', 'fresh']) {
      const took = await time(act, both[which])
      if (round >= 0) times[which].push(took)
    }
  }
  return lineOf(act, times)
}

function lineOf({ what, rounds }, { fresh, full }) {
  const ratio = medianRatio(full, fresh)
  return {
    what: `${what}, ${MESSAGES.toLocaleString('en-US')} in done/`,
    n: rounds,
    ...spread(full),
    unit: 'ms',
    floor: { what: 'with none', p50: median(fresh) },
    over: `${shown(ratio)} ×`,
    ratio,
    aim: 'as with none',
    met: ratio <= AIM,
  }
}

async function time({ before, act, after }, office) {
  const prepared = before?.(office)
  const start = process.hrtime.bigint()
  const result = await act(office, prepared)
  const took = Number(process.hrtime.bigint() - start) / 1e6
  after?.(office, result, prepared)
  return took
}

/** `backend` is asked by `frontend`, which is this process. */
function openOffice(workshop, verbs, name, pids) {
  const home = workshop.home(`archive-${name}`)
  const tree = verbs.openTree(home.env)
  const cards = hire(verbs, tree, home, pids)
  const directory = join(home.dir, 'frontend')
  mkdirSync(directory)
  const frontend = verbs.register(tree, { agent: 'other', process: verbs.markOf(process.pid), directory })
  return { home, tree, cards, backend: cards[0], frontend, memories: new Map() }
}
