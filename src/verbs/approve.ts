/** What a person does about held mail. mailbox-spec §11.2 */

import { RepowireError } from '../protocol/errors.ts'
import { readAbout, record } from '../spool/journal.ts'
import { bury, release } from '../spool/moves.ts'
import { mailboxesOfHost } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { endQuery } from './end-query.ts'
import { refuseAgent } from './sender.ts'
import { type Held, heldIn } from './vouch.ts'

/** Everything that is held on this host, oldest id first of each mailbox. */
export function listHeld(tree: Tree): Held[] {
  return mailboxesOfHost(tree).flatMap((address) => heldIn(tree, address))
}

/** `address`: whose mail it is. `again`: it was done before. */
export type Decided = { id: string; address: string; again: boolean }

/**
 * Lets one held message through: writes `approved` to the journal, fsync'd, then held → new. For a person alone: `pid` must have no agent
 * above it. Repeating it is harmless. Errors: agent-may-not, no-such-message, bad-input, host-not-allowed.
 */
export function approve(tree: Tree, pid: number, id: string): Decided {
  refuseAgent(tree, pid, 'let mail through')
  const held = heldOne(tree, id)
  if (held === undefined) return decidedBefore(tree, id, 'approved')
  if (held.message === undefined) throw notAllowed(held)
  record(tree, 'approved', held.address, id, { kind: held.mail.kind })
  release(tree, held.address, held.mail.file)
  return { id, address: held.address, again: false }
}

/**
 * Refuses one: the asker gets `refused` with this reason; held → dead. What its host did not let in is put away, and nobody is told. For
 * a person alone. Repeating it is harmless. Errors: agent-may-not, no-such-message, bad-input, too-large.
 */
export function refuseHeld(tree: Tree, pid: number, id: string, reason: string): Decided {
  refuseAgent(tree, pid, 'refuse mail')
  const held = heldOne(tree, id)
  if (held === undefined) return decidedBefore(tree, id, 'ended')
  const { address, mail, message } = held
  const more = reason.trim() === '' ? '.' : `: ${reason.trim()}`
  const end = { outcome: 'refused' as const, body: `The user of ${address} refused it${more}`, by: 'person' }
  if (message?.kind === 'query') endQuery(tree, address, mail, 'held', end)
  else {
    record(tree, 'ended', address, id, { kind: mail.kind, outcome: end.outcome, by: end.by })
    bury(tree, address, mail.file, 'held')
  }
  return { id, address, again: false }
}

function heldOne(tree: Tree, id: string): Held | undefined {
  const [held, ...others] = listHeld(tree).filter(({ mail }) => mail.id === id)
  if (others.length === 0) return held
  const all = [held, ...others].map((one) => `the ${one?.mail.kind} for ${one?.address}`)
  throw new RepowireError(
    'bad-input',
    `Several messages of the id ${id} are held: ${all.join(', ')}; an id is used once, so one of them is forged.`,
    'Ask who wrote them; repowire hosts deny puts away what is of one host.',
  )
}

function decidedBefore(tree: Tree, id: string, event: 'approved' | 'ended'): Decided {
  const isIt = (entry: { event: string; by?: unknown }) =>
    entry.event === event && (event === 'approved' || entry.by === 'person')
  const line = readAbout(tree, [id]).find(isIt)
  if (line !== undefined) return { id, address: line.peer, again: true }
  throw new RepowireError('no-such-message', `No message ${id} is held.`, 'repowire held lists what is.')
}

function notAllowed({ from = 'nobody' }: Held): RepowireError {
  const host = from.slice(from.indexOf('@') + 1)
  return new RepowireError(
    'host-not-allowed',
    `It is of ${from}, whose host is not allowed here: nobody vouches for it.`,
    `Allow the host, then look again: repowire hosts allow ${host}`,
  )
}
