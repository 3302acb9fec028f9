/** What lies in a mailbox. readdir is the truth; an event is only a hint. mailbox-spec §2, §4.6. */

import { hostOf, isAddress } from '../protocol/address.ts'
import { codeOf } from '../protocol/errors.ts'
import {
  type FileName,
  fileName,
  messagePath,
  parseFileName,
  type State,
  statePath,
} from '../protocol/layout.ts'
import { type Fault, type Message, type Parsed, parseMessage } from '../protocol/message.ts'
import { hasAsks } from './asks.ts'
import { isFor } from './cards.ts'
import { elapsed } from './clock.ts'
import { changedAt, isExhausted, isPassing, isThere, listByKind, readRegular, writtenAt } from './disk.ts'
import { isRemote } from './file-system.ts'
import { isOwnLabel } from './own-label.ts'
import { findMessage } from './publish.ts'
import { keptInState, knownFor } from './since.ts'
import { inRoot, type Tree } from './tree.ts'
import { whyUnvouched } from './vouch.ts'

export type Mail = FileName & { file: string }

/** The messages of one state, oldest id first; one readdir. What is no file, or has no name of the grammar, is passed over. */
export function scan(tree: Tree, address: string, state: State): Mail[] {
  return listByKind(inRoot(tree, statePath(address, state))).files.flatMap((file) => {
    const parts = parseFileName(file)
    return parts === undefined ? [] : [{ ...parts, file }]
  })
}

/** Every address that has a mailbox, with a card or without. */
export function listMailboxes(tree: Tree): string[] {
  return listByKind(inRoot(tree, 'inbox')).directories.filter(isAddress)
}

export function mailboxesOfHost(tree: Tree): string[] {
  return listMailboxes(tree).filter((address) => isOwnLabel(tree, hostOf(address)))
}

/** True while anything lies in a mailbox that is not over: its name is kept for whom it belongs to. mailbox-spec §5.2 */
export function hasMail(tree: Tree, address: string): boolean {
  const states: State[] = ['new', 'cur', 'open', 'held']
  return states.some((state) => scan(tree, address, state).length > 0) || hasAsks(tree, address)
}

/**
 * The message in a file, checked against its name and its directory, and that it is from whom it says; undefined when it is gone. Nobody
 * else reads one, so nothing else gets before an agent. mailbox-spec §11.1
 */
export function read(tree: Tree, address: string, state: State, mail: Mail): Parsed | undefined {
  const bytes = readBytes(tree, inRoot(tree, messagePath(address, state, mail.file)))
  const parsed = parse(tree, address, mail, bytes)
  if (parsed === undefined || 'fault' in parsed) return parsed
  return whyUnvouched(tree, parsed.message, bytes as Buffer) ?? parsed
}

/** The same without a word about its writer: for who only counts what lies there, and shows nobody anything of it. */
export function readUnvouched(tree: Tree, address: string, state: State, mail: Mail): Parsed | undefined {
  return parse(tree, address, mail, readBytes(tree, inRoot(tree, messagePath(address, state, mail.file))))
}

function parse(
  tree: Tree,
  address: string,
  mail: Mail,
  bytes: ReturnType<typeof readBytes>,
): Parsed | undefined {
  if (bytes === undefined || 'fault' in bytes) return bytes
  const parsed = parseMessage(bytes)
  return 'message' in parsed ? agree(tree, parsed.message, address, mail) : parsed
}

/** The text of a message as it is, unchecked; undefined when it is gone or cannot be read. */
export function textOf(tree: Tree, address: string, state: State, file: string): string | undefined {
  const bytes = readBytes(tree, inRoot(tree, messagePath(address, state, file)))
  return bytes === undefined || 'fault' in bytes ? undefined : bytes.toString('utf8')
}

/** The message of this id and kind wherever it is in the mailbox, or undefined. */
export function readAnywhere(
  tree: Tree,
  address: string,
  id: string,
  kind: Message['kind'],
): { message: Message; state: State } | undefined {
  const file = fileName(id, kind)
  const state = findMessage(tree, address, file)
  const parsed = state && read(tree, address, state, { id, kind, file })
  return parsed && 'message' in parsed ? { message: parsed.message, state: state as State } : undefined
}

/** How long a message has been in its state, in ms by this host's clock; undefined when it has moved on. */
export function timeInState(tree: Tree, address: string, state: State, file: string): number | undefined {
  const path = inRoot(tree, messagePath(address, state, file))
  if (isRemote(tree.root)) return isThere(path) ? keptInState(tree, address, file, state) : undefined
  const since = changedAt(path)
  return since === undefined ? undefined : Math.max(0, elapsed(since))
}

/** How long ago a message was written, in ms by the clock of the file system; undefined when it has moved on. */
export function age(tree: Tree, address: string, state: State, file: string): number | undefined {
  const since = writtenAt(inRoot(tree, messagePath(address, state, file)))
  return since === undefined ? undefined : Math.max(0, Date.now() - since)
}

/** How long a message has waited here, in ms: since it was written by this host, on its own disk; else since it was seen here first. */
export function waitedFor(
  tree: Tree,
  address: string,
  state: State,
  { file, from }: { file: string; from: string },
): number {
  if (isOwnLabel(tree, hostOf(from)) && !isRemote(tree.root)) return age(tree, address, state, file) ?? 0
  return knownFor(tree, address, file, state)
}

function readBytes(tree: Tree, file: string): Buffer | undefined | { fault: Fault; why: string } {
  try {
    return readRegular(file)
  } catch (error) {
    if (isExhausted(error)) throw error // it says nothing about the file
    if (isPassing(error) && isRemote(tree.root)) return undefined // look again
    const fault = codeOf(error) === 'EFBIG' ? 'too-large' : 'unreadable'
    return { fault, why: (error as Error).message }
  }
}

function agree(tree: Tree, message: Message, address: string, mail: Mail): Parsed {
  const right = message.id === mail.id && message.kind === mail.kind && isFor(tree, message.to, address)
  return right
    ? { message }
    : { fault: 'name-mismatch', why: `the file says ${message.kind} ${message.id} to ${message.to}` }
}
