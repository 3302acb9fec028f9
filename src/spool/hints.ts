/** Waiting for a change without missing one: what happens while nobody waits counts for the next one who does. */

export type Hints = { poke(): void; wait(ms: number, signal?: AbortSignal): Promise<void> }

export function makeHints(): Hints {
  let pending = false
  const waiters = new Set<() => void>()
  const poke = () => {
    pending = waiters.size === 0
    for (const wake of waiters) wake()
  }
  const wait = async (ms: number, signal?: AbortSignal) => {
    if (!pending && !signal?.aborted) await sleep(ms, signal, waiters)
    pending = false
  }
  return { poke, wait }
}

function sleep(ms: number, signal: AbortSignal | undefined, waiters: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      waiters.delete(done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    waiters.add(done)
  })
}
