/**
 * modes/ in the state directory: what each session of this host may do without asking, as its hooks have told. Not in its card: who
 * writes the root must not say it. mailbox-spec §11.2, §10
 */

import { isProcessMark, type ProcessMark, sameProcess } from '../protocol/card.ts'
import { readJson, removeFile, replaceFile } from './disk.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

/** `mode`: of its last hook. `may_bypass`: it was started so that its user can switch to bypassing by a key, of which no hook tells. */
export type Mode = { process: ProcessMark; mode?: string; may_bypass: boolean }

/** Undefined for a process of which no hook has told. */
export function modeOf(tree: Tree, process: ProcessMark): Mode | undefined {
  const known = readJson(pathOf(tree, process)) as Partial<Mode> | undefined
  return isProcessMark(known?.process) && sameProcess(known.process, process) ? (known as Mode) : undefined
}

/** Writes what a hook tells, where it is anything new. `mayBypass` is asked once for each process. */
export function noteMode(
  tree: Tree,
  process: ProcessMark,
  told: string | undefined,
  mayBypass: () => boolean,
) {
  const known = modeOf(tree, process)
  const mode = told ?? known?.mode
  if (known !== undefined && known.mode === mode) return
  const now: Mode = {
    process,
    ...(mode !== undefined && { mode }),
    may_bypass: known?.may_bypass ?? mayBypass(),
  }
  replaceFile(stateTemporaryPath(tree), pathOf(tree, process), JSON.stringify(now))
}

/** Its process is over. */
export function forgetMode(tree: Tree, process: ProcessMark): void {
  if (modeOf(tree, process) !== undefined) removeFile(pathOf(tree, process))
}

function pathOf(tree: Tree, { pid }: ProcessMark): string {
  return inState(tree, `modes/${pid}.json`)
}
