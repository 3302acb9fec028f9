/** allowed/ in the state directory: the hosts whose mail is taken, each with the key that a person has agreed to. mailbox-spec §11.1 */

import { hostOf, isName } from '../protocol/address.ts'
import { listDirectory, readJson, removeFile, replaceFile } from './disk.ts'
import { timestamp } from './new-id.ts'
import { isOwn } from './own-label.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

/** `key`: the 32 bytes of its public Ed25519 key in base64. `at`: for people. */
export type AllowedHost = { host: string; host_id: string; key: string; at: string }

/** Undefined for a host that is not allowed, and where the file is not whole. */
export function readAllowed(tree: Tree, host: string): AllowedHost | undefined {
  const it = readJson(allowedPath(tree, host)) as Partial<AllowedHost> | undefined
  return it?.host === host && typeof it.key === 'string' ? (it as AllowedHost) : undefined
}

export function listAllowed(tree: Tree): AllowedHost[] {
  const files = listDirectory(inState(tree, 'allowed')).filter((file) => file.endsWith('.json'))
  return files.flatMap((file) => readAllowed(tree, file.slice(0, -'.json'.length)) ?? [])
}

/** True for addresses of one host, under two labels too: this one's, or two that are allowed with one key. Cards do not tell: they are in the root. */
export function isOneHost(tree: Tree, a: string, b: string): boolean {
  if (hostOf(a) === hostOf(b) || (isOwn(tree, a) && isOwn(tree, b))) return true
  const key = readAllowed(tree, hostOf(a))?.key
  return key !== undefined && key === readAllowed(tree, hostOf(b))?.key
}

/** The other labels that are allowed with this key: of a host that has another one now, or so it says. That allows nothing. */
export function allowedWithKey(tree: Tree, host: string, key: string | undefined): string[] {
  return listAllowed(tree).flatMap((one) => (one.key === key && one.host !== host ? [one.host] : []))
}

/** Pins this key for this host, fsync'd; replaces the one before. */
export function pinHost(tree: Tree, host: Omit<AllowedHost, 'at'>): void {
  const text = `${JSON.stringify({ ...host, at: timestamp() })}\n`
  replaceFile(stateTemporaryPath(tree), allowedPath(tree, host.host), text, true)
}

/** False where it was not allowed. */
export function unpinHost(tree: Tree, host: string): boolean {
  const was = readAllowed(tree, host) !== undefined
  if (isName(host)) removeFile(allowedPath(tree, host))
  return was
}

/** As ssh shows the fingerprint of a key: the SHA-256 of its raw bytes. */
export function fingerprintOf(key: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto')
  return `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`
}

function allowedPath(tree: Tree, host: string): string {
  return inState(tree, `allowed/${host}.json`)
}
