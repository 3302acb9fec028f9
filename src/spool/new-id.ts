import { deriveId, formatId } from '../protocol/id.ts'

let last = 0

/**
 * A fresh message id: the time and forty random bits. Those of one process rise, so that its messages keep their order.
 * Loads node:crypto only when called: a hook never does. mailbox-spec §3
 */
export function newId(): string {
  const { randomBytes } = process.getBuiltinModule('node:crypto')
  last = Math.max(Date.now(), last + 1)
  return formatId(last, randomBytes(8))
}

/** The id of one of several messages that are sent as one: the same for the same two, and another for any other. mailbox-spec §4.3 */
export function derivedId(id: string, address: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto')
  return deriveId(id, createHash('sha256').update(`${id} ${address}`).digest())
}

export function timestamp(): string {
  return new Date().toISOString()
}
