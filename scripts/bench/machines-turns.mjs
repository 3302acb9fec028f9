// An exchange and its floor in turn, each first every second time, and the lines of that.

import { median, medianRatio, shown, spread } from './numbers.mjs'

const WARM_UP = 2

/**
 * `acts`: own, and floor where there is one to be measured beside it; each resolves with its time in ms. So many rounds, or on a slow machine as many as
 * there is time for.
 */
export async function inTurn(acts, { rounds, within, warmUp = WARM_UP }) {
  const times = { own: [], floor: [] }
  const names = Object.keys(acts)
  const isTime = (round) => round < 1 || performance.now() - start < within
  const start = performance.now()
  for (let round = -warmUp; round < rounds && isTime(round); round++)
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const took = await acts[name]()
      if (round >= 0) times[name].push(took)
    }
  return times
}

/** `less`: the time that the peer thought, taken off both. */
export function lineOf(about, { own, floor }, less = 0) {
  const [mine, least] = [own, floor].map((times) => times.map((time) => time - less))
  const ratio = mine.length === least.length ? medianRatio(mine, least) : median(mine) / median(least)
  return {
    n: mine.length,
    ...spread(mine),
    unit: 'ms',
    ...about,
    floor: { what: about.floor, ...spread(least) },
    over: `${shown(ratio)} ×`,
    ratio,
  }
}

/** With an aim for its median, in ms. */
export function aimed(line, ms) {
  return { ...line, aim: `p50 ≤ ${ms} ms`, met: line.p50 <= ms }
}
