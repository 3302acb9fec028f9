/** Waiting for a change without missing one: what happened since the last wait counts. */

export type Hints = { poke(): void; wait(ms: number, signal?: AbortSignal): Promise<void> }

export function makeHints(): Hints {
  let pending = false
  let wake = () => {}
  const poke = () => {
    pending = true
    wake()
  }
  const wait = async (ms: number, signal?: AbortSignal) => {
    if (!pending && !signal?.aborted) await sleepUntil(ms, signal, (resolve) => (wake = resolve))
    pending = false
  }
  return { poke, wait }
}

function sleepUntil(
  ms: number,
  signal: AbortSignal | undefined,
  onWake: (resolve: () => void) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    onWake(done)
  })
}
