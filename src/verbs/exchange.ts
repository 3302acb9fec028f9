import type { Exchange } from '../protocol/frame.ts'
import { type Frame, frameOf, replyText } from '../protocol/frame.ts'
import type { Message } from '../protocol/message.ts'
import { askOf } from '../spool/asks.ts'
import { currentAddress } from '../spool/cards.ts'
import { markerOf } from '../spool/marker.ts'
import { readAnywhere } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'

// More would push the question itself out of sight.
const MOST_EARLIER = 3

/**
 * What is put before a model: a reply quotes its question, a follow-up shows the exchanges before it. Reads both mailboxes;
 * changes nothing. mailbox-spec §8.2, §9.4
 */
export function frameFor(tree: Tree, message: Message): Frame {
  return frameOf(message, markerOf(tree, message), earlierOf(tree, message).reverse())
}

/** A reply as the result of a tool. mailbox-spec §8.2 */
export function replyFor(tree: Tree, reply: Message): string {
  return replyText(reply, markerOf(tree, reply))
}

/** The exchange that began with this query, looked for where one of its two peers is among `near`; undefined where it is gone. */
export function exchangeOf(tree: Tree, id: string, near: string[]): Exchange | undefined {
  const mailboxes = near.map((address) => currentAddress(tree, address))
  const asked = mailboxes.flatMap((mailbox) => [
    mailbox,
    replyIn(tree, mailbox, id)?.from ?? askOf(tree, mailbox, id)?.to ?? mailbox,
  ])
  const query = asked.flatMap((address) => queryIn(tree, address, id) ?? [])[0]
  if (query === undefined) return undefined
  const reply = replyIn(tree, currentAddress(tree, query.from), id)
  return { query, ...(reply !== undefined && { reply }) }
}

/** One in dead/ was refused: it is nobody's answer. */
function replyIn(tree: Tree, mailbox: string, id: string): Message | undefined {
  const found = readAnywhere(tree, mailbox, id, 'reply')
  return found?.state === 'dead' ? undefined : found?.message
}

/** What is held is quoted to nobody. */
function queryIn(tree: Tree, address: string, id: string): Message | undefined {
  const found = readAnywhere(tree, currentAddress(tree, address), id, 'query')
  return found?.state === 'held' ? undefined : found?.message
}

/** The latest first. */
function earlierOf(tree: Tree, message: Message): Exchange[] {
  const earlier: Exchange[] = []
  for (let next = message.in_reply_to; next !== undefined && earlier.length < MOST_EARLIER; ) {
    const found = exchangeOf(tree, next, [message.from, message.to])
    if (found === undefined) break
    earlier.push(found)
    next = message.kind === 'reply' ? undefined : found.query.in_reply_to
  }
  return earlier
}
