import { isName } from '../protocol/address.ts'
import { RepowireError } from '../protocol/errors.ts'
import { isHostKey } from '../protocol/host.ts'
import { pinHost, unpinHost } from '../spool/allowed.ts'
import { readHostFile } from '../spool/hosts.ts'
import type { Tree } from '../spool/tree.ts'
import { refuseAgent } from './sender.ts'
import { refuseHeldOf } from './vouch.ts'

/** What a host says of itself in the root, or what a person has brought from it. */
export type Introduction = { host: string; host_id: string; key: string }

/** From hosts/<host>.json, or with the key that is given. Errors: bad-input, host-unknown. mailbox-spec §11.1 */
export function introductionOf(tree: Tree, host: string, given?: string): Introduction {
  if (!isName(host))
    throw new RepowireError('bad-input', `"${host}" is no label of a host.`, 'See: repowire hosts.')
  const said = readHostFile(tree, host)
  const key = given ?? said?.key
  if (!isHostKey(key)) throw unknown(host, given)
  return { host, host_id: said?.host_id ?? '', key }
}

/**
 * Takes the mail of this host from now on: writes allowed/<host>.json; the courier then releases what is held of it. For a person
 * alone: `pid` must have no agent above it. Errors: agent-may-not. mailbox-spec §11.1
 */
export function allowHost(tree: Tree, pid: number, host: Introduction): void {
  refuseAgent(tree, pid, 'say for its user whose mail is taken')
  pinHost(tree, host)
}

/** Takes it no more: removes that file, and held → dead for its mail. Returns how many. Errors: agent-may-not. mailbox-spec §11.1 */
export function denyHost(tree: Tree, pid: number, host: string): { was: boolean; refused: number } {
  refuseAgent(tree, pid, 'say for its user whose mail is taken')
  const was = unpinHost(tree, host)
  return { was, refused: refuseHeldOf(tree, host) }
}

function unknown(host: string, given: string | undefined): RepowireError {
  const what = given === undefined ? `The root has no key of a host ${host}.` : 'That is no public key.'
  const next = `On ${host}, repowire hosts prints its key; here: repowire hosts allow ${host} --key <key>`
  return new RepowireError('host-unknown', what, next)
}
