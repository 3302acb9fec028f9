/** How a message appears: whole, at one instant, once. mailbox-spec §6. */

import * as path from 'node:path'
import { RepowireError } from '../protocol/errors.ts'
import { fileName, mailboxPath, messagePath, parseFileName, STATES, type State } from '../protocol/layout.ts'
import { MAX_MESSAGE_BYTES, type Message } from '../protocol/message.ts'
import { isThere, linkOnce, makeDirectory, removeLitter, writeNew } from './disk.ts'
import { refuseLink } from './links.ts'
import { keepSent } from './outbox.ts'
import { isShared } from './shared.ts'
import { formatFor } from './signing.ts'
import { inRoot, type Tree, temporaryPath } from './tree.ts'

/**
 * → new. Signs what goes to another host, keeps the text in outbox/ (what was kept under this name before is what is sent), writes tmp/<host>/…, fsyncs it,
 * links it into inbox/<to>/new/ and unlinks the temporary name. False when the receiver's mailbox has that name already, in
 * whatever state: it was published before. Follows no link. Errors: too-large, bad-root. mailbox-spec §6
 */
export function publish(tree: Tree, message: Message): boolean {
  const text = formatFor(tree, message)
  refuseTooLarge(text)
  // Where others write, this host's own mail is known by what it has kept: also after a power cut.
  const kept = keepSent(tree, message, text, isShared(tree))
  return publishText(tree, message.to, fileName(message.id, message.kind), kept)
}

/** The same for bytes that were sent before and are lost; keeps nothing. mailbox-spec §6.1 */
export function publishText(tree: Tree, to: string, file: string, text: string): boolean {
  const temporary = temporaryPath(tree)
  for (const directory of [path.dirname(temporary), inRoot(tree, mailboxPath(to)), newOf(tree, to)])
    refuseLink(directory)
  try {
    writeNew(temporary, text, true)
    return !wasPublished(tree, to, file) && deliver(tree, to, file, temporary)
  } finally {
    removeLitter(temporary) // it is published, or the error that is under way says why not
  }
}

function newOf(tree: Tree, to: string): string {
  return inRoot(tree, `${mailboxPath(to)}/new`)
}

function deliver(tree: Tree, to: string, file: string, temporary: string): boolean {
  const target = inRoot(tree, messagePath(to, 'new', file))
  try {
    return linkOnce(temporary, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    makeMailbox(tree, to)
    return linkOnce(temporary, target)
  }
}

// Of a reply, a notice or a cancel only what was refused is in dead/: the writer's own may still come.
const ADVANCED: State[] = ['done', 'open', 'cur', 'held', 'new', 'dead']
const ADVANCED_QUERY: State[] = ['done', 'dead', 'open', 'cur', 'held', 'new']

/**
 * Which directory of the mailbox has this file, the most advanced first. What was moved on while this looked has passed
 * it by, and is met on the way back.
 */
export function findMessage(tree: Tree, address: string, file: string): State | undefined {
  const order = isQuery(file) ? ADVANCED_QUERY : ADVANCED
  const has = (state: State) => isThere(inRoot(tree, messagePath(address, state, file)))
  return order.find(has) ?? order.toReversed().find(has)
}

/** True where the name is taken by its own message; false for a refused one, which was not from its writer. mailbox-spec §6 */
export function wasPublished(tree: Tree, address: string, file: string): boolean {
  const state = findMessage(tree, address, file)
  return state !== undefined && (state !== 'dead' || isQuery(file))
}

function isQuery(file: string): boolean {
  return parseFileName(file)?.kind === 'query'
}

/**
 * Creates all directories of a mailbox; harmless when they exist. Follows no link: what was made or written behind one would lie outside of
 * the root. Errors: bad-root. mailbox-spec §2, §11
 */
export function makeMailbox(tree: Tree, address: string): void {
  const mailbox = inRoot(tree, mailboxPath(address))
  refuseLink(mailbox)
  for (const state of [...STATES, 'asks']) makeDirectory(`${mailbox}/${state}`)
}

/** Throws for what `publish` would not take. Errors: too-large. */
export function refuseTooLarge(text: string): void {
  const size = Buffer.byteLength(text)
  if (size <= MAX_MESSAGE_BYTES) return
  throw new RepowireError(
    'too-large',
    `The message is ${size} bytes, and one message holds at most ${MAX_MESSAGE_BYTES}.`,
    'Shorten it, or name a file that the other agent can read.',
  )
}
