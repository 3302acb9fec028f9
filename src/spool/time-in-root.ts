import { removeLitter, writeNew, writtenAt } from './disk.ts'
import { isRemote } from './file-system.ts'
import { type Tree, temporaryPath } from './tree.ts'

/**
 * Now, in ms, by the clock that the times of files in the root are of: where another machine serves it that one's, which a file shows that is written
 * for it and removed; else our own. mailbox-spec §2.2
 */
export function timeInRoot(tree: Tree): number {
  if (!isRemote(tree.root)) return Date.now()
  const file = temporaryPath(tree)
  writeNew(file, '')
  const now = writtenAt(file) ?? Date.now()
  removeLitter(file)
  return now
}
