import * as path from 'node:path'
import type { State } from '../protocol/layout.ts'
import { listDirectory, removeLitter, writtenAt } from '../spool/disk.ts'
import { mailboxesOfHost, scan } from '../spool/scan.ts'
import { forgetNotes } from '../spool/since.ts'
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
  const half = [inRoot(tree, `tmp/${tree.host}`), inState(tree, 'tmp'), inState(tree, 'typing')]
  const counts = inState(tree, 'turns') // of the last hour
  for (const file of [...half, counts].flatMap(oldFiles)) removeLitter(file)
  const given = oldFiles(inState(tree, 'given'))
  const open = new Set(
    given.length === 0 ? [] : mailboxes.flatMap((address) => queriesOnTheWay(tree, address)),
  )
  for (const file of given) if (!open.has(path.basename(file, '.json'))) removeLitter(file)
  forgetNotes(tree, LITTER_MS, (address, file) => ON_THE_WAY.some((state) => has(tree, address, state, file)))
  for (const address of mailboxes) forgetStaleAsks(tree, address)
}

function has(tree: Tree, address: string, state: State, file: string): boolean {
  return scan(tree, address, state).some((mail) => mail.file === file)
}

function queriesOnTheWay(tree: Tree, address: string): string[] {
  const mail = ON_THE_WAY.flatMap((state) => scan(tree, address, state))
  return mail.filter(({ kind }) => kind === 'query').map(({ id }) => id)
}

function oldFiles(dir: string): string[] {
  return listDirectory(dir)
    .map((file) => `${dir}/${file}`)
    .filter((file) => Date.now() - (writtenAt(file) ?? Date.now()) > LITTER_MS)
}
