/** Short sections that one process at a time may run: starting the courier, editing settings. Never a message. */

import * as path from 'node:path'
import { lock } from 'proper-lockfile'
import { makeDirectory } from './disk.ts'

// A holder that died is taken to be dead after this long; a living one touches its lock every half of it.
const STALE_MS = 5_000

/**
 * Runs `act` while holding <file>.lock, which is a directory; waits up to about ten seconds for another holder.
 * The loss of the lock (a machine that slept) is logged on stderr and does not kill the process.
 */
export async function withLock<T>(file: string, act: () => Promise<T>): Promise<T> {
  makeDirectory(path.dirname(file))
  const release = await lock(file, {
    realpath: false,
    stale: STALE_MS,
    retries: { retries: 100, minTimeout: 20, maxTimeout: 150 },
    onCompromised: (error) => process.stderr.write(`repowire: the lock ${file} was lost: ${error.message}\n`),
  })
  try {
    return await act()
  } finally {
    await release().catch(() => {}) // it was lost: said above
  }
}
