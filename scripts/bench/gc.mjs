// Retention over what years leave behind, beside the least that it can be: the same names read, the same files unlinked.

import { spawnSync } from 'node:child_process'
import { readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fillDone } from './exchanges.mjs'
import { shown } from './numbers.mjs'
import { hire, startSleepers } from './peers.mjs'

const MESSAGES = 100_000
const PEERS = 500
const LITTLE = 1_000
const REMOVED = 10_000 // a busy disk needs a minute for more
const YOUNG = { days: 1_000 }
// When a file came where it is cannot be set back, so everything that lies there now is to count.
const OLD = { days: 0 }

export async function gc(workshop) {
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const pids = startSleepers(workshop, PEERS)
  workshop.say(`gc: ${MESSAGES} messages, and ${REMOVED} to be unlinked`)
  const own = openOffice(workshop, verbs, 'own', pids, MESSAGES)
  const floor = openOffice(workshop, verbs, 'floor', pids, 2 * REMOVED) // half of them in one mailbox, as of the others
  spawnSync('sync') // what is on its way to the disk is removed sooner than what is there
  const lines = [...looks(verbs, own), removal(verbs, own, floor)]
  for (const pid of pids) process.kill(pid)
  return lines
}

function openOffice(workshop, verbs, name, pids, messages) {
  const home = workshop.home(`gc-${name}`)
  const tree = verbs.openTree(home.env)
  fillDone(verbs, tree, hire(verbs, tree, home, pids), messages)
  return tree
}

/** What it costs to remove nothing. */
function looks(verbs, tree) {
  const few = { ...OLD, limit: LITTLE }
  const notes = [
    'all messages came here a minute ago and say in their names that they are 40 to 400 days old; --days 0',
  ]
  return [
    { ...look(verbs, tree, 'nothing is old', YOUNG, 0), notes },
    look(verbs, tree, 'a dry run', OLD, MESSAGES),
    look(verbs, tree, `the first ${LITTLE} (as the courier), a dry run`, few, LITTLE),
  ]
}

function look(verbs, tree, what, retention, count) {
  const floor = milliseconds(() => namesIn(verbs, tree))
  const own = milliseconds(() => collect(verbs, tree, { ...retention, dryRun: true }, count))
  return lineOf(what, own, { what: 'reading the names', p50: floor })
}

/** Half of the floor is measured before and half after: a file system gets slower while it forgets. */
function removal(verbs, tree, other) {
  const files = namesIn(verbs, other).slice(0, REMOVED)
  const unlink = (some) => milliseconds(() => some.forEach((file) => void unlinkSync(file)))
  const before = unlink(files.slice(0, REMOVED / 2))
  const own = milliseconds(() => collect(verbs, tree, { ...OLD, limit: REMOVED }, REMOVED))
  const floor = before + unlink(files.slice(REMOVED / 2))
  const what = `${REMOVED.toLocaleString('en-US')} are removed`
  return lineOf(what, own, { what: 'unlinking as many', p50: floor }, REMOVED)
}

function collect(verbs, tree, retention, count) {
  const { messages } = verbs.gc(tree, retention)
  if (messages.length !== count) throw new Error(`it chose ${messages.length} messages, and not ${count}`)
}

function namesIn(verbs, tree) {
  return verbs.mailboxesOfHost(tree).flatMap((address) => {
    const done = join(tree.root, 'inbox', address, 'done')
    return readdirSync(done).map((name) => join(done, name))
  })
}

function milliseconds(act) {
  const start = process.hrtime.bigint()
  act()
  return Number(process.hrtime.bigint() - start) / 1e6
}

function lineOf(what, own, floor, messages = MESSAGES) {
  return {
    what: `gc of ${MESSAGES.toLocaleString('en-US')} messages, ${what}`,
    n: 1,
    p50: own,
    unit: 'ms',
    floor,
    over: `${shown(own / floor.p50)} ×, ${shown((own / messages) * 1_000)} µs a message`,
    ratio: own / floor.p50,
    aim: 'reported apart',
  }
}
