// Chance that comes again: the same seed throws the same numbers.

export interface Dice {
  /** In [0, 1). */
  throw(): number
  /** In whole numbers from `least` to `most`, both included. */
  between(least: number, most: number): number
  /** True this often. */
  chance(often: number): boolean
  pick<T>(from: readonly T[]): T
  /** One of these names, each as often as its weight says. */
  weigh<Name extends string>(weights: Record<Name, number>): Name
}

/** `whose`: every player throws dice of its own, so that what one does does not change what another will do. */
export function diceOf(seed: number, whose: string): Dice {
  let state = [...`${seed} ${whose}`].reduce((sum, letter) => mix(sum ^ letter.charCodeAt(0)), seed)
  const next = () => {
    state = mix(state + 0x9e3779b9)
    return state / 2 ** 32
  }
  const dice: Dice = {
    throw: next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (often) => next() < often,
    pick: (from) => from[Math.floor(next() * from.length)] as (typeof from)[number],
    weigh: (weights) => weighed(Object.entries(weights), next()) as keyof typeof weights,
  }
  return dice
}

/** The finalizer of MurmurHash3: every bit of the number changes every bit of the result. */
function mix(number: number): number {
  let bits = number >>> 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

function weighed(weights: [string, unknown][], thrown: number): string {
  const sum = weights.reduce((all, [, weight]) => all + Number(weight), 0)
  let left = thrown * sum
  for (const [name, weight] of weights) {
    left -= Number(weight)
    if (left < 0) return name
  }
  return weights.at(-1)?.[0] ?? ''
}
