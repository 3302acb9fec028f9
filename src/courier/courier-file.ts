/** courier.json: which process is this host's courier. Published by link, judged by its process. mailbox-spec §10. */

import { isProcessMark, type ProcessMark } from '../protocol/card.ts'
import { BUILD, isNewer, VERSION } from '../protocol/version.ts'
import { createWhole, readJson, removeFile } from '../spool/disk.ts'
import { liveness, markOf } from '../spool/process.ts'
import { besideMe } from '../spool/program.ts'
import { inState, stateTemporaryPath, type Tree } from '../spool/tree.ts'

export type CourierFile = {
  process: ProcessMark
  program: string
  version: string
  build: string
  since: string
}

/** The living courier of this host, or undefined. */
export function livingCourier(tree: Tree): CourierFile | undefined {
  const file = readCourier(tree)
  return file !== undefined && liveness(file.process) === 'alive' ? file : undefined
}

/**
 * True for a courier of another build that this program replaces: its own of before an upgrade, or one of an older
 * version. Two installations of one version leave each other's courier alone.
 */
export function isToBeReplaced(courier: CourierFile): boolean {
  if (courier.build === BUILD) return false
  return isNewer(VERSION, courier.version) || courier.program === besideMe('repowire.js')
}

/** Makes this process the courier; false when another one is named already, dead or alive. */
export function enterOffice(tree: Tree): boolean {
  const mine = {
    process: markOf(process.pid),
    program: besideMe('repowire.js'),
    version: VERSION,
    build: BUILD,
  }
  const text = `${JSON.stringify({ ...mine, since: new Date().toISOString() })}\n`
  return createWhole(stateTemporaryPath(tree), path(tree), text)
}

/** Removes courier.json where it names this very process. */
export function leaveOffice(tree: Tree): void {
  if (inOffice(tree)) removeFile(path(tree))
}

/** Removes a courier.json whose process is dead. Only under the lock that guards the start. */
export function clearOffice(tree: Tree): void {
  if (livingCourier(tree) === undefined) removeFile(path(tree))
}

/** True while courier.json names this process; asked again before every paste. */
export function inOffice(tree: Tree): boolean {
  return readCourier(tree)?.process.pid === process.pid
}

function readCourier(tree: Tree): CourierFile | undefined {
  const file = readJson(path(tree)) as CourierFile | undefined
  return isProcessMark(file?.process) ? file : undefined
}

function path(tree: Tree): string {
  return inState(tree, 'courier.json')
}
