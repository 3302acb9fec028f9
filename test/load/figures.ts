/** What a load has shown, in few numbers, and what of it is wrong. */

import type { Outcome } from './load.ts'
import type { Cost } from './office.ts'

/** The first and the last so many are compared, without what the processes warm up with. */
const WARM_UP = 200
const MANY = 1_000

// Two cores and eight writers: the same work differs by as much from one minute to the next.
const MOST_GROWTH = 1.5
/** What V8 takes in any case before it collects. */
const HEAP_KILOBYTES = 32_768
const MOST_SLOWER = 3
const MOST_DESCRIPTORS = 10

/** Times in ms, p50 but for `over_bare`, which is the mean of a publish over the mean of a bare one. */
export function figuresOf({ times, cost, ...counts }: Outcome) {
  const { early, late, soak } = cost
  return {
    ...counts,
    seconds: Math.round(times.seconds),
    per_second: Math.round(times.publish.length / times.seconds),
    publish: { ...ends(times.publish), mean: round(mean(times.publish)) },
    delivery: ends(times.delivery),
    bare: { ...ends(times.bare), mean: round(mean(times.bare)) },
    over_bare: round(mean(times.publish) / mean(times.bare)),
    courier: { early, late, ...(soak.length > 0 && { soak: soaked(soak) }) },
  }
}

/** One line for each thing that is not as promised. */
export function wrongIn(outcome: Outcome): string[] {
  const { behind, lost, twice, strange, left, fallback, waited, cost, times } = outcome
  const [delivery, publish] = [ends(times.delivery), ends(times.publish)]
  const checks: [string, boolean][] = [
    [
      `${lost} lost, ${twice} twice, ${strange} that nobody sent, ${left} left`,
      lost + twice + strange + left > 0,
    ],
    [`${behind} did not arrive when a courier was there again`, behind > 0],
    ['no message waited for the courier', waited.killed === 0 || waited.stopped === 0],
    ['the log does not say that directories are listed', fallback.said === false],
    ['the last are delivered later than the first', delivery.last > MOST_SLOWER * delivery.first],
    ['the last are published later than the first', publish.last > MOST_SLOWER * publish.first],
    ['the courier grew with the load', hasGrown(cost.early, cost.late)],
    ['the courier grew with time', hasGrown(...soakEnds(cost.soak, cost.late))],
  ]
  return checks.filter(([, is]) => is).map(([what]) => what)
}

function hasGrown(before: Cost, after: Cost): boolean {
  return (
    after.kilobytes > MOST_GROWTH * before.kilobytes + HEAP_KILOBYTES ||
    after.descriptors > before.descriptors + MOST_DESCRIPTORS ||
    after.children > before.children
  )
}

/** The middle of the first and of the last third: between two collections of garbage memory grows anyway. */
function soakEnds(soak: Cost[], otherwise: Cost): [Cost, Cost] {
  const third = Math.ceil(soak.length / 3)
  return third === 0 ? [otherwise, otherwise] : [middle(soak.slice(0, third)), middle(soak.slice(-third))]
}

function soaked(soak: Cost[]) {
  const [first, last] = soakEnds(soak, soak[0] as Cost)
  return { looks: soak.length, first, last }
}

function middle(costs: Cost[]): Cost {
  const of = (name: keyof Cost) => median(costs.map((cost) => cost[name]))
  return { kilobytes: of('kilobytes'), descriptors: of('descriptors'), children: of('children') }
}

function ends(times: number[]) {
  const warm = times.slice(WARM_UP)
  return { first: round(median(warm.slice(0, MANY))), last: round(median(warm.slice(-MANY))) }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
