/** How a message appears: whole, at one instant, once. mailbox-spec §6. */

import { RepowireError } from '../protocol/errors.ts'
import { fileName, mailboxPath, messagePath, STATES, type State } from '../protocol/layout.ts'
import { formatMessage, MAX_MESSAGE_BYTES, type Message } from '../protocol/message.ts'
import { isThere, linkOnce, makeDirectory, removeFile, writeNew } from './disk.ts'
import { inRoot, type Tree, temporaryPath } from './tree.ts'

/**
 * → new. Writes tmp/<host>/…, fsyncs it, links it into inbox/<to>/new/ and unlinks the temporary name. False when the
 * receiver's mailbox has that name already, in whatever state: it was published before. Errors: too-large.
 */
export function publish(tree: Tree, message: Message): boolean {
  const text = formatMessage(message)
  refuseTooLarge(text)
  const temporary = temporaryPath(tree)
  try {
    writeNew(temporary, text, true)
    return (
      findMessage(tree, message.to, fileName(message.id, message.kind)) === undefined &&
      deliver(tree, message, temporary)
    )
  } finally {
    removeFile(temporary)
  }
}

function deliver(tree: Tree, message: Message, temporary: string): boolean {
  const target = inRoot(tree, messagePath(message.to, 'new', fileName(message.id, message.kind)))
  try {
    return linkOnce(temporary, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    makeMailbox(tree, message.to)
    return linkOnce(temporary, target)
  }
}

/** Which directory of the mailbox has this file, the most advanced first. */
export function findMessage(tree: Tree, address: string, file: string): State | undefined {
  const advanced: State[] = ['done', 'dead', 'open', 'cur', 'held', 'new']
  return advanced.find((state) => isThere(inRoot(tree, messagePath(address, state, file))))
}

/** Creates all directories of a mailbox; harmless when they exist. mailbox-spec §2 */
export function makeMailbox(tree: Tree, address: string): void {
  for (const state of [...STATES, 'asks']) makeDirectory(inRoot(tree, `${mailboxPath(address)}/${state}`))
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
