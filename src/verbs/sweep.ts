import { listDirectory, removeFile, writtenAt } from '../spool/disk.ts'
import { mailboxesOfHost } from '../spool/scan.ts'
import { inRoot, inState, type Tree } from '../spool/tree.ts'
import { forgetStaleAsks } from './stale-asks.ts'

const LITTER_MS = 3_600_000

/**
 * Removes what processes that died left half done: in tmp/<host>/ and the state directory what is an hour old and more,
 * in asks/ what was never published. mailbox-spec §7
 */
export function sweep(tree: Tree): void {
  const places = [inRoot(tree, `tmp/${tree.host}`), inState(tree, 'typing'), inState(tree, 'given')]
  for (const place of places) {
    for (const file of listDirectory(place)) {
      const isLitter = !place.endsWith('given') || file.endsWith('.tmp')
      if (isLitter && isOld(`${place}/${file}`)) removeFile(`${place}/${file}`)
    }
  }
  for (const address of mailboxesOfHost(tree)) forgetStaleAsks(tree, address)
}

function isOld(file: string): boolean {
  return Date.now() - (writtenAt(file) ?? Date.now()) > LITTER_MS
}
