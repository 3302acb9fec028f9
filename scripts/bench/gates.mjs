// What looking before typing costs: a question on its way to a real, idle client, beside the same paste and Enter blind.

import { spawnSync } from 'node:child_process'
import { readLines } from './lines.mjs'
import { median, medianDifference, shown, signed, spread } from './numbers.mjs'

const ROUNDS = 16
const WARM_UP = 1
const WITHIN_MS = 120_000
const FETCH_MS = 300_000
const AIM_MS = 100
const WHAT = 'publish → prompt hook of an idle client'

export async function gates(workshop) {
  const why = await missing(workshop)
  if (why !== undefined) return [{ what: WHAT, notes: [`not measured: ${why}`] }]
  const rounds = []
  const program = await workshop.bundle(import.meta.resolve('./gates-client.ts'))
  const command = [process.execPath, program, String(WARM_UP + ROUNDS)]
  await readLines(workshop.start(command, { env: process.env }), (line) => rounds.push(line), WITHIN_MS)
  return [lineOf(rounds.slice(WARM_UP))]
}

async function missing(workshop) {
  if (spawnSync('tmux', ['-V']).status !== 0) return 'tmux is missing'
  let why
  const looking = workshop.start(
    [process.execPath, await workshop.bundle(import.meta.resolve('./client-there.ts'))],
    {
      env: process.env,
    },
  )
  await readLines(looking, (line) => (why = line.why), FETCH_MS)
  return why
}

function lineOf(rounds) {
  const [courier, bare] = ['courier', 'bare'].map((name) => rounds.map((round) => round[name]))
  const over = medianDifference(courier, bare)
  const stages = ['claimed', 'typing', 'entered', 'given'].map(
    (event) => `${event} ${shown(median(rounds.map((round) => round[event])))}`,
  )
  return {
    what: WHAT,
    n: rounds.length,
    ...spread(courier),
    unit: 'ms',
    floor: { what: 'the same paste and Enter, blind', ...spread(bare) },
    over: `${signed(over)} ms`,
    difference: over,
    aim: `≤ +${AIM_MS} ms`,
    met: over <= AIM_MS,
    notes: [`p50 in ms since the question was published: ${stages.join(', ')}`],
  }
}
