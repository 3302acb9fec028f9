/**
 * What is not given although it is in order: from who may not reach this peer, and from a session with permission limits to one
 * that has none. Looked at when a message is taken out of new/, and again at the last moment. mailbox-spec §11.2, §11.3
 */

import { bypasses, isLimited, PERSON } from '../protocol/limits.ts'
import type { Message } from '../protocol/message.ts'
import { currentAddress, currentCard } from '../spool/cards.ts'
import { readConfig } from '../spool/config.ts'
import { readAbout, record, tell } from '../spool/journal.ts'
import { modeOf } from '../spool/modes.ts'
import { bury, holdBack } from '../spool/moves.ts'
import { isOwn } from '../spool/own-label.ts'
import { liveness } from '../spool/process.ts'
import { type Mail, readAnywhere } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { endQuery } from './end-query.ts'
import { whyDenied } from './may-reach.ts'

/** `sender_mode` of what this peer publishes; nothing where its client tells of none. */
export function saysMode(tree: Tree, me: string): Pick<Message, 'sender_mode'> {
  const card = currentCard(tree, me)
  const mode = card?.agent === 'person' ? PERSON : card && modeOf(tree, card.process)?.mode
  return mode === undefined ? {} : { sender_mode: mode }
}

/**
 * True for a message in new/ that is kept from its agent, and has been moved: refused (new → dead, a query with its outcome), or held for
 * the user (new → held). Answers, and what amends one, are never kept.
 */
export function keepFromAgent(tree: Tree, address: string, mail: Mail, message: Message): boolean {
  if (mail.kind !== 'query' && mail.kind !== 'notice') return false
  const denied = whyDenied(tree, message.from, address)
  if (denied !== undefined && !isAmendment(tree, message))
    return turnAway(tree, address, mail, message, denied)
  const why = whyHeldBack(tree, address, message)
  if (why === undefined) return false
  if (holdBack(tree, address, mail.file)) tell(tree, 'held', address, mail.id, { why })
  return true
}

/** The sender's host may have other rules: so its outcome says the code. */
function turnAway(tree: Tree, address: string, mail: Mail, { from }: Message, why: string): boolean {
  const body = `${from} may not reach ${address}: ${why} there. [denied]`
  if (mail.kind === 'query') {
    endQuery(tree, address, mail, 'new', { outcome: 'refused', body, by: 'deny' })
    return true
  }
  record(tree, 'ended', address, mail.id, { kind: mail.kind, outcome: 'refused', by: 'deny', why })
  bury(tree, address, mail.file, 'new')
  return true
}

/** Why this message waits for its user, by what both sessions may do now; undefined where it does not. */
export function whyHeldBack(tree: Tree, address: string, message: Message): string | undefined {
  const card = currentCard(tree, address)
  if (card === undefined || liveness(card.process) === 'dead') return undefined
  const mine = modeOf(tree, card.process)
  if (mine === undefined || !(mine.may_bypass || bypasses(mine.mode))) return undefined
  if (!mayDoLess(tree, message) || !readConfig(tree).hold_weaker) return undefined
  if (isAmendment(tree, message) || isApproved(tree, address, message.id)) return undefined
  const mode = message.sender_mode === undefined ? '' : ` (mode ${message.sender_mode.slice(0, 40)})`
  return `${message.from} has permission limits${mode} and ${card.address} may bypass them: repowire approve ${message.id}`
}

/** Of another host its word counts, which is signed; of this one what its own hooks tell counts besides. */
function mayDoLess(tree: Tree, { from, sender_mode }: Message): boolean {
  if (!isOwn(tree, from)) return isLimited(sender_mode)
  const card = currentCard(tree, from)
  if (card?.agent === 'person') return false
  const now = card && modeOf(tree, card.process)?.mode
  return isLimited(sender_mode) || isLimited(now)
}

/** It belongs to an answer that this peer has asked for. mailbox-spec §8.3 */
function isAmendment(tree: Tree, { kind, from, to, in_reply_to }: Message): boolean {
  if (kind !== 'notice' || in_reply_to === undefined) return false
  const asked = readAnywhere(tree, currentAddress(tree, from), in_reply_to, 'query')?.message
  return asked !== undefined && currentAddress(tree, asked.from) === currentAddress(tree, to)
}

/** By the journal alone: a directory can be rolled back. mailbox-spec §7.4 */
function isApproved(tree: Tree, address: string, id: string): boolean {
  const isMine = (peer: string) => currentAddress(tree, peer) === currentAddress(tree, address)
  return readAbout(tree, [id]).some(({ event, peer }) => event === 'approved' && isMine(peer))
}
