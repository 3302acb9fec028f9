// ask → reply between two processes without an agent: every move, journal line and fsync, and the watch in between.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { readLines } from './lines.mjs'
import { median, medianRatio, shown, spread } from './numbers.mjs'

const WARM_UP = 40
const ROUNDS = 400

export async function exchange(workshop) {
  const home = workshop.home('exchange')
  for (const name of ['asker', 'answerer', 'raw/tmp', 'raw/there', 'raw/back'])
    mkdirSync(join(home.dir, name), { recursive: true })
  const programs = {
    asker: await workshop.bundle(import.meta.resolve('./exchange-asker.ts')),
    answerer: await workshop.bundle(import.meta.resolve('./exchange-answerer.ts')),
  }
  const launch = (name, ...args) =>
    workshop.start([process.execPath, programs[name], ...args], { env: home.env, cwd: join(home.dir, name) })

  const answered = new Map()
  const answerer = launch('answerer')
  const { promise: ready, resolve } = withResolvers()
  const gone = readLines(answerer, (line) => (line.ready ? resolve(line.ready) : answered.set(line.id, line)))
  const peer = await Promise.race([ready, gone])
  const asked = []
  await readLines(launch('asker', peer, String(WARM_UP + ROUNDS)), (line) => asked.push(line))
  answerer.stdin.end()
  await gone
  return [lineOf(asked.slice(WARM_UP).map((line) => ({ ...line, peer: answered.get(line.id) })))]
}

function lineOf(rounds) {
  const whole = rounds.map(({ start, end }) => end - start)
  const raw = rounds.map((round) => round.raw)
  const { p50, p95 } = spread(whole)
  return {
    what: 'ask → reply, two processes, no agent',
    n: rounds.length,
    p50,
    p95,
    unit: 'ms',
    floor: { what: '2 fsync’d publishes, 2 raw events', ...spread(raw) },
    over: `${shown(medianRatio(whole, raw))} ×`,
    aim: 'p50 ≤ 5 ms',
    met: p50 <= 5,
    notes: [stagesOf(rounds), missed(rounds), creation(rounds)],
  }
}

function stagesOf(rounds) {
  const stages = {
    ask: ({ start, asked }) => asked - start,
    'wake the answerer': ({ asked, peer }) => peer.woken - asked,
    'claim and give': ({ peer }) => peer.opened - peer.woken,
    'answer to wake of the asker': ({ peer, told, end }) => (told || end) - peer.opened,
    take: ({ told, end }) => (told ? end - told : 0),
  }
  const parts = Object.entries(stages).map(([name, of]) => `${name} ${shown(median(rounds.map(of)))}`)
  return `p50 in ms: ${parts.join(', ')}`
}

function creation(rounds) {
  return `creating an empty file took ${shown(median(rounds.map(({ created }) => created)))} ms here, and an exchange creates four`
}

function missed(rounds) {
  const late = rounds.filter(({ peer }) => peer.by === 'timer').length
  const silent = rounds.filter(({ told }) => told === 0).length
  return `of ${rounds.length} exchanges, ${late} were found by the answerer’s timer and ${silent} by the asker’s, not by an event`
}

// Promise.withResolvers comes with Node 22 only.
function withResolvers() {
  let resolve
  const promise = new Promise((done) => {
    resolve = done
  })
  return { promise, resolve }
}
