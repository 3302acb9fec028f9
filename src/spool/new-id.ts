import { formatId } from '../protocol/id.ts'

/** A fresh message id: the time and forty random bits. Loads node:crypto only when called: a hook never does. */
export function newId(): string {
  const { randomBytes } = process.getBuiltinModule('node:crypto')
  return formatId(Date.now(), randomBytes(8))
}

export function timestamp(): string {
  return new Date().toISOString()
}
