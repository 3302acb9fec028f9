import type { Tree } from '../spool/tree.ts'
import { type CourierFile, livingCourier } from './courier-file.ts'

const PATIENCE_MS = 5_000
const LOOK_MS = 25

/**
 * Ends the living courier by SIGTERM and waits until it is gone; by SIGKILL after five seconds, which loses nothing.
 * `kept` when it is of build `except`; `none` when there is no courier.
 */
export async function stopCourier(tree: Tree, except?: string): Promise<'stopped' | 'kept' | 'none'> {
  const courier = livingCourier(tree)
  if (courier === undefined) return 'none'
  if (except !== undefined && courier.build === except) return 'kept'
  send(courier, 'SIGTERM')
  const deadline = Date.now() + PATIENCE_MS
  while (livingCourier(tree)?.process.pid === courier.process.pid) {
    if (Date.now() > deadline) send(courier, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return 'stopped'
}

function send(courier: CourierFile, signal: NodeJS.Signals): void {
  try {
    process.kill(courier.process.pid, signal)
  } catch {
    // ESRCH: it ended by itself
  }
}
