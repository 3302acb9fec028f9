// What reads the journal, with two days of heavy use in it, beside a journal that is new.

import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { median, medianRatio, shown, spread } from './numbers.mjs'

const BYTES_A_DAY = 25 * 2 ** 20
const DAY_MS = 86_400_000
const ROUNDS = 7

export async function journal(workshop) {
  const verbs = await workshop.load(import.meta.resolve('./verbs.ts'))
  const pid = workshop.start(['sleep', '600'], { stdio: 'ignore' }).pid
  const [fresh, full] = ['new', 'old'].map((name) => openOffice(workshop, verbs, name, pid))
  for (const daysAgo of [1, 0]) fillDay(verbs, full, new Date(Date.now() - daysAgo * DAY_MS))
  const lines = actsOf(verbs).map((act) => compare(act, fresh, full))
  process.kill(pid)
  return lines
}

function openOffice(workshop, verbs, name, pid) {
  const home = workshop.home(`journal-${name}`)
  const tree = verbs.openTree(home.env)
  const register = (peer, pid) => {
    const directory = join(home.dir, peer)
    mkdirSync(directory)
    return verbs.register(tree, { agent: 'other', process: verbs.markOf(pid), directory })
  }
  return { tree, backend: register('backend', pid), frontend: register('frontend', process.pid) }
}

/** What one exchange leaves in the journal, over and over. */
function fillDay(verbs, { tree, backend, frontend }, day) {
  const at = day.toISOString()
  const lines = []
  for (let size = 0; size < BYTES_A_DAY; ) {
    const text = exchangeLines(at, verbs.newId(), backend.address, frontend.address)
    lines.push(text)
    size += text.length
  }
  appendFileSync(join(tree.state, 'journal', `${at.slice(0, 10)}.jsonl`), lines.join(''))
}

function exchangeLines(at, id, backend, frontend) {
  const body = 'It listens on 8080: PORT in server/config.ts, which the environment may override. '.repeat(4)
  const entries = [
    { event: 'asked', peer: frontend, to: backend, body },
    { event: 'claimed', peer: backend },
    { event: 'typing', peer: backend, kind: 'query' },
    { event: 'entered', peer: backend, pressed: true, enters: 1 },
    { event: 'given', peer: backend, hook: 'prompt' },
    { event: 'replied', peer: backend, to: frontend, outcome: 'answered', by: 'stop', body },
    { event: 'ended', peer: backend, outcome: 'answered', by: 'stop' },
    { event: 'consumed', peer: frontend, hook: 'post-tool' },
  ]
  return entries.map(({ event, ...more }) => `${JSON.stringify({ at, event, id, ...more })}\n`).join('')
}

function actsOf(verbs) {
  const interrupt = ({ tree, backend }) =>
    verbs.endOpen(tree, backend, verbs.interrupted(backend, 'its turn was stopped', 'bench'))
  return [
    {
      what: 'a question that is interrupted',
      before: giveOne(verbs),
      act: interrupt,
      after: removeOne(verbs),
    },
    { what: 'gc, nothing to do', act: ({ tree }) => verbs.gc(tree) },
  ]
}

function giveOne(verbs) {
  return ({ tree, backend, frontend }) => {
    const question = { peer: backend.address, body: 'Which port does the server listen on?' }
    const { id } = verbs.ask(tree, frontend.address, frontend.process, question)
    const file = verbs.fileName(id, 'query')
    const { message } = verbs.read(tree, backend.address, 'new', { id, kind: 'query', file })
    verbs.claim(tree, backend.address, file)
    verbs.given(tree, backend, { text: verbs.frameText(verbs.frameFor(tree, message)), hook: 'prompt' })
    return id
  }
}

function removeOne(verbs) {
  return ({ tree, backend, frontend }, ended, id) => {
    if (ended !== 1) throw new Error(`${ended} questions were interrupted`)
    const remove = (address, state, kind) =>
      rmSync(join(tree.root, verbs.messagePath(address, state, verbs.fileName(id, kind))))
    remove(backend.address, 'dead', 'query')
    remove(frontend.address, 'new', 'reply')
    rmSync(join(tree.root, 'inbox', frontend.address, 'asks', `${id}.blocked.json`))
  }
}

function compare(act, fresh, full) {
  const times = { fresh: [], full: [] }
  for (let round = 0; round < ROUNDS; round++) {
    times.fresh.push(time(act, fresh))
    times.full.push(time(act, full))
  }
  const ratio = medianRatio(times.full, times.fresh)
  return {
    what: `${act.what}, ${(2 * BYTES_A_DAY) / 2 ** 20} MiB of journal`,
    n: ROUNDS,
    ...spread(times.full),
    unit: 'ms',
    floor: { what: 'with a new one', p50: median(times.fresh) },
    over: `${shown(ratio)} ×`,
    ratio,
    aim: 'reported apart',
  }
}

function time({ before, act, after }, office) {
  const prepared = before?.(office)
  const start = process.hrtime.bigint()
  const result = act(office)
  const took = Number(process.hrtime.bigint() - start) / 1e6
  after?.(office, result, prepared)
  return took
}
