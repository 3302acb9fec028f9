import { makeHints } from '../../spool/hints.ts'

const LOOK_MS = 300

/** Shows what `fresh` returns, where it returns anything; with `follow` again and again, until interrupted. */
export async function showFresh<T>(
  fresh: () => T[],
  show: (items: T[]) => void,
  follow: boolean,
): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const hints = makeHints()
  do {
    const items = fresh()
    if (items.length > 0) show(items)
    if (follow) await hints.wait(LOOK_MS, stop.signal)
  } while (follow && !stop.signal.aborted)
}
