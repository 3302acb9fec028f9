import * as path from 'node:path'
import { STATES } from '../protocol/layout.ts'
import { listDirectory } from './disk.ts'
import { listMailboxes } from './scan.ts'
import { inRoot, type Tree } from './tree.ts'

/** A name that Syncthing, or Dropbox and its like, gave. */
export const CONFLICT = /\.sync-conflict-|conflicted copy/i

/** What a program that synchronises put aside because two machines had written one file, as paths in the root. Readers pass it over. mailbox-spec §2.2 */
export function conflictCopies(tree: Tree): string[] {
  const mailboxes = listMailboxes(tree).map((address) => `inbox/${address}`)
  const inMailboxes = mailboxes.flatMap((box) => [
    box,
    `${box}/asks`,
    ...STATES.map((state) => `${box}/${state}`),
  ])
  return ['', 'peers', 'hosts', 'inbox', ...inMailboxes].flatMap((dir) =>
    listDirectory(inRoot(tree, dir))
      .filter((name) => CONFLICT.test(name))
      .map((name) => path.join(dir, name)),
  )
}
