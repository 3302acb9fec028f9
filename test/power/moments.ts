const LATEST_MS = 400

/** In how many ms each cut comes: the same for the same seed. */
export function momentsOf(seed: number, cuts: number): number[] {
  let state = seed >>> 0
  return Array.from({ length: cuts }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * LATEST_MS)
  })
}
