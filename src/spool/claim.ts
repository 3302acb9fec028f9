/**
 * The claim of this host: hosts/<its label>.json in the root, by which two machines of one label find out. It is linked, so
 * one of two programs of one file system has it; across replicas of a synchronised directory both may have, until one
 * of the two files has won everywhere. mailbox-spec §5.7
 */

import * as path from 'node:path'
import { RepowireError } from '../protocol/errors.ts'
import { formatHost, type HostFile, hostPath, USUAL_SECONDS } from '../protocol/host.ts'
import { SPEC } from '../protocol/layout.ts'
import { createWhole, isThere, replaceFile } from './disk.ts'
import { lookAtHost, type Sight } from './host-file.ts'
import { keyFile, makeHostKey, publicKeyOf } from './host-key.ts'
import { makeOwnHost, type OwnHost, placeMark, randomHex, readOwnHost } from './own-host.ts'

type Places = { root: string; state: string; host: string }

/** Throws where the label of this host is another one's in this root. One read where it is ours. Errors: host-taken. */
export function refuseTaken(tree: Places, own: Partial<OwnHost>): Sight {
  const sight = lookAtHost(tree.root, tree.host)
  if (typeof sight !== 'string' && !isOurs(tree, sight, own)) throw taken(tree, sight, own)
  return sight
}

/** True where this host has its id, its key and its claim; false where one is to be made. Errors: host-taken. */
export function isClaimed(tree: Places, own: Partial<OwnHost>): boolean {
  const sight = refuseTaken(tree, own)
  const ours = sight === 'unreadable' || (typeof sight !== 'string' && sight.host_id === own.host_id)
  return ours && own.host_id !== undefined && isThere(keyFile(tree.state))
}

/**
 * Makes what is missing of them: host.json, then the key, then the claim. `inState`, `inRoot`: where a file may be written before
 * it is put in place. Errors: host-taken, before anything is made.
 */
export function claim(tree: Places, inState: () => string, inRoot: () => string): void {
  const sight = refuseTaken(tree, readOwnHost(tree.state))
  // It is there and we have no id: this host has lost its state directory.
  const replaces = typeof sight === 'string' ? undefined : sight.host_id
  const own = makeOwnHost(tree.state, { label: tree.host, ...(replaces && { replaces }) }, inState)
  makeHostKey(tree.state, inState)
  const host = claimOf(tree, own)
  const file = path.join(tree.root, hostPath(tree.host))
  if (createWhole(inRoot(), file, formatHost(host))) return
  const there = refuseTaken(tree, own)
  if (there === 'bad' || (typeof there !== 'string' && !isSame(there, host)))
    replaceFile(inRoot(), file, formatHost(host), true)
}

/** What hosts/<label>.json says of this host when it is claimed. */
export function claimOf({ state, host }: Places, { host_id }: Pick<OwnHost, 'host_id'>): HostFile {
  const place = placeMark(state)
  const who = { spec: SPEC, host, host_id, key: publicKeyOf(state) ?? '' } as const
  return { ...who, epoch: randomHex(4), seq: 0, every: USUAL_SECONDS, ...(place && { place }) }
}

function isOurs({ state }: Places, { host_id, place }: HostFile, own: Partial<OwnHost>): boolean {
  if (own.host_id === undefined) return place !== undefined && place === placeMark(state)
  return host_id === own.host_id || host_id === own.replaces
}

function isSame(a: HostFile, b: HostFile): boolean {
  return a.host_id === b.host_id && a.key === b.key && a.renamed === b.renamed
}

function taken({ root, host }: Places, there: HostFile, own: Partial<OwnHost>): RepowireError {
  const mine =
    own.host_id === undefined ? 'this machine has none yet' : `that of this machine is ${own.host_id}`
  return new RepowireError(
    'host-taken',
    `Another machine that shares ${root} is the host "${host}": its id is ${there.host_id}, and ${mine}.`,
    'Give this machine a label of its own: repowire host rename <label>. Nothing was changed.',
  )
}
