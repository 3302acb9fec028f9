/**
 * Copies that came back: a restored backup, a lost index of a synchroniser or a folder that was rolled back puts messages
 * where they were. The journal beats the directories, and of two directories the more advanced one counts. mailbox-spec §7.4
 */

import { fileName, type State } from '../protocol/layout.ts'
import { parseMessage } from '../protocol/message.ts'
import { goLate, whoWants } from '../spool/asks.ts'
import { currentAddress } from '../spool/cards.ts'
import { elapsed } from '../spool/clock.ts'
import { fateOf } from '../spool/fates.ts'
import { listGrants } from '../spool/grants.ts'
import { type Entry, readAbout, tell } from '../spool/journal.ts'
import { reopen, restore } from '../spool/moves.ts'
import { sentBytes } from '../spool/outbox.ts'
import { findMessage } from '../spool/publish.ts'
import { type Mail, mailboxesOfHost, scan, timeInState } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { answeredBefore } from './answered-before.ts'
import { endQuery } from './end-query.ts'

/** How far a message is in each; it never goes back by itself but from cur to new. */
const FAR: Record<State, number> = { new: 0, held: 0, cur: 1, open: 2, done: 3, dead: 3 }
const UNDER_WAY: State[] = ['new', 'cur', 'open']

type Placed = { address: string; state: State; mail: Mail }

/**
 * Puts every copy in the mailboxes of this host where it belongs, and makes anew what was given and is nowhere. `checked`: what was
 * found in its place before, which is not looked up again; it is brought up to date. Writes `returned`. mailbox-spec §7.4
 */
export function reconcile(tree: Tree, checked: Set<string>): void {
  const here = mailboxesOfHost(tree).flatMap((address) => underWay(tree, address))
  const unknown = here.filter((one) => !checked.has(keyOf(one)))
  const about = unknown.length === 0 ? [] : readAbout(tree, [...new Set(unknown.map(({ mail }) => mail.id))])
  const elsewhere = unknown.filter(({ address, state, mail }) =>
    putInPlace(tree, address, state, mail, about),
  )
  checked.clear()
  for (const one of here) if (!elsewhere.includes(one)) checked.add(keyOf(one))
  for (const one of here) if (one.state === 'new' && one.mail.kind === 'reply') unblock(tree, one)
  reopenLost(tree)
}

/** Many times what a process that waits needs to claim what is there. */
const CLAIMED_MS = 10_000

/** A file in asks/ that came back says that a process waits which has long given up: nobody would be shown the reply. mailbox-spec §7.4 */
function unblock(tree: Tree, { address, mail }: Placed): void {
  if (whoWants(tree, address, mail.id) !== 'waiting' || sentBytes(tree, mail.id, 'query') === undefined)
    return
  if ((timeInState(tree, address, 'new', mail.file) ?? 0) >= CLAIMED_MS) goLate(tree, address, mail.id)
}

function underWay(tree: Tree, address: string): Placed[] {
  return UNDER_WAY.flatMap((state) => scan(tree, address, state).map((mail) => ({ address, state, mail })))
}

function keyOf({ address, state, mail }: Placed): string {
  return `${address}/${state}/${mail.file}`
}

/** Longer than anybody takes from a line in the journal to the move that it tells of. */
const UNDER_WAY_MS = 5_000

/**
 * Moves one copy of a message in this mailbox to where it belongs, or removes it where that has the message already; one that somebody is
 * just about to move is left to him. False where it is in its place. A query whose reply was written down is ended with
 * that. `about`: what the journal has about it. mailbox-spec §7.4
 */
export function putInPlace(
  tree: Tree,
  address: string,
  state: State,
  mail: Mail,
  about = readAbout(tree, [mail.id]),
): boolean {
  const fate = fateOf(tree, address, mail, about) ?? answeredBefore(tree, address, state, mail)
  if (fate !== undefined && fate !== state && isUnderWay(about, mail.id)) return true
  const found = findMessage(tree, address, mail.file) ?? state
  if (fate === 'replied' && FAR[found] <= FAR.open) return endAgain(tree, address, state, mail)
  const place = fate === undefined || fate === 'replied' || FAR[found] > FAR[fate] ? found : fate
  if (FAR[place] <= FAR[state]) return false
  restore(tree, address, mail.file, state, place)
  tell(tree, 'returned', address, mail.id, { kind: mail.kind, from: state, to: place })
  return true
}

function isUnderWay(about: Entry[], id: string): boolean {
  // Neither is of a move: what a message waits for, and where another host has it.
  const last = about.findLast(({ id: of, event }) => of === id && event !== 'held' && event !== 'seen')
  return last !== undefined && elapsed(Date.parse(last.at)) < UNDER_WAY_MS
}

/** Sends what the journal says was the answer, whatever the outcome that is named here. */
function endAgain(tree: Tree, address: string, state: State, mail: Mail): boolean {
  const body = `${address} had this question, and its answer was lost.`
  return endQuery(tree, address, mail, state, { outcome: 'interrupted', body, by: 'sweep' })
}

/** nothing → open for each query of this host that was given, has not ended, and is nowhere. Returns how many. mailbox-spec §7.4 */
export function reopenLost(tree: Tree): number {
  return listGrants(tree).filter(({ query }) => query !== undefined && reopenOne(tree, query)).length
}

function reopenOne(tree: Tree, query: string): boolean {
  const parsed = parseMessage(Buffer.from(query))
  if ('fault' in parsed) return false
  const { id, to, kind } = parsed.message
  const file = fileName(id, kind)
  const address = currentAddress(tree, to)
  if (findMessage(tree, address, file) !== undefined) return false
  if (fateOf(tree, address, { id, kind }) !== 'open' || !reopen(tree, address, file, query)) return false
  tell(tree, 'returned', address, id, { kind, from: 'nowhere', to: 'open' })
  return true
}
