/**
 * Whether a message in a root that others write is from whom it says. Of another host its signature tells, by the key that was
 * agreed to; of this host its own records, which are not in the root. mailbox-spec §11.1
 */

import { hostOf, isAddress } from '../protocol/address.ts'
import type { Kind } from '../protocol/layout.ts'
import type { Fault, Message } from '../protocol/message.ts'
import { splitSigned } from '../protocol/signature.ts'
import { isOneHost, readAllowed } from './allowed.ts'
import { currentAddress } from './cards.ts'
import { readAbout, SAYS_SENT } from './journal.ts'
import { readSent, sentBytes } from './outbox.ts'
import { isOwn } from './own-label.ts'
import { isShared } from './shared.ts'
import { isSignedBy } from './signing.ts'
import type { Tree } from './tree.ts'

/** Undefined where it is vouched for. `bytes`: those of its file. */
export function whyUnvouched(
  tree: Tree,
  message: Message,
  bytes: Buffer,
): { fault: Fault; why: string } | undefined {
  return isOwn(tree, message.from) ? whyNotOurs(tree, message, bytes) : whyNotTheirs(tree, message, bytes)
}

function whyNotOurs(tree: Tree, message: Message, bytes: Buffer) {
  if (!isShared(tree) || isSent(tree, message, bytes)) return undefined
  return { fault: 'wrong-sender' as const, why: `this host has not sent it for ${message.from}` }
}

function whyNotTheirs(tree: Tree, message: Message, bytes: Buffer) {
  const { from } = message
  const signed = splitSigned(bytes.toString('utf8'))
  if (signed === 'unsigned') return { fault: 'unsigned' as const, why: `${from} is of another host` }
  if (signed === 'bad') return { fault: 'bad-signature' as const, why: 'it is not where or what it must be' }
  const allowed = readAllowed(tree, hostOf(from))
  if (allowed === undefined) return { fault: 'not-allowed' as const, why: `${hostOf(from)} is not allowed` }
  if (isSignedBy(allowed.key, signed)) return whyNotAsked(tree, message)
  return { fault: 'bad-signature' as const, why: `the key of ${hostOf(from)} did not sign it` }
}

/** An answer of a host that is allowed, where another one was asked, or none: also where no waiter has looked at it. */
function whyNotAsked(tree: Tree, { kind, id, from, to }: Message) {
  if (kind !== 'reply' || !isOwn(tree, to)) return undefined
  const asked = askedOf(tree, to, id)
  if (asked !== undefined && isOneHost(tree, asked, from)) return undefined
  return { fault: 'wrong-sender' as const, why: `it was asked of ${asked ?? 'nobody'}` }
}

/** Whom this peer asked, by this host's own records: who writes the root writes asks/ too. */
function askedOf(tree: Tree, address: string, id: string): string | undefined {
  const isMine = (peer: string) => currentAddress(tree, peer) === currentAddress(tree, address)
  const sent = readSent(tree, id, 'query')
  if (sent !== undefined) return isMine(sent.from) ? sent.to : undefined
  const to = readAbout(tree, [id]).find(({ event, peer }) => event === 'asked' && isMine(peer))?.to
  return isAddress(to) ? to : undefined
}

/** The outbox keeps a text until its receiver is done with it, the journal for longer. */
function isSent(tree: Tree, message: Message, bytes: Buffer): boolean {
  return sentBytes(tree, message.id, message.kind)?.equals(bytes) === true || isSaid(tree, message)
}

/** What the line of the journal about each kind has of the message. */
const FIELDS: Partial<Record<Kind, (keyof Message)[]>> = {
  query: ['to', 'in_reply_to', 'urgent', 'sender_mode', 'body'],
  notice: ['to', 'in_reply_to', 'thread', 'wake', 'sender_mode', 'body'],
  reply: ['to', 'outcome', 'provisional', 'body'],
}

function isSaid(tree: Tree, message: Message): boolean {
  const fields = FIELDS[message.kind]
  if (fields === undefined) return false
  return readAbout(tree, [message.id]).some(
    (line) =>
      line.event === SAYS_SENT[message.kind] &&
      line.peer === message.from &&
      fields.every((field) => line[field] === message[field]),
  )
}
