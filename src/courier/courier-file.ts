/** courier.json: which process is this host's courier. Published by link, judged by its process. mailbox-spec §10. */

import { isProcessMark, type ProcessMark } from '../protocol/card.ts'
import { createWhole, readJson, removeFile } from '../spool/disk.ts'
import { liveness, markOf } from '../spool/process.ts'
import { inState, type Tree } from '../spool/tree.ts'

export type CourierFile = { process: ProcessMark; version: string; build: string; since: string }

/** The living courier of this host, or undefined. */
export function livingCourier(tree: Tree): CourierFile | undefined {
  const file = readCourier(tree)
  return file !== undefined && liveness(file.process) === 'alive' ? file : undefined
}

/** Makes this process the courier; false when another one is named already, dead or alive. */
export function enterOffice(tree: Tree, version: string, build: string): boolean {
  const mark = markOf(process.pid)
  return createWhole(
    path(tree),
    `${JSON.stringify({ process: mark, version, build, since: new Date().toISOString() })}\n`,
  )
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
