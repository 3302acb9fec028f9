/**
 * The signature of a message: the last member of its one object, over all that stands before it. So nothing has to be written
 * in one canonical form: whoever verifies signs what he reads, byte for byte. mailbox-spec §11.1
 */

import { SPEC } from './layout.ts'

/** `text`: what is signed; `signature`: 64 bytes in base64. */
export type Signed = { text: string; signature: string }

// Sixty-four bytes, written in the one way there is: the last digit before the padding has two bits that mean nothing.
const LAST_MEMBER = /,"signature":"([A-Za-z0-9+/]{85}[AQgw]==)"\}\n?$/

/** What is signed, for the text of a message that has no signature yet. */
export function toSign(text: string): string {
  return `${SPEC}\n${text.trimEnd()}`
}

/** The text of a message with its signature in it. */
export function withSignature(text: string, signature: string): string {
  return `${text.trimEnd().slice(0, -1)},"signature":"${signature}"}\n`
}

/**
 * The two parts of the text of a valid message that is signed; `unsigned`, or `bad` where a signature stands elsewhere, twice, or
 * in another form.
 */
export function splitSigned(text: string): Signed | 'unsigned' | 'bad' {
  const found = LAST_MEMBER.exec(text)
  if (found === null) return hasSignature(text) ? 'bad' : 'unsigned'
  const before = `${text.slice(0, found.index)}}`
  return hasSignature(before) ? 'bad' : { text: `${SPEC}\n${before}`, signature: found[1] as string }
}

function hasSignature(text: string): boolean {
  return Object.hasOwn(JSON.parse(text) as object, 'signature')
}
