import type { Tree } from '../spool/tree.ts'
import { type CourierFile, isToBeReplaced, livingCourier } from './courier-file.ts'

const PATIENCE_MS = 5_000
const LOOK_MS = 25

/** Ends a living courier that this program replaces; false when the living one is to stay. */
export async function stopOther(tree: Tree): Promise<boolean> {
  const courier = livingCourier(tree)
  if (courier !== undefined && !isToBeReplaced(courier)) return false
  await stopCourier(tree)
  return true
}

/**
 * Ends the living courier by SIGTERM and waits until it is gone; by SIGKILL after five seconds, which loses nothing.
 * False when there was none.
 */
export async function stopCourier(tree: Tree): Promise<boolean> {
  const courier = livingCourier(tree)
  if (courier === undefined) return false
  send(courier, 'SIGTERM')
  const killer = setTimeout(() => send(courier, 'SIGKILL'), PATIENCE_MS)
  while (livingCourier(tree)?.process.pid === courier.process.pid) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  clearTimeout(killer)
  return true
}

function send(courier: CourierFile, signal: NodeJS.Signals): void {
  try {
    process.kill(courier.process.pid, signal)
  } catch {
    // ESRCH: it ended by itself
  }
}
