/**
 * Hints where no event tells of what another machine does: each directory is listed again and again, and what was not there the
 * last time is hinted at. Never by stat or by a watcher that polls: both were found to be half a minute late. mailbox-spec §2.2
 */

import * as fs from 'node:fs'

export type Pace = () => number

// While somebody waits, or for a while after something came: what is said is soon answered.
export const QUICK_MS = 250
const IDLE_MS = 1_000
const QUICK_FOR_MS = 10_000

/** How long until the next look: soon after something came, or while `awaited`. `came` is called when it does. */
export function makePollingPace(awaited: () => boolean = () => false): { came(): void; pace: Pace } {
  let last = Number.NEGATIVE_INFINITY
  const isQuick = () => performance.now() - last < QUICK_FOR_MS || awaited()
  return {
    came: () => {
      last = performance.now()
    },
    pace: () => (isQuick() ? QUICK_MS : IDLE_MS),
  }
}

/**
 * Calls `hint` with the path of each file that is new to it, at the first look with all that lie there: nothing falls between
 * a scan of the caller and this. Only lists. A look that fails, or that hangs with its file system, is one that shows nothing.
 */
export function pollDirectories(
  paths: string[],
  hint: (path: string) => void,
  pace: Pace,
): { ready: Promise<void>; add(path: string): void; close(): Promise<void> } {
  const known = new Map<string, Set<string>>(paths.map((dir) => [dir, new Set()]))
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const look = async (): Promise<void> => {
    const arrived = (file: string) => closed || hint(file)
    await Promise.all(Array.from(known.keys(), (dir) => lookInto(dir, known, arrived)))
    if (!closed) timer = setTimeout(() => void look(), pace()).unref()
  }
  return {
    ready: look(),
    add: (dir) => void (known.has(dir) || known.set(dir, new Set())),
    close: async () => {
      closed = true
      clearTimeout(timer)
    },
  }
}

async function lookInto(
  dir: string,
  known: Map<string, Set<string>>,
  arrived: (path: string) => void,
): Promise<void> {
  const names = await list(dir)
  if (names === undefined) return
  const before = known.get(dir)
  known.set(dir, new Set(names))
  for (const name of names) if (!before?.has(name)) arrived(`${dir}/${name}`)
}

/** Beside everything else that this process does: a listing over a network may take long. */
function list(dir: string): Promise<string[] | undefined> {
  return new Promise((resolve) => {
    fs.readdir(dir, (error, names) => resolve(error === null ? names : undefined))
  })
}
