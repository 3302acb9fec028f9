import type { Tree } from '../spool/tree.ts'
import { type CourierFile, comesBack, isToBeReplaced, livingCourier } from './courier-file.ts'
import { note } from './log.ts'

const PATIENCE_MS = 5_000
const LOOK_MS = 25

/**
 * Ends a living courier that this program replaces; false when the living one is to stay. By SIGHUP where its service manager
 * is to start it again, of this build.
 */
export async function stopOther(tree: Tree, stay: boolean): Promise<boolean> {
  const courier = livingCourier(tree)
  if (courier === undefined) return true
  if (!isToBeReplaced(courier, stay)) return false
  const { version, build } = courier
  const { pid } = courier.process
  const what = `The courier of process ${pid} (version ${version}, build ${build}) is replaced.`
  note(tree, 'replaced', what, { pid, version, build })
  await end(tree, courier, !stay && comesBack(courier) ? 'SIGHUP' : 'SIGTERM')
  return true
}

/**
 * Ends the living courier by SIGTERM and waits until it is gone; by SIGKILL after five seconds, which loses nothing.
 * False when there was none.
 */
export async function stopCourier(tree: Tree): Promise<boolean> {
  const courier = livingCourier(tree)
  if (courier === undefined) return false
  await end(tree, courier, 'SIGTERM')
  return true
}

async function end(tree: Tree, courier: CourierFile, signal: NodeJS.Signals): Promise<void> {
  send(courier, signal)
  const killer = setTimeout(() => send(courier, 'SIGKILL'), PATIENCE_MS)
  while (livingCourier(tree)?.process.pid === courier.process.pid) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  clearTimeout(killer)
}

function send(courier: CourierFile, signal: NodeJS.Signals): void {
  try {
    process.kill(courier.process.pid, signal)
  } catch {
    // ESRCH: it ended by itself
  }
}
