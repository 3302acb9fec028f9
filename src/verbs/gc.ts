/**
 * Retention: what is over is kept for a while, then removed. Never what somebody still needs to see that a message is a
 * repeat, to quote it, or to prove who wrote it. mailbox-spec §12
 */

import type { Card } from '../protocol/card.ts'
import { timeOf } from '../protocol/id.ts'
import { messagePath, type State } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { JOURNAL_DAYS_MORE, RETENTION_DAYS } from '../protocol/retention.ts'
import { listAskFiles, listAsks } from '../spool/asks.ts'
import { cardsOfHost, namesSince, removeCard } from '../spool/cards.ts'
import { changedAt, listDirectory, removeLitter, writtenAt } from '../spool/disk.ts'
import { readJournal } from '../spool/journal.ts'
import { discard } from '../spool/moves.ts'
import { resume } from '../spool/pause.ts'
import { liveness } from '../spool/process.ts'
import { hasMail, listMailboxes, type Mail, mailboxesOfHost, readUnvouched, scan } from '../spool/scan.ts'
import { timeInRoot } from '../spool/time-in-root.ts'
import { inRoot, inState, type Tree } from '../spool/tree.ts'

const DAY_MS = 86_400_000

/** What was removed (with `dryRun`: would be); `kept`: messages that are old enough and still needed. */
export type Collected = { messages: string[]; cards: string[]; journals: string[]; kept: string[] }

/** What was earlier is old: by our own clock, and by that of the files in the root. */
type Before = { here: number; there: number }
type Old = { address: string; state: 'done' | 'dead'; mail: Mail }
/** By what is not over: names that it speaks of, ids that are asked, under way, or followed up. */
type Needed = { names: Set<string>; asked: Set<string>; underWay: Set<string>; quoted: Set<string> }

/** `limit`: remove no more messages than that in one go. */
export type Retention = { days?: number; dryRun?: boolean; limit?: number }

/**
 * Removes, on this host: messages that have been in done/ or dead/ for `days`, cards of peers that left so long ago and
 * have no mail, journals and marks that are older. Reads the names of everything, and opens only what is not over.
 */
export function gc(
  tree: Tree,
  { days = RETENTION_DAYS, dryRun = false, limit = Number.POSITIVE_INFINITY }: Retention = {},
): Collected {
  const before = Date.now() - days * DAY_MS
  const there = timeInRoot(tree) - days * DAY_MS
  const needed = whatIsNeeded(tree)
  const old = oldMail(tree, needed, { here: before, there }, limit)
  const messages = old.filter(({ mail }) => !isNeeded(mail, needed))
  const cards = oldCards(tree, needed, days, before)
  const journals = oldFiles(tree, 'journal', before - JOURNAL_DAYS_MORE * DAY_MS)
  if (!dryRun) {
    for (const { address, state, mail } of messages) discard(tree, address, state, mail.file)
    for (const address of cards) retire(tree, address)
    for (const file of [...journals, ...oldFiles(tree, 'take-over', before)])
      removeLitter(inState(tree, file))
  }
  const kept = old.filter(({ mail }) => isNeeded(mail, needed))
  return { messages: messages.map(pathOf), cards, journals, kept: kept.map(pathOf) }
}

function pathOf({ address, state, mail }: Old): string {
  return messagePath(address, state, mail.file)
}

/** As many as hold `limit` that may go: what must be kept is in nobody's way. */
function oldMail(tree: Tree, needed: Needed, before: Before, limit: number): Old[] {
  const old: Old[] = []
  let removable = 0
  for (const address of mailboxesOfHost(tree))
    for (const state of ['done', 'dead'] as const)
      for (const mail of scan(tree, address, state)) {
        if (removable >= limit) return old
        if (!isOld(tree, address, state, mail, before)) continue
        old.push({ address, state, mail })
        if (!isNeeded(mail, needed)) removable += 1
      }
  return old
}

/** By the time in the name first, so that a young archive costs one readdir; then by when it came here. */
function isOld(tree: Tree, address: string, state: State, { id, file }: Mail, before: Before): boolean {
  if (isYoung(timeOf(id), before.here)) return false
  return isBefore(changedAt(inRoot(tree, messagePath(address, state, file))), before.there)
}

/** A name's time is its sender's: a day more or less says nothing, nor does one that is still to come. */
function isYoung(time: number, before: number): boolean {
  return time >= before + DAY_MS && time <= Date.now() + DAY_MS
}

function isBefore(time: number | undefined, before: number): boolean {
  return time !== undefined && time < before
}

const ON_THE_WAY: State[] = ['new', 'cur', 'open', 'held']

/** By the mailboxes of all hosts: what is over here may be asked, or under way, over there. */
function whatIsNeeded(tree: Tree): Needed {
  const mailboxes = listMailboxes(tree)
  const waiting = mailboxes.flatMap((address) => ON_THE_WAY.flatMap((state) => readAll(tree, address, state)))
  const queries = mailboxes.flatMap((address) =>
    ON_THE_WAY.flatMap((state) => queriesIn(tree, address, state)),
  )
  const asks = mailboxes.flatMap((address) => listAsks(tree, address))
  // By the names: a power cut may have left a file empty.
  const asked = mailboxes.flatMap((address) => listAskFiles(tree, address).map(({ id }) => id))
  const names = [...waiting.flatMap(({ from, to }) => [from, to]), ...asks.map(({ to }) => to)]
  return {
    names: new Set(names.flatMap((name) => namesSince(tree, name))),
    asked: new Set(asked),
    underWay: new Set(queries),
    quoted: new Set(waiting.flatMap(({ in_reply_to }) => in_reply_to ?? [])),
  }
}

function queriesIn(tree: Tree, address: string, state: State): string[] {
  return scan(tree, address, state).flatMap(({ id, kind }) => (kind === 'query' ? [id] : []))
}

function readAll(tree: Tree, address: string, state: State): Message[] {
  return scan(tree, address, state).flatMap((mail) => {
    const parsed = readUnvouched(tree, address, state, mail)
    return parsed !== undefined && 'message' in parsed ? [parsed.message] : []
  })
}

/** A query while its asker has no answer; a reply, and a cancel, while its query may come again. */
function isNeeded({ id, kind }: Mail, { asked, underWay, quoted }: Needed): boolean {
  if (quoted.has(id)) return true
  return kind === 'query' ? asked.has(id) : kind !== 'notice' && underWay.has(id)
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
  const events = ['left', 'registered']
  const lines = events.flatMap((event) => readJournal(tree, days, `"event":"${event}"`))
  const seen = lines.filter(({ event }) => events.includes(event))
  const young = new Set(seen.filter(({ at }) => Date.parse(at) >= before).map(({ peer }) => peer))
  return cards.map(({ address }) => address).filter((address) => !young.has(address))
}

function oldFiles(tree: Tree, dir: string, before: number): string[] {
  const files = listDirectory(inState(tree, dir)).map((file) => `${dir}/${file}`)
  return files.filter((file) => isBefore(writtenAt(inState(tree, file)), before))
}
