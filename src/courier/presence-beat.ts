/**
 * Every half minute, while other hosts share the root: writes this host's file anew, so that they see it change, and looks
 * whether theirs have changed. A host that is alone reads two directories and writes nothing. mailbox-spec §5.7
 */

import { beat, newBeat } from '../spool/beat.ts'
import { lookAtOthers } from '../spool/seen.ts'
import type { Tree } from '../spool/tree.ts'
import { inOffice } from './courier-file.ts'

/** Begins at once; `failed` is told what went wrong, and the next one is tried all the same. */
export function keepBeating(tree: Tree, failed: (error: unknown) => void): { stop(): void } {
  const mine = newBeat(tree)
  const once = () => {
    try {
      if (inOffice(tree) && lookAtOthers(tree) > 0) beat(tree, mine)
    } catch (error) {
      failed(error)
    }
  }
  once()
  const timer = setInterval(once, mine.every * 1_000)
  return { stop: () => clearInterval(timer) }
}
