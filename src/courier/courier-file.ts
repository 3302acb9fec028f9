/**
 * courier.json: which process is this host's courier; courier.starting: which one is about to be. Judged by their processes.
 * mailbox-spec §10
 */

import { isProcessMark, type ProcessMark } from '../protocol/card.ts'
import { BUILD, isNewer, VERSION } from '../protocol/version.ts'
import { createWhole, readJson, removeFile, replaceFile } from '../spool/disk.ts'
import { liveness, markOf } from '../spool/process.ts'
import { besideMe } from '../spool/program.ts'
import { inState, stateTemporaryPath, type Tree } from '../spool/tree.ts'

export type CourierFile = {
  process: ProcessMark
  program: string
  version: string
  build: string
  since: string
  /** It does not go while no agent lives: a service manager started it. */
  stay?: boolean
}

/** The living courier of this host, or undefined. */
export function livingCourier(tree: Tree): CourierFile | undefined {
  const file = readCourier(tree)
  return file !== undefined && liveness(file.process) === 'alive' ? file : undefined
}

/**
 * True for a courier of another build that this program replaces: its own of before an upgrade, or one of an older
 * version. Two installations of one version leave each other's courier alone. Of the same build, one that is to `stay` replaces one
 * that was started on demand.
 */
export function isToBeReplaced(courier: CourierFile, stay = false): boolean {
  if (courier.build === BUILD) return stay && courier.stay !== true
  return isNewer(VERSION, courier.version) || courier.program === besideMe('repowire.js')
}

/** True for one whose service manager starts the very program that replaces it: it is to end so that it is started again. */
export function comesBack(courier: CourierFile): boolean {
  return courier.stay === true && courier.program === besideMe('repowire.js')
}

/** Makes this process the courier, which is starting no more; false when another one is named already, dead or alive. */
export function enterOffice(tree: Tree, stay = false): boolean {
  const mine = {
    process: markOf(process.pid) as ProcessMark,
    program: besideMe('repowire.js'),
    version: VERSION,
    build: BUILD,
  }
  const file: CourierFile = { ...mine, since: new Date().toISOString(), ...(stay && { stay }) }
  const entered = createWhole(stateTemporaryPath(tree), path(tree), `${JSON.stringify(file)}\n`)
  if (entered) startsNoMore(tree, process.pid)
  return entered
}

/** Publishes in courier.starting which process was started to be the courier, unless it is so already, or over. */
export function announce(tree: Tree, starting: ProcessMark | undefined): void {
  if (starting === undefined || livingCourier(tree)?.process.pid === starting.pid) return
  replaceFile(stateTemporaryPath(tree), startingPath(tree), `${JSON.stringify(starting)}\n`)
}

/** The living process that was started to be the courier and is not yet, or undefined. */
export function startingCourier(tree: Tree): ProcessMark | undefined {
  const mark = readStarting(tree)
  return mark !== undefined && liveness(mark) === 'alive' ? mark : undefined
}

function startsNoMore(tree: Tree, pid: number): void {
  if (readStarting(tree)?.pid === pid) removeFile(startingPath(tree))
}

/** Removes courier.json and courier.starting where they name this process, or the one of `pid`. */
export function leaveOffice(tree: Tree, pid = process.pid): void {
  if (readCourier(tree)?.process.pid === pid) removeFile(path(tree))
  startsNoMore(tree, pid)
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

function readStarting(tree: Tree): ProcessMark | undefined {
  const mark = readJson(startingPath(tree)) as ProcessMark | undefined
  return isProcessMark(mark) ? mark : undefined
}

function path(tree: Tree): string {
  return inState(tree, 'courier.json')
}

function startingPath(tree: Tree): string {
  return inState(tree, 'courier.starting')
}
