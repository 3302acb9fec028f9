/** Signing for another host, and verifying what another host signed. node:crypto is loaded only where there is such mail. mailbox-spec §11.1 */

import { formatMessage, type Message } from '../protocol/message.ts'
import { type Signed, toSign, withSignature } from '../protocol/signature.ts'
import { readText } from './disk.ts'
import { keyFile, makeHostKey, publicKeyOf } from './host-key.ts'
import { isOwn } from './own-label.ts'
import { stateTemporaryPath, type Tree } from './tree.ts'

/** The text of a message as it is published: to another host, signed by this one. */
export function formatFor(tree: Tree, message: Message): string {
  const text = formatMessage(message)
  return isOwn(tree, message.to) ? text : withSignature(text, sign(tree, toSign(text)))
}

/** True where this key, 32 bytes in base64, has signed that. */
export function isSignedBy(key: string, { text, signature }: Signed): boolean {
  const { createPublicKey, verify } = process.getBuiltinModule('node:crypto')
  try {
    const x = Buffer.from(key, 'base64').toString('base64url')
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'))
  } catch {
    return false // it is no key
  }
}

function sign(tree: Tree, text: string): string {
  const { sign: signBytes } = process.getBuiltinModule('node:crypto')
  return signBytes(null, Buffer.from(text), privateKey(tree)).toString('base64')
}

/** The key by which others know this host: 32 bytes in base64. Makes it where it is missing. */
export function ownPublicKey(tree: Tree): string {
  makeHostKey(tree.state, () => stateTemporaryPath(tree))
  return publicKeyOf(tree.state) ?? ''
}

function privateKey(tree: Tree): string {
  const key = readText(keyFile(tree.state))
  if (key !== undefined) return key
  makeHostKey(tree.state, () => stateTemporaryPath(tree))
  return readText(keyFile(tree.state)) ?? ''
}
