// Waiting in the tests that drive the real client: look, look again, and at the deadline say what was last seen.
// The tempting wrong way is a sleep that is long enough on this machine.
import { setTimeout as pause } from 'node:timers/promises'

const LOOK_AGAIN_MS = 20

export interface Patience {
  within?: number
  lastSeen?: () => Promise<string>
}

/** The first truthy value of `look`; rejects with what was last seen when it does not come in time. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  { within = 20_000, lastSeen }: Patience = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + within
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (Date.now() > deadline) throw new Error(await overdue(what, within, lastSeen))
    await pause(LOOK_AGAIN_MS)
  }
}

async function overdue(what: string, within: number, lastSeen?: () => Promise<string>): Promise<string> {
  const seen = lastSeen && (await lastSeen().catch(String))
  return `${what}: not within ${within} ms${seen === undefined ? '' : `; last seen:\n${seen}`}`
}
