import type { ProcessMark } from '../protocol/card.ts'
import { liveness } from '../spool/process.ts'
import type { Tree } from '../spool/tree.ts'
import { comesBack, isToBeReplaced, leaveOffice, livingCourier, startingCourier } from './courier-file.ts'
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
  await end(courier.process, !stay && comesBack(courier) ? 'SIGHUP' : 'SIGTERM')
  return true
}

/**
 * Ends the living courier, and the one that is being started, by SIGTERM and waits until they are gone; by SIGKILL after five
 * seconds, which loses nothing. False when there was none.
 */
export async function stopCourier(tree: Tree): Promise<boolean> {
  const starting = startingCourier(tree)
  const courier = livingCourier(tree)
  const all = [starting, courier?.process].filter((it) => it !== undefined)
  for (const one of all) {
    await end(one, 'SIGTERM')
    leaveOffice(tree, one.pid)
  }
  return all.length > 0
}

async function end(courier: ProcessMark, signal: NodeJS.Signals): Promise<void> {
  send(courier, signal)
  const killer = setTimeout(() => send(courier, 'SIGKILL'), PATIENCE_MS)
  while (liveness(courier) === 'alive') await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  clearTimeout(killer)
}

function send({ pid }: ProcessMark, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // ESRCH: it ended by itself
  }
}
