import type { Card } from '../protocol/card.ts'
import type { State } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { listAsks, whoWants } from '../spool/asks.ts'
import { writeGrant } from '../spool/grants.ts'
import { record } from '../spool/journal.ts'
import { claim, finishUnclaimed, giveQueryUnclaimed } from '../spool/moves.ts'
import { type Mail, read, readAnywhere, scan, textOf, timeInState } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { handOver } from './given.ts'
import { receive } from './receive.ts'
import { refuse } from './refuse.ts'

export type Letter = { state: State; message: Message }

/** What lies in a mailbox and is not finished, oldest first; touches nothing. */
export function lookInbox(tree: Tree, address: string): Letter[] {
  const states: State[] = ['new', 'cur', 'open', 'held']
  return states.flatMap((state) =>
    scan(tree, address, state).flatMap((mail) => letter(tree, address, state, mail)),
  )
}

function letter(tree: Tree, address: string, state: State, mail: Mail): Letter[] {
  const parsed = read(tree, address, state, mail)
  return parsed !== undefined && 'message' in parsed ? [{ state, message: parsed.message }] : []
}

// A client shows its model only so much of one result, and the post-tool hook would call all of it shown.
const MAX_CHARACTERS = 300_000

/**
 * Hands over the waiting mail, as much as one result holds, as a tool's result: queries go new → open and must be answered by reply_peer; notices and
 * late replies go new → cur, and the post-tool hook finishes them; where the client has no hooks (`proven` false) they
 * go to done/ at once. A reply that a process waits for is left to it. mailbox-spec §7.1
 */
export function takeInbox(tree: Tree, card: Card, proven: boolean): Message[] {
  const taken: Message[] = []
  let room = MAX_CHARACTERS
  if (!proven) finishLeftClaimed(tree, card, taken)
  for (const mail of scan(tree, card.address, 'new')) {
    if (room <= 0) break
    const message = takeNext(taken, () => takeOne(tree, card, mail, proven))
    if (message === 'failed') break
    if (message === undefined) continue
    taken.push(message)
    room -= message.body.length
  }
  return taken
}

/** What was taken before is handed over all the same; the next call, with nothing before it, tells of the error. */
function takeNext(taken: Message[], take: () => Message | undefined): Message | undefined | 'failed' {
  try {
    return take()
  } catch (error) {
    if (taken.length === 0) throw error
    return 'failed'
  }
}

// Longer than a server needs between claiming a message and handing it over.
const HANDED_OVER_MS = 1_000

/**
 * No hook tells of a client without hooks what its agent was shown, so no courier puts back for it what a server claimed
 * before it died: the next server hands that over. cur → done. mailbox-spec §7.2
 */
function finishLeftClaimed(tree: Tree, card: Card, taken: Message[]): void {
  for (const mail of scan(tree, card.address, 'cur')) {
    const left = (timeInState(tree, card.address, 'cur', mail.file) ?? 0) >= HANDED_OVER_MS
    const message = left ? readAnywhere(tree, card.address, mail.id, mail.kind)?.message : undefined
    if (message !== undefined && handOver(tree, card, mail.id, 'inbox')) taken.push(message)
  }
}

function takeOne(tree: Tree, card: Card, mail: Mail, proven: boolean): Message | undefined {
  if (mail.kind === 'cancel' || (mail.kind === 'reply' && whoWants(tree, card.address, mail.id) !== 'late'))
    return undefined
  const message = receive(tree, card.address, mail)?.message
  if (message === undefined) return undefined
  if (mail.kind === 'query') return openByTool(tree, card.address, mail) ? message : undefined
  if (!claim(tree, card.address, mail.file)) return undefined
  if (!proven) handOver(tree, card, mail.id, 'inbox')
  return message
}

/** new → open as a tool's result; only reply_peer answers it. False when somebody else took it. */
export function openByTool(tree: Tree, address: string, mail: Mail): boolean {
  const query = textOf(tree, address, 'new', mail.file)
  writeGrant(tree, { id: mail.id, offset: 0, alone: false, reminded: false, query })
  record(tree, 'given', address, mail.id, { hook: 'inbox' })
  return giveQueryUnclaimed(tree, address, mail.file)
}

/** A reply that nobody wants any more is filed. new → done. mailbox-spec §9.1 */
export function fileUnwanted(tree: Tree, address: string, mail: Mail): boolean {
  if (mail.kind !== 'reply' || whoWants(tree, address, mail.id) !== 'unwanted') return false
  const parsed = read(tree, address, 'new', mail)
  if (parsed === undefined || 'message' in parsed) return finishUnclaimed(tree, address, mail.file)
  return refuse(tree, address, mail, parsed.fault, parsed.why)
}

/** The questions of this peer that have no answer yet. */
export function unanswered(tree: Tree, address: string): { id: string; to: string; state: string }[] {
  return listAsks(tree, address).map(({ id, to, state }) => ({ id, to, state }))
}
