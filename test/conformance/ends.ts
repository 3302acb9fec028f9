/** What a test would be told at its end, and what it would say: for a runner that is none. */

import { isDeepStrictEqual } from 'node:util'
import type { Says } from '../fixtures/whole-tree.ts'
import type { Ends } from '../world.ts'

/** `close` ends everything that was begun, the last first. */
export function makeEnds(): Ends & { close(): Promise<void> } {
  const acts: (() => unknown)[] = []
  return {
    teardown: ((act: () => unknown) => acts.push(act)) as Ends['teardown'],
    close: async () => {
      for (const act of acts.reverse()) await act()
    },
  }
}

/** Throws at the first difference, and says it. */
export const says = {
  strictSame(found: unknown, wanted: unknown, what: unknown) {
    if (isDeepStrictEqual(found, wanted)) return true
    throw new Error(`${what}: found ${differing(found, wanted)}, wanted ${differing(wanted, found)}`)
  },
  fail(what: unknown) {
    throw new Error(String(what))
  },
} as unknown as Says

/** Of an object only the members that the other has not so. */
function differing(one: unknown, other: unknown): string {
  if (typeof one !== 'object' || one === null || Array.isArray(one)) return JSON.stringify(one)
  const rest = Object.entries(one).filter(
    ([key, value]) => !isDeepStrictEqual(value, (other as Record<string, unknown>)?.[key]),
  )
  return JSON.stringify(Object.fromEntries(rest))
}
