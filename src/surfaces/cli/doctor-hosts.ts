/** Where other machines share the mailbox: by what, and how long a question takes there and back. */

import { livingCourier } from '../../courier/courier-file.ts'
import { findFolder, judgeFolder } from '../../courier/syncthing.ts'
import type { ProcessMark } from '../../protocol/card.ts'
import { readAllowed } from '../../spool/allowed.ts'
import { otherHosts } from '../../spool/hosts.ts'
import { markOf } from '../../spool/process.ts'
import { readShare } from '../../spool/share.ts'
import { existingTree, type Tree } from '../../spool/tree.ts'
import { type Pong, ping } from '../../verbs/ping.ts'
import { type Finding, good, type Patient, problem, warning } from './doctor-check.ts'
import { spinner } from './print.ts'

/** Longer than the ten seconds in which Syncthing finds a file that nobody told it of. */
const PATIENCE_MS = 20_000

/** Nothing where no share was set up. Errors: share-failed. */
export async function lookAtShare({ tree }: Patient): Promise<Finding[]> {
  const share = readShare(tree)
  if (share === undefined) return []
  const { folder } = await findFolder(share, tree.root)
  const bad = judgeFolder(folder, true).filter((remark) => remark.bad)
  if (folder.id !== share.folder)
    return [problem(`the root is in another folder now (${folder.id})`, 'Run: repowire share syncthing.')]
  if (bad.length > 0)
    return bad.map(({ what, next }) => problem(`the folder ${folder.id} of Syncthing: ${what}`, next))
  return [good(`Syncthing at ${share.api} is told of new messages, and its folder ${folder.id} is in order`)]
}

/** Asks the courier of each other host, all at once. Errors: only where the signal has aborted. */
export async function lookAtHosts({ env, signal }: Patient): Promise<Finding[]> {
  const tree = existingTree(env)
  const hosts = tree === undefined ? [] : otherHosts(tree)
  if (tree === undefined || hosts.length === 0) return []
  const mark = markOf(process.pid) as ProcessMark
  const wait = { milliseconds: PATIENCE_MS, signal }
  const line = spinner(
    async () => `asking the courier of ${hosts.join(', ')}`,
    async () => undefined,
  )
  try {
    const alone = livingCourier(tree) === undefined
    const findings = hosts.map(async (host) => {
      if (readAllowed(tree, host) === undefined) return saysNotAllowed(host)
      return saysPong(tree, host, await ping(tree, mark, host, wait), alone)
    })
    const said = await Promise.all(findings)
    signal.throwIfAborted()
    return said
  } finally {
    line.stop()
  }
}

/** Its answer would be held. mailbox-spec §11.1 */
function saysNotAllowed(host: string): Finding {
  return warning(`${host}: it is not allowed here, so it was not asked`, `Run: repowire hosts allow ${host}`)
}

/** `alone`: no courier runs here, which would tell Syncthing of the question. */
function saysPong({ host: me }: Tree, host: string, pong: Pong | undefined, alone: boolean): Finding {
  if (pong?.outcome === 'answered')
    return good(`${host}: a question to its courier was answered in ${pong.ms} ms`)
  if (pong !== undefined) return warning(`${host}: its courier said ${pong.outcome}, after ${pong.ms} ms`)
  const here = alone ? ' None runs here either.' : ''
  return warning(
    `${host}: no answer within ${PATIENCE_MS / 1_000} s`,
    `It is off, its courier does not run, it does not allow this host, or nothing crosses.${here} Run there: repowire hosts allow ${me}, repowire daemon start, and repowire doctor.`,
  )
}
