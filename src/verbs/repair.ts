/**
 * What was published and is lost: a tree that was rolled back takes it from every machine that shares it, and only its sender
 * still knows it. The courier of the sender's host publishes it again: same name, same bytes. mailbox-spec §6.1
 */

import type { ProcessMark } from '../protocol/card.ts'
import { fileName, type State } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { isAsked, markLate } from '../spool/asks.ts'
import { currentAddress, namesSince, readCard, underAnyName } from '../spool/cards.ts'
import { readAbout, record, SAYS_SENT, tell } from '../spool/journal.ts'
import { timestamp } from '../spool/new-id.ts'
import { forgetSent, keptFor, listSent, readSent, type Sent, sentBytes } from '../spool/outbox.ts'
import { findMessage, publishText } from '../spool/publish.ts'
import { readAnywhere } from '../spool/scan.ts'
import { isShared } from '../spool/shared.ts'
import type { Tree } from '../spool/tree.ts'

/** Below the retention of done/ (a name that was collected there is no loss), and above any time to live. */
const HORIZON_MS = 20 * 86_400_000

// What a power cut left empty is written again by whoever sends it again, or by nobody.
const LITTER_MS = 3_600_000

/** Longer than a process that waits takes to write its own file anew. */
const WAITER_MS = 5_000

/** Since when each message, or the file in asks/ of a question, is nowhere, in ms of performance.now(); for one courier. */
export type Missing = Map<string, number>

/**
 * Looks after every message in outbox/: forgets what its receiver is done with, and publishes again what has been in none of
 * the receiver's directories for `graceMs`. A question that is not over is asked: its file in asks/ is made anew as
 * late. With nothing in outbox/ it is one readdir. Writes `repaired`. mailbox-spec §6.1
 */
export function repair(tree: Tree, missing: Missing, graceMs: number): void {
  const kept = listSent(tree)
  for (const sent of kept) tend(tree, sent, missing, graceMs)
  const files = new Set(kept.flatMap(({ file }) => [file, asksOf(file)]))
  for (const file of missing.keys()) if (!files.has(file)) missing.delete(file)
}

function tend(tree: Tree, sent: Sent, missing: Missing, graceMs: number): void {
  const message = readSent(tree, sent.id, sent.kind)
  const state = message && stateOf(tree, message)
  const kept = keptFor(tree, sent.file)
  const over = message === undefined ? kept > LITTER_MS : isOver(tree, message, state)
  if (over && message?.kind === 'query') sayAsked(tree, message)
  if (over || kept > HORIZON_MS) return void forgetSent(tree, sent.id, sent.kind)
  if (message === undefined) return
  if (message.kind === 'query') keepAsked(tree, message, state, missing, Math.min(WAITER_MS, graceMs))
  if (state !== undefined || isAnswered(tree, message)) return void missing.delete(sent.file)
  const since = missing.get(sent.file) ?? performance.now()
  missing.set(sent.file, since)
  if (performance.now() - since >= graceMs) sendAgain(tree, message, missing)
}

/** In a shared root its answer counts only while something says that it was asked, and its asker may have died before it did. */
function sayAsked(tree: Tree, { id, from, to, in_reply_to, urgent, body }: Message): void {
  if (!isShared(tree) || readAbout(tree, [id]).some(({ event }) => event === 'asked')) return
  record(tree, 'asked', from, id, { to, in_reply_to, urgent, body })
}

/** The same under every name that its receiver has had since. */
function stateOf(tree: Tree, { id, kind, to }: Message): State | undefined {
  return underAnyName(tree, to, (name) => findMessage(tree, name, fileName(id, kind)))
}

/** A query is over for its sender when its reply was taken; anything else when it was consumed or refused. */
function isOver(tree: Tree, message: Message, state: State | undefined): boolean {
  if (message.kind !== 'query') return state === 'done' || state === 'dead'
  const reply = stateOfReply(tree, message)
  return reply === 'cur' || reply === 'open' || reply === 'done'
}

function isAnswered(tree: Tree, message: Message): boolean {
  const reply = message.kind === 'query' ? stateOfReply(tree, message) : undefined
  return reply !== undefined && reply !== 'dead'
}

/** Read, not only found: anybody may have put a file of this name there. */
function stateOfReply(tree: Tree, { id, from }: Message): State | undefined {
  return underAnyName(tree, from, (name) => readAnywhere(tree, name, id, 'reply'))?.state
}

/** What the journal does not have was never published: its sender died before, and its call failed. */
function sendAgain(tree: Tree, message: Message, missing: Missing): void {
  const { id, kind } = message
  const bytes = sentBytes(tree, id, kind)
  missing.delete(fileName(id, kind))
  if (bytes === undefined) return
  const said = isSaid(tree, message)
  if (!said || isConsumed(tree, message)) return void forgetSent(tree, id, kind)
  const to = currentAddress(tree, message.to)
  if (publishText(tree, to, fileName(id, kind), bytes.toString('utf8')))
    tell(tree, 'repaired', message.from, id, { kind, to })
}

/** What the journal says was published, or is about to be. */
function isSaid(tree: Tree, { id, kind }: Message): boolean {
  return readAbout(tree, [id]).some(({ event }) => event === SAYS_SENT[kind])
}

function isConsumed(tree: Tree, { id, kind }: Message): boolean {
  return kind === 'query' && readAbout(tree, [id]).some(({ event }) => event === 'consumed')
}

/**
 * Who waits himself writes his file anew first. In this order: a reply is claimed before its question counts as asked no more, and a question that is taken back leaves
 * the outbox first.
 */
function keepAsked(
  tree: Tree,
  query: Message,
  state: State | undefined,
  missing: Missing,
  graceMs: number,
): void {
  const { id, from, to } = query
  const asks = asksOf(fileName(id, 'query'))
  if (namesSince(tree, from).some((name) => isAsked(tree, name, id))) return void missing.delete(asks)
  const since = missing.get(asks) ?? performance.now()
  missing.set(asks, since)
  if (performance.now() - since < graceMs) return
  if (isOver(tree, query, undefined) || sentBytes(tree, id, 'query') === undefined || isConsumed(tree, query))
    return
  // It is nowhere, and was never published: nobody asks it.
  if (state === undefined && !isSaid(tree, query)) return
  const me = currentAddress(tree, from)
  missing.delete(asks)
  const process = readCard(tree, me)?.process
  if (process !== undefined)
    markLate(tree, me, { id, to, process: process as ProcessMark, since: timestamp() })
}

function asksOf(file: string): string {
  return `asks of ${file}`
}
