import { fileName, type State } from '../protocol/layout.ts'
import { currentAddress, currentCard } from '../spool/cards.ts'
import { readAbout } from '../spool/journal.ts'
import { isOwn } from '../spool/own-label.ts'
import { findMessage } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'
import { WAITS_FOR_USER, whyAway } from '../verbs/reach.ts'
import { stateThere } from '../verbs/state-there.ts'
import { whyHeld } from './doors.ts'
import { named } from './gates.ts'

type Sent = Parameters<typeof stateThere>[1]

/** The question of this id that a peer of this host asked, by its journal; undefined where none did. */
function readSentTo(tree: Tree, id: string): Sent | undefined {
  const asked = readAbout(tree, [id]).find(({ event }) => event === 'asked')
  return asked === undefined ? undefined : { id, kind: 'query', from: asked.peer, to: String(asked.to) }
}

/** What this host knows of a message that another one has; that one moves it. mailbox-spec §6.1 */
export function whereThere(tree: Tree, sent: Sent): string {
  const state = stateThere(tree, sent)
  const to = currentAddress(tree, sent.to)
  const it = sent.kind === 'query' ? 'the question' : `the ${sent.kind}`
  const [card, taken] = [currentCard(tree, to), state !== 'new' && state !== 'held']
  const away = card === undefined || taken ? undefined : whyAway(tree, card)
  return `${said(it, to, state)}${away === undefined ? '' : `, because ${away}`}, as of the last sync`
}

function said(it: string, to: string, state: State): string {
  if (state === 'done' || state === 'dead') return `${it} to ${to} is over`
  if (state === 'open') return `${to} has ${it}`
  if (state === 'cur') return `${it} is on its way to ${to}`
  return `${it} waits for ${to}${state === 'held' ? ', held by its host: for its user, or because that has not allowed this host' : ''}`
}

/** Where a question is now and, where it waits, for what: the words for an asker. Looks, and changes nothing. */
export async function whereIs(tree: Tree, id: string, to: string): Promise<string> {
  const card = currentCard(tree, to)
  const sent = isOwn(tree, card?.address ?? to) ? undefined : readSentTo(tree, id)
  if (sent !== undefined) return whereThere(tree, sent)
  const state = card && findMessage(tree, card.address, fileName(id, 'query'))
  if (card === undefined || state === undefined) return `${to} has no such question`
  if (state === 'open') return `${card.address} has the question`
  if (state === 'done' || state === 'dead') return `the question to ${card.address} is over`
  const why = state === 'held' ? WAITS_FOR_USER : await whyHeld(tree, card)
  return why === undefined
    ? `the question is on its way to ${card.address}`
    : `the question waits for ${card.address}, because ${state === 'held' ? why : named(why, card.address)}`
}
