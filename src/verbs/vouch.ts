/**
 * What lies in a root that others write and is not from whom it says. Every reader passes over it; here it is put away: anybody may
 * have put it into any directory. mailbox-spec §11.1
 */

import { hostOf } from '../protocol/address.ts'
import type { State } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { record } from '../spool/journal.ts'
import { bury, release } from '../spool/moves.ts'
import { type Mail, mailboxesOfHost, read, readUnvouched, scan } from '../spool/scan.ts'
import { isShared } from '../spool/shared.ts'
import type { Tree } from '../spool/tree.ts'
import { whyHeldBack } from './hold.ts'
import { expire } from './receive.ts'
import { putInPlace } from './reconcile.ts'
import { refuse } from './refuse.ts'

/** Everything of the mailboxes of this host that is not from its writer: cur, open, held → dead; and held → new what need not be held any more. */
export function sortOut(tree: Tree): void {
  const states: State[] = isShared(tree) ? ['cur', 'open', 'held'] : ['held']
  for (const address of mailboxesOfHost(tree)) sortOutStates(tree, address, states)
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
  else if (state === 'held') review(tree, address, mail, parsed.message)
}

/** Its time runs, the journal may know better, and what both sessions may do can be another thing by now. mailbox-spec §11.2 */
function review(tree: Tree, address: string, mail: Mail, message: Message): void {
  if (putInPlace(tree, address, 'held', mail) || expire(tree, address, mail, 'held')) return
  if (whyHeldBack(tree, address, message) === undefined) release(tree, address, mail.file)
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

/**
 * `message`: of what its user may let through. Without it its host is not allowed, and nobody vouches for anything; `from`: as the file
 * says, where it says so.
 */
export type Held = { address: string; mail: Mail; from?: string; message?: Message }

/** What waits in a mailbox for its user. */
export function heldIn(tree: Tree, address: string): Held[] {
  return scan(tree, address, 'held').map((mail) => {
    const parsed = read(tree, address, 'held', mail)
    if (parsed !== undefined && 'message' in parsed) return heldOf(address, mail, parsed.message)
    const said = readUnvouched(tree, address, 'held', mail)
    return { address, mail, ...(said && 'message' in said && { from: said.message.from }) }
  })
}

function heldOf(address: string, mail: Mail, message: Message): Held {
  return { address, mail, from: message.from, message }
}
