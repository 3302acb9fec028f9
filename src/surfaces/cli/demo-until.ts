import { setTimeout as pause } from 'node:timers/promises'

export type Patience = { within: number; signal?: AbortSignal }

const LOOK_MS = 25

/** The first value of `look` that is neither false nor undefined. Rejects at the deadline, and when the signal aborts. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  { within, signal }: Patience,
): Promise<Exclude<T, false | undefined>> {
  for (const deadline = Date.now() + within; ; await pause(LOOK_MS, undefined, { signal })) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen as Exclude<T, false | undefined>
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${within / 1000} s.`)
  }
}
