import { listDirectory, removeFile, writtenAt } from '../spool/disk.ts'
import { inRoot, inState, type Tree } from '../spool/tree.ts'

const LITTER_MS = 3_600_000

/** Removes what processes that died left half written, an hour old and more, in tmp/<host>/ and the state directory. mailbox-spec §7 */
export function sweep(tree: Tree): void {
  const places = [inRoot(tree, `tmp/${tree.host}`), inState(tree, 'typing'), inState(tree, 'given')]
  for (const place of places) {
    for (const file of listDirectory(place)) {
      const isLitter = !place.endsWith('given') || file.endsWith('.tmp')
      if (isLitter && isOld(`${place}/${file}`)) removeFile(`${place}/${file}`)
    }
  }
}

function isOld(file: string): boolean {
  return Date.now() - (writtenAt(file) ?? Date.now()) > LITTER_MS
}
