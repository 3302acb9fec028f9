import { DEFAULT_TTL_SECONDS, type Message } from '../protocol/message.ts'
import { type Mail, read, waitedFor } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { forgetUnripe } from '../spool/unripe.ts'
import { isWithdrawn, withdraw } from './cancel.ts'
import { endQuery } from './end-query.ts'
import { keepFromAgent } from './hold.ts'
import { putInPlace } from './reconcile.ts'
import { refuse } from './refuse.ts'
import { whyForged } from './sender.ts'

/** A message that may be put before the agent until `expires` (ms by this host's clock). */
export type Received = { message: Message; expires: number }

/**
 * Reads a message in new/ before anybody is given it. A copy of what the journal says was given goes where it belongs; what is not valid or not from its writer is refused, and a query
 * that was withdrawn or has waited too long ends (new → dead); what its user must let through is held (new → held); undefined then, and when it has moved on. mailbox-spec §8.1
 */
export function receive(tree: Tree, address: string, mail: Mail): Received | undefined {
  const parsed = read(tree, address, 'new', mail)
  if (parsed === undefined) return undefined
  if ('fault' in parsed) return void refuse(tree, address, mail, parsed.fault, parsed.why)
  forgetUnripe(tree, address, mail.file)
  const { message } = parsed
  if (putInPlace(tree, address, 'new', mail)) return undefined
  const isQuery = message.kind === 'query'
  // In this order: a cancel is there before its asker asks no more.
  const forged = whyForged(tree, address, message)
  if (isQuery && isWithdrawn(tree, address, message)) return void withdraw(tree, address, mail)
  if (forged !== undefined) return void refuse(tree, address, mail, 'wrong-sender', forged)
  const left = isQuery ? expiresIn(tree, address, mail, 'new', message) : Number.POSITIVE_INFINITY
  if (left <= 0) return void expire(tree, address, mail, 'new')
  return keepFromAgent(tree, address, mail, message) ? undefined : { message, expires: Date.now() + left }
}

type WaitsIn = 'new' | 'cur' | 'held'

/** Ends a query as `expired` where its time is over; false where it is not. mailbox-spec §4.5 */
export function expire(tree: Tree, address: string, mail: Mail, state: WaitsIn): boolean {
  const parsed = mail.kind === 'query' ? read(tree, address, state, mail) : undefined
  if (parsed === undefined || 'fault' in parsed) return false
  if (expiresIn(tree, address, mail, state, parsed.message) > 0) return false
  const body = `It waited for ${secondsOf(parsed.message)} s, and ${address} was never free.`
  return endQuery(tree, address, mail, state, { outcome: 'expired', body, by: 'courier' })
}

/** In how many ms; counted from when the file was written, or came here. */
function expiresIn(tree: Tree, address: string, mail: Mail, state: WaitsIn, message: Message): number {
  return secondsOf(message) * 1_000 - waitedFor(tree, address, state, { file: mail.file, from: message.from })
}

function secondsOf(message: Message): number {
  return message.ttl_seconds ?? DEFAULT_TTL_SECONDS
}
