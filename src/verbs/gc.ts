/**
 * Retention: what is over is kept for a while, then removed. Never what somebody still needs to see that a message is a
 * repeat, to quote it, or to prove who wrote it. mailbox-spec §12
 */

import type { Card } from '../protocol/card.ts'
import { timeOf } from '../protocol/id.ts'
import { fileName, messagePath, type State } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { isAsked, listAsks } from '../spool/asks.ts'
import { cardsOfHost, currentAddress, namesSince, removeCard } from '../spool/cards.ts'
import { changedAt, listDirectory, removeLitter, writtenAt } from '../spool/disk.ts'
import { readJournal } from '../spool/journal.ts'
import { discard } from '../spool/moves.ts'
import { resume } from '../spool/pause.ts'
import { liveness } from '../spool/process.ts'
import { findMessage } from '../spool/publish.ts'
import { hasMail, type Mail, mailboxesOfHost, read, scan } from '../spool/scan.ts'
import { inRoot, inState, type Tree } from '../spool/tree.ts'

export const RETENTION_DAYS = 30
const DAY_MS = 86_400_000

/** What was removed (with `dryRun`: would be); `kept`: messages that are old enough and still needed. */
export type Collected = { messages: string[]; cards: string[]; journals: string[]; kept: string[] }

type Old = { address: string; state: 'done' | 'dead'; mail: Mail }
/** What mail on its way refers to: who wrote it and to whom, who is asked, and which exchanges it follows up. */
type Needed = { names: Set<string>; quoted: Set<string> }

/** `limit`: look at no more messages than that in one go. */
export type Retention = { days?: number; dryRun?: boolean; limit?: number }

/**
 * Removes, on this host: messages that have been in done/ or dead/ for `days`, cards of peers that left so long ago and
 * have no mail, journals and marks that are older. Reads the names of everything and opens only what is old.
 */
export function gc(
  tree: Tree,
  { days = RETENTION_DAYS, dryRun = false, limit = Number.POSITIVE_INFINITY }: Retention = {},
): Collected {
  const before = Date.now() - days * DAY_MS
  const needed = whatIsNeeded(tree)
  const old = mailboxesOfHost(tree).flatMap((address) => oldMail(tree, address, before))
  const looked = old.slice(0, limit).map((entry) => ({ ...entry, needed: isNeeded(tree, entry, needed) }))
  const messages = looked.filter((entry) => !entry.needed)
  const cards = oldCards(tree, needed, days, before)
  const journals = oldFiles(tree, 'journal', before)
  if (!dryRun) {
    for (const { address, state, mail } of messages) discard(tree, address, state, mail.file)
    for (const address of cards) retire(tree, address)
    for (const file of [...journals, ...oldFiles(tree, 'take-over', before)])
      removeLitter(inState(tree, file))
  }
  const kept = looked.filter((entry) => entry.needed)
  return { messages: messages.map(pathOf), cards, journals, kept: kept.map(pathOf) }
}

function pathOf({ address, state, mail }: Old): string {
  return messagePath(address, state, mail.file)
}

/** By the time in the name first, so that a young archive costs one readdir; then by when it came here. */
function oldMail(tree: Tree, address: string, before: number): Old[] {
  return (['done', 'dead'] as const).flatMap((state) =>
    scan(tree, address, state)
      .filter((mail) => !isYoung(timeOf(mail.id), before))
      .filter((mail) => isBefore(changedAt(inRoot(tree, messagePath(address, state, mail.file))), before))
      .map((mail) => ({ address, state, mail })),
  )
}

/** A time that is still to come is somebody's wrong clock, and says nothing. */
function isYoung(time: number, before: number): boolean {
  return time >= before && time <= Date.now() + DAY_MS
}

function isBefore(time: number | undefined, before: number): boolean {
  return time !== undefined && time < before
}

const ON_THE_WAY: State[] = ['new', 'cur', 'open', 'held']

function whatIsNeeded(tree: Tree): Needed {
  const waiting = mailboxesOfHost(tree).flatMap((address) =>
    ON_THE_WAY.flatMap((state) => readAll(tree, address, state)),
  )
  const quoted = waiting.flatMap(({ in_reply_to }) => in_reply_to ?? [])
  const asked = mailboxesOfHost(tree).flatMap((address) => listAsks(tree, address).map(({ to }) => to))
  const names = waiting.flatMap(({ from, to }) => [from, to])
  const now = [...names, ...asked].flatMap((name) => namesSince(tree, name))
  return { names: new Set(now), quoted: new Set(quoted) }
}

function readAll(tree: Tree, address: string, state: State): Message[] {
  return scan(tree, address, state).flatMap((mail) => {
    const parsed = read(tree, address, state, mail)
    return parsed !== undefined && 'message' in parsed ? [parsed.message] : []
  })
}

function isNeeded(tree: Tree, { address, state, mail }: Old, { quoted }: Needed): boolean {
  if (quoted.has(mail.id)) return true
  const parsed = read(tree, address, state, mail)
  if (parsed === undefined || 'fault' in parsed) return false
  const { from, kind } = parsed.message
  if (kind === 'query') return isAsked(tree, currentAddress(tree, from), mail.id)
  const asked = kind === 'reply' ? currentAddress(tree, from) : address
  const query = kind === 'notice' ? undefined : findMessage(tree, asked, fileName(mail.id, 'query'))
  return query !== undefined && ON_THE_WAY.includes(query)
}

/** Whoever gets the name is to be disturbed. */
function retire(tree: Tree, address: string): void {
  resume(tree, address)
  removeCard(tree, address)
}

/** Of peers that left long ago; and aliases, whose former name nobody has used for as long. */
function oldCards(tree: Tree, { names }: Needed, days: number, before: number): string[] {
  const isOver = (card: Card) => card.renamed !== undefined || liveness(card.process) === 'dead'
  const mayGo = ({ address, registered }: Card) => Date.parse(registered) < before && !names.has(address)
  const cards = cardsOfHost(tree).filter(
    (card) => mayGo(card) && isOver(card) && !hasMail(tree, card.address),
  )
  if (cards.length === 0) return [] // the journals of a month are not read for nothing
  const seen = readJournal(tree, days).filter(({ event }) => event === 'left' || event === 'registered')
  const young = new Set(seen.filter(({ at }) => Date.parse(at) >= before).map(({ peer }) => peer))
  return cards.map(({ address }) => address).filter((address) => !young.has(address))
}

function oldFiles(tree: Tree, dir: string, before: number): string[] {
  const files = listDirectory(inState(tree, dir)).map((file) => `${dir}/${file}`)
  return files.filter((file) => isBefore(writtenAt(inState(tree, file)), before))
}
