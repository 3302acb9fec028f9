/** keys/host.pem in the state directory: the private key of this host, made once. mailbox-spec §5.7, §10 */

import * as path from 'node:path'
import { createWhole, readText, replaceFile } from './disk.ts'

/** Makes the key, mode 0600, where none can be read. Loads node:crypto, as all of this file: a hook that has nothing to make must not. */
export function makeHostKey(state: string, temporary: () => string): void {
  if (publicKeyOf(state) !== undefined || createWhole(temporary(), keyFile(state), newKey())) return
  if (publicKeyOf(state) === undefined) replaceHostKey(state, temporary())
}

/** A key of its own for a host that is another one from now on, or whose key cannot be read. */
export function replaceHostKey(state: string, temporary: string): void {
  replaceFile(temporary, keyFile(state), newKey(), true)
}

/** The 32 bytes of its public part in base64, as hosts/<label>.json has them; undefined where there is no such key. */
export function publicKeyOf(state: string): string | undefined {
  const pem = readText(keyFile(state))
  const { createPublicKey } = process.getBuiltinModule('node:crypto')
  try {
    const { crv, x } = createPublicKey(pem ?? '').export({ format: 'jwk' })
    return crv === 'Ed25519' && x !== undefined ? Buffer.from(x, 'base64url').toString('base64') : undefined
  } catch {
    return undefined // missing, or no key
  }
}

export function keyFile(state: string): string {
  return path.join(state, 'keys', 'host.pem')
}

function newKey(): string {
  const { generateKeyPairSync } = process.getBuiltinModule('node:crypto')
  const { privateKey } = generateKeyPairSync('ed25519')
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
