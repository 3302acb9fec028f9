/** A shared root that has gone: what is left of one whose file system is not mounted is an empty directory. mailbox-spec §2.2 */

import * as path from 'node:path'
import { RepowireError } from '../protocol/errors.ts'
import { MARKER } from '../protocol/layout.ts'
import { isThere, removeFile } from './disk.ts'
import { isKnownShared, markPath } from './shared.ts'

type Places = { root: string; state: string }

/** Where this host knew the root as shared, and nothing of a mailbox is there: what to say of it; else undefined. One look where it was never shared. */
export function whyMissing(tree: Places): RepowireError | undefined {
  if (!isKnownShared(tree) || !isBare(tree.root)) return undefined
  return new RepowireError(
    'root-missing',
    `There is no mailbox at ${tree.root}, which this machine shares with others: its file system is not mounted, or it was removed.`,
    'Mount it, or have it synchronised. Where it is really to begin anew, empty: repowire host begin-anew. Nothing was changed.',
  )
}

/** Throws then: whoever made a mailbox there would be alone in it, and the others would miss it. Errors: root-missing. */
export function refuseMissing(tree: Places): void {
  const why = whyMissing(tree)
  if (why !== undefined) throw why
}

/** Forgets that the root was shared, by removing `shared` in the state directory, so that the next program makes it; false where it is not missing. */
export function forgetMissing(tree: Places): boolean {
  return whyMissing(tree) !== undefined && removeFile(markPath(tree))
}

/** The marker alone may come late where the root is synchronised. */
function isBare(root: string): boolean {
  return ![MARKER, 'peers'].some((name) => isThere(path.join(root, name)))
}
