// Scan, list and ask in a mailbox that has been used for years, beside one that is new.

import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median, medianRatio, shown, spread } from './numbers.mjs'

const MESSAGES = 100_000
const LINKS = 20_000 // ext4 allows 65,000 to one file
const WARM_UP = 10
const ROUNDS = 150
const AIM = 1.1

export async function archive(workshop) {
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const fresh = openOffice(workshop, verbs, 'new')
  const full = openOffice(workshop, verbs, 'old')
  workshop.say(`${MESSAGES} messages into done/`)
  fill(verbs, join(full.tree.root, 'inbox', full.backend.address, 'done'))
  const lines = []
  for (const [name, act] of Object.entries(actions(verbs))) lines.push(await compare(name, act, fresh, full))
  return lines
}

function actions(verbs) {
  return {
    scan: ({ tree, backend }) => verbs.scan(tree, backend.address, 'new'),
    list: ({ tree }) => verbs.describePeers(tree),
    ask: ({ tree, backend, frontend }) =>
      verbs.ask(tree, frontend.address, frontend.process, { peer: backend.address, body: 'Which port?' }),
  }
}

async function compare(name, act, fresh, full) {
  const times = { fresh: [], full: [] }
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const both = { fresh, full }
    for (const which of round % 2 === 0 ? ['fresh', 'full'] : ['full', 'fresh']) {
      const took = await time(act, both[which])
      if (round >= 0) times[which].push(took)
    }
  }
  const ratio = medianRatio(times.full, times.fresh)
  return {
    what: `${name} with ${MESSAGES.toLocaleString('en-US')} messages in done/`,
    n: ROUNDS,
    ...spread(times.full),
    unit: 'ms',
    floor: { what: 'with none', p50: median(times.fresh) },
    over: `${shown(ratio)} ×`,
    ratio,
    aim: 'as with none',
    met: ratio <= AIM,
  }
}

async function time(act, office) {
  const start = process.hrtime.bigint()
  const result = await act(office)
  const took = Number(process.hrtime.bigint() - start) / 1e6
  if (result.id !== undefined) takeBack(office, result.id)
  return took
}

/** The next question finds the mailbox as this one did. */
function takeBack({ tree, backend, frontend }, id) {
  rmSync(join(tree.root, 'inbox', backend.address, 'new', `${id}.query.json`))
  rmSync(join(tree.root, 'inbox', frontend.address, 'asks', `${id}.blocked.json`))
}

function openOffice(workshop, verbs, name) {
  const home = workshop.home(`archive-${name}`)
  const tree = verbs.openTree(home.env)
  const register = (peer, pid) => {
    const directory = join(home.dir, peer)
    mkdirSync(directory)
    return verbs.register(tree, { agent: 'other', process: verbs.markOf(pid), directory })
  }
  const backend = register('backend', workshop.start(['sleep', '600']).pid)
  return { tree, backend, frontend: register('frontend', process.pid) }
}

function fill(verbs, done) {
  let first
  for (let n = 0; n < MESSAGES; n++) {
    const file = join(done, verbs.fileName(verbs.newId(), 'query'))
    if (n % LINKS !== 0) linkSync(first, file)
    else {
      first = file
      writeFileSync(file, '{}', { mode: 0o600 })
    }
  }
}
