/** What holds of the whole tree whenever anybody looks: between any two calls of any process. */

import { type Card, parseCard } from '../../src/protocol/card.ts'
import { STATES } from '../../src/protocol/layout.ts'
import { liveness } from '../../src/spool/process.ts'
import { asksOn, type File, fieldsOf, type Letter, lettersOn, nowOf } from './on-disk.ts'

/** Every violation, in words; `before`: what lay there before the act; `forgets`: the act may remove messages. */
export function violationsIn(disk: File[], before: File[], forgets = false): string[] {
  const letters = lettersOn(disk)
  const old = lettersOn(before)
  return [
    ...letters.flatMap((letter) => partial(letter, old)),
    ...letters.flatMap((letter) => twice(letter, letters)),
    ...letters.flatMap((letter) => unsaid(letter, old, disk)),
    ...(forgets ? [] : letters.flatMap((letter) => endedAlone(letter, letters, disk))),
    ...(forgets ? [] : old.flatMap((letter) => lost(letter, letters))),
    ...cardsOn(before).flatMap((card) => displaced(card, disk)),
    ...cardsOn(disk).flatMap((card) => homeless(card, disk, before)),
    ...disk.flatMap(ownFile),
  ]
}

/** A file in a state directory is a whole message under its own name, or lay there as it is. */
function partial({ path, file, text, message }: Letter, old: Letter[]): string[] {
  const was = old.some((it) => it.file === file && it.text === text)
  return message !== undefined || was
    ? []
    : [`a partial file is visible: ${path} holds ${text.length} characters`]
}

/** A message is in one place. */
function twice({ path, file }: Letter, letters: Letter[]): string[] {
  const others = letters.filter((it) => it.file === file && it.path > path)
  return others.map((it) => `a message is in two places: ${path} and ${it.path}`)
}

const CLOSED = ['answered', 'unanswered']

/** A query that has ended has its one reply, and the reply's outcome tells the directory. mailbox-spec §4.3 */
function endedAlone({ path, state, message }: Letter, letters: Letter[], disk: File[]): string[] {
  if (message?.kind !== 'query' || (state !== 'done' && state !== 'dead')) return []
  const replies = letters.flatMap((it) =>
    isReplyTo(it, message.id, message.from, disk) ? (it.message?.outcome ?? []) : [],
  )
  if (replies.length === 0 && wasForged(message.id, disk)) return []
  if (replies.length !== 1) return [`an ended query has ${replies.length} replies: ${path}`]
  const right = CLOSED.includes(replies[0] as string) === (state === 'done')
  return right ? [] : [`a query ended as ${replies[0]}, and lies in ${path}`]
}

/** In the mailbox of the asker, under whatever name. */
export function isReplyTo({ address, message }: Letter, id: string, asker: string, disk: File[]): boolean {
  return message?.kind === 'reply' && message.id === id && nowOf(disk, address) === nowOf(disk, asker)
}

/** Nobody is told of what nobody asked. mailbox-spec §4.6 */
function wasForged(id: string, disk: File[]): boolean {
  return journalOn(disk).some(
    (line) => line.event === 'ended' && line.id === id && line.fault === 'wrong-sender',
  )
}

/** A reply is in the journal, with its text, before anybody can read it. mailbox-spec §10 */
function unsaid({ path, message }: Letter, old: Letter[], disk: File[]): string[] {
  if (message?.kind !== 'reply' || old.some(({ text }) => fieldsOf(text).id === message.id && isReply(text)))
    return []
  const said = journalOn(disk).some(
    ({ event, id, outcome, body }) =>
      event === 'replied' && id === message.id && outcome === message.outcome && body === message.body,
  )
  return said ? [] : [`a reply is not in the journal: ${path}`]
}

function isReply(text: string): boolean {
  return fieldsOf(text).kind === 'reply'
}

function journalOn(disk: File[]): Record<string, unknown>[] {
  const days = disk.filter(({ path }) => path.startsWith('state/journal/'))
  return days.flatMap(({ text }) => text.trimEnd().split('\n').map(fieldsOf))
}

/** What was published stays, as it was. */
function lost({ path, file, text }: Letter, letters: Letter[]): string[] {
  const there = letters.some((it) => it.file === file && it.text === text)
  return there ? [] : [`a message was lost or changed: ${path}`]
}

/** The card of a living agent is its own. */
function displaced(card: Card, disk: File[]): string[] {
  if (card.agent === 'person' || liveness(card.process) === 'dead') return []
  const now = cardsOn(disk).find(({ address }) => address === card.address)
  return now?.process.pid === card.process.pid
    ? []
    : [`the card of a living process was replaced: ${card.address}`]
}

/** Whoever has a card has all seven directories. mailbox-spec §2 */
function homeless({ address }: Card, disk: File[], before: File[]): string[] {
  const has = (files: File[], dir: string) =>
    files.some(({ path }) => path === `root/inbox/${address}/${dir}/`)
  const missing = [...STATES, 'asks'].filter((dir) => !has(disk, dir))
  const newly = !cardsOn(before).some((card) => card.address === address)
  return missing.length === 0 || !newly ? [] : [`${address} has a card, and no ${missing.join(', ')}`]
}

export function cardsOn(disk: File[]): Card[] {
  return disk
    .filter(({ path }) => path.startsWith('root/peers/'))
    .flatMap(({ text }) => parseCard(text) ?? [])
}

/** The other files: each is whole, has a name that somebody knows, and is nobody else's to read. */
function ownFile({ path, text, mode }: File): string[] {
  if (!/^(root|state)\//.test(path)) return []
  // A lock is an empty directory, made by the library that locks.
  const open = (mode & 0o077) === 0 || path.endsWith('.lock/') ? [] : [`others can read ${path}`]
  // A backup is read only by who has its name in set-up.json, which is written after it.
  if (path.endsWith('.tmp') || /^(root\/tmp|state\/backups)\//.test(path)) return open
  return isWhole(path, text) ? open : [...open, `a partial file is visible: ${path} holds "${text}"`]
}

function isWhole(path: string, text: string): boolean {
  if (path.endsWith('/')) return true
  const [, address] = path.match(/^root\/peers\/(.+)\.json$/) ?? []
  // What a synchroniser has put aside is a card under another name.
  const [named] = (address ?? '').split('.sync-conflict-')
  if (path.startsWith('root/peers/')) return parseCard(text)?.address === named
  if (path.includes('/asks/'))
    return asksOn([{ path, text, mode: 0 }]).some(({ process }) => process !== undefined)
  if (path.endsWith('.jsonl')) return text.endsWith('\n') && text.split('\n').slice(0, -1).every(isObject)
  return path.startsWith('root/inbox/') || !path.endsWith('.json') || isObject(text)
}

function isObject(text: string): boolean {
  return Object.keys(fieldsOf(text)).length > 0
}
