/** How far two clocks of one network may be apart. */
const SKEW_MS = 60_000

/** How long ago this was, in ms; what lies far ahead was written before the clock was set back, and counts as long ago. */
export function elapsed(since: number): number {
  const ms = Date.now() - since
  return ms < -SKEW_MS ? Number.POSITIVE_INFINITY : ms
}
