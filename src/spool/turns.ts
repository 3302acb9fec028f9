/**
 * turns/ in the state directory: when two peers caused each other a turn, a file for each pair and a line for each turn. To
 * count in the journal instead would read a day of it for every question. mailbox-spec §9.5, §10
 */

import { elapsed } from './clock.ts'
import { appendLine, fileSize, readText, replaceFile } from './disk.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

export const HOUR_MS = 3_600_000

// Three hundred lines.
const LARGE_BYTES = 4_200

/** The turns of the last hour that this pair caused, in ms by this host's clock, oldest first; in which direction does not matter. */
export function turnsOfLastHour(tree: Tree, a: string, b: string): number[] {
  return timesIn(fileOf(tree, a, b)).filter(isOfLastHour)
}

/**
 * Notes a turn now: one line, one write. A file that has grown large is written anew with what is left of the last hour;
 * of two processes that do so at once one may lose the other's line.
 */
export function noteTurn(tree: Tree, a: string, b: string): void {
  const file = fileOf(tree, a, b)
  if (fileSize(file) > LARGE_BYTES) trim(tree, file)
  appendLine(file, String(Date.now()), false)
}

/** Only where most of it goes: else a busy pair would write it anew for every turn. */
function trim(tree: Tree, file: string): void {
  const times = timesIn(file)
  const kept = times.filter(isOfLastHour)
  if (kept.length > times.length / 2) return
  replaceFile(stateTemporaryPath(tree), file, kept.map((time) => `${time}\n`).join(''))
}

function timesIn(file: string): number[] {
  return (readText(file) ?? '').split('\n').filter(Boolean).map(Number)
}

/** A time far ahead was noted before the clock was set back: it counts as long ago, so that nobody is held up by it. */
function isOfLastHour(time: number): boolean {
  return elapsed(time) < HOUR_MS
}

/** Two addresses are together as long as a file's name may be. */
function fileOf(tree: Tree, a: string, b: string): string {
  return inState(tree, `turns/${[a, b].sort().join('+')}`)
}
