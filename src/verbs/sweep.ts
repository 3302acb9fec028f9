import * as path from 'node:path'
import { messagePath, type State } from '../protocol/layout.ts'
import { isThere, listDirectory, removeLitter, writtenAt } from '../spool/disk.ts'
import { mailboxesOfHost, scan } from '../spool/scan.ts'
import { forgetNotes } from '../spool/since.ts'
import { timeInRoot } from '../spool/time-in-root.ts'
import { inRoot, inState, type Tree } from '../spool/tree.ts'
import { forgetStaleAsks } from './stale-asks.ts'

const LITTER_MS = 3_600_000
const ON_THE_WAY: State[] = ['new', 'cur', 'open']

/**
 * Removes what processes that died left half done: files that were being written, and what says how a query was given
 * that has ended since, and counts of turns, once they are an hour old; in asks/ what is no question. mailbox-spec §7.3
 */
export function sweep(tree: Tree): void {
  const mailboxes = mailboxesOfHost(tree)
  const half = [inState(tree, 'tmp'), inState(tree, 'typing')]
  const counts = inState(tree, 'turns') // of the last hour
  const old = [...half, counts].flatMap((dir) => oldFiles(dir))
  for (const file of [...oldInRoot(tree), ...old]) removeLitter(file)
  const given = oldFiles(inState(tree, 'given'))
  const open = new Set(
    given.length === 0 ? [] : mailboxes.flatMap((address) => queriesOnTheWay(tree, address)),
  )
  for (const file of given) if (!open.has(path.basename(file, '.json'))) removeLitter(file)
  forgetNotes(tree, LITTER_MS, (address, file) => ON_THE_WAY.some((state) => has(tree, address, state, file)))
  for (const address of mailboxes) forgetStaleAsks(tree, address)
}

function has(tree: Tree, address: string, state: State, file: string): boolean {
  return isThere(inRoot(tree, messagePath(address, state, file)))
}

function queriesOnTheWay(tree: Tree, address: string): string[] {
  const mail = ON_THE_WAY.flatMap((state) => scan(tree, address, state))
  return mail.filter(({ kind }) => kind === 'query').map(({ id }) => id)
}

/** A root on another machine has that one's clock: what is being written now must not look an hour old. */
function oldInRoot(tree: Tree): string[] {
  const dirs = [tree.host, ...(tree.formerly ?? [])]
    .map((label) => inRoot(tree, `tmp/${label}`))
    .filter((dir) => listDirectory(dir).length > 0)
  if (dirs.length === 0) return []
  const now = timeInRoot(tree)
  return dirs.flatMap((dir) => oldFiles(dir, now))
}

function oldFiles(dir: string, now = Date.now()): string[] {
  return listDirectory(dir)
    .map((file) => `${dir}/${file}`)
    .filter((file) => now - (writtenAt(file) ?? now) > LITTER_MS)
}
