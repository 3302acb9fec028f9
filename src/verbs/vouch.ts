/**
 * What lies in a root that others write and is not from whom it says. Every reader passes over it; here it is put away: anybody may
 * have put it into any directory. mailbox-spec §11.1
 */

import { hostOf } from '../protocol/address.ts'
import type { State } from '../protocol/layout.ts'
import { record } from '../spool/journal.ts'
import { bury, release } from '../spool/moves.ts'
import { type Mail, mailboxesOfHost, read, readUnvouched, scan } from '../spool/scan.ts'
import { isShared } from '../spool/shared.ts'
import type { Tree } from '../spool/tree.ts'
import { refuse } from './refuse.ts'

/** Everything of the mailboxes of this host that is not from its writer: cur, open, held → dead; and held → new where its host is allowed now. */
export function sortOut(tree: Tree): void {
  if (!isShared(tree)) return
  for (const address of mailboxesOfHost(tree)) sortOutStates(tree, address, ['cur', 'open', 'held'])
}

/** The same for the questions that a turn is about to answer. */
export function sortOutOpen(tree: Tree, address: string): void {
  if (isShared(tree)) sortOutStates(tree, address, ['open'])
}

function sortOutStates(tree: Tree, address: string, states: State[]): void {
  for (const state of states)
    for (const mail of scan(tree, address, state)) sortOutOne(tree, address, state, mail)
}

function sortOutOne(tree: Tree, address: string, state: State, mail: Mail): void {
  const parsed = read(tree, address, state, mail)
  if (parsed === undefined) return
  if ('fault' in parsed) refuse(tree, address, mail, parsed.fault, parsed.why, state)
  else if (state === 'held') release(tree, address, mail.file)
}

/**
 * held → dead for everything that says it is of this host, which is not allowed (any more); nobody is told. Returns how many.
 */
export function refuseHeldOf(tree: Tree, host: string): number {
  const held = mailboxesOfHost(tree).flatMap((address) => heldIn(tree, address))
  const of = held.filter(({ from }) => from !== undefined && hostOf(from) === host)
  for (const { address, mail } of of) {
    bury(tree, address, mail.file, 'held')
    record(tree, 'ended', address, mail.id, { kind: mail.kind, outcome: 'refused', by: 'deny' })
  }
  return of.length
}

/** `from`: as the file says, which nobody vouches for; undefined where it does not say. */
export type Held = { address: string; mail: Mail; from?: string }

/** What waits in a mailbox for its host to be allowed; nothing but who says that it is from him. */
export function heldIn(tree: Tree, address: string): Held[] {
  return scan(tree, address, 'held').map((mail) => {
    const parsed = readUnvouched(tree, address, 'held', mail)
    return { address, mail, ...(parsed && 'message' in parsed && { from: parsed.message.from }) }
  })
}
