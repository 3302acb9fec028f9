/**
 * outbox/: the bytes of each message that this host has published, until its receiver is seen to be done with it. A tree that
 * was rolled back has lost it; only its sender still knows it. Never shared: so it also tells what this host wrote. mailbox-spec §6.1
 */

import { type FileName, fileName, type Kind, parseFileName } from '../protocol/layout.ts'
import { type Message, parseMessage } from '../protocol/message.ts'
import { createWhole, isThere, listDirectory, readBytes, removeFile, replaceFile, writtenAt } from './disk.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

/**
 * Keeps the text of a message that is about to be published, and returns what was kept first: of two processes that send
 * one reply both send the same. Fsync'd where `durable`; else what a power cut left empty is written again.
 */
export function keepSent(tree: Tree, { id, kind, from }: Message, text: string, durable = false): string {
  const file = outboxPath(tree, fileName(id, kind))
  if (createWhole(stateTemporaryPath(tree), file, text, durable)) return text
  const kept = readBytes(file) ?? Buffer.alloc(0)
  const parsed = parseMessage(kept)
  // Another's message of this name is a forgery of this one, or this one is.
  if ('message' in parsed && parsed.message.from === from) return kept.toString('utf8')
  replaceFile(stateTemporaryPath(tree), file, text, durable)
  return text
}

/** What this host published under this name and is kept, or undefined. */
export function sentBytes(tree: Tree, id: string, kind: Kind): Buffer | undefined {
  const file = outboxPath(tree, fileName(id, kind))
  return isThere(file) ? readBytes(file) : undefined
}

/** The message that is kept, or undefined where there is none that can be read. */
export function readSent(tree: Tree, id: string, kind: Kind): Message | undefined {
  const parsed = parseMessage(sentBytes(tree, id, kind) ?? Buffer.alloc(0))
  return 'message' in parsed ? parsed.message : undefined
}

export type Sent = FileName & { file: string }

/** Everything that is kept, oldest id first; one readdir. */
export function listSent(tree: Tree): Sent[] {
  return listDirectory(inState(tree, 'outbox')).flatMap((file) => {
    const parts = parseFileName(file)
    return parts === undefined ? [] : [{ ...parts, file }]
  })
}

/** How long it has been kept, in ms by this host's clock. */
export function keptFor(tree: Tree, file: string): number {
  return Date.now() - (writtenAt(outboxPath(tree, file)) ?? Date.now())
}

/** Its receiver has it, or it is not to be published any more. Harmless when it is gone. */
export function forgetSent(tree: Tree, id: string, kind: Kind): void {
  removeFile(outboxPath(tree, fileName(id, kind)))
}

function outboxPath(tree: Tree, file: string): string {
  return inState(tree, `outbox/${file}`)
}
