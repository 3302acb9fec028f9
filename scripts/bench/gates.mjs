// What looking before typing costs: a question on its way to a real, idle client by each door of the courier, beside the
// same paste and Enter blind; and how long the courier does not look.

import { spawnSync } from 'node:child_process'
import { readLines } from './lines.mjs'
import { median, medianDifference, medianRatio, shown, signed, spread } from './numbers.mjs'
import { windowLines } from './windows.mjs'

const ROUNDS = 24
const WARM_UP = 1
const WITHIN_MS = 600_000
const FETCH_MS = 300_000
const AIM_MS = 100
const WHAT = 'ask → prompt hook of an idle client'
const STEPS = {
  tmux: ['claimed', 'typing', 'entered', 'given'],
  socket: ['claimed', 'typing', 'given'],
}

export async function gates(workshop) {
  const why = await missing(workshop)
  if (why !== undefined) return [{ what: WHAT, notes: [`not measured: ${why}`] }]
  const rounds = []
  const program = await workshop.bundle(import.meta.resolve('./gates-client.ts'))
  const command = [process.execPath, program, String(WARM_UP + ROUNDS)]
  await readLines(workshop.start(command, { env: process.env }), (line) => rounds.push(line), WITHIN_MS)
  const measured = rounds.slice(WARM_UP)
  return [...Object.keys(STEPS).map((door) => lineOf(door, measured)), ...windowLines(measured)]
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

/** Only typing through gates has an aim. */
function lineOf(door, rounds) {
  const [courier, blind] = [door, 'blind'].map((way) => rounds.map((round) => round[way].steps.given))
  const over = medianDifference(courier, blind)
  return {
    what: `${WHAT}, door ${door}`,
    n: rounds.length,
    ...spread(courier),
    unit: 'ms',
    floor: { what: 'the same paste and Enter, blind', ...spread(blind) },
    over: `${signed(over)} ms, ${shown(medianRatio(courier, blind))} ×`,
    difference: over,
    ...(door === 'tmux' && { aim: `≤ +${AIM_MS} ms`, met: over <= AIM_MS }),
    notes: [stepsOf(door, rounds), seenBy(door, rounds)],
  }
}

function stepsOf(door, rounds) {
  const steps = STEPS[door].map((step) => {
    const times = rounds.map((round) => round[door].steps[step])
    return `${step} ${shown(median(times))}`
  })
  return `p50 in ms since ask was called: ${steps.join(', ')}`
}

/** The hook writes `given` before it ends; where it did not run, the courier writes it later, when it finds the prompt in the transcript. */
function seenBy(door, rounds) {
  const all = [door, 'blind'].flatMap((way) => rounds.map((round) => round[way].hook))
  const late = all.filter((hook) => hook !== 'prompt').length
  const how = late === 0 ? 'the prompt hook itself in every one' : `the courier in ${late} of ${all.length}`
  return `until the journal says \`given\`, written by ${how}, the floor's included`
}
