import { fileName } from '../protocol/layout.ts'
import { currentCard } from '../spool/cards.ts'
import { findMessage } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'
import { WAITS_FOR_USER } from '../verbs/reach.ts'
import { whyHeld } from './doors.ts'
import { named } from './gates.ts'

/** Where a question is now and, where it waits, for what: the words for an asker. Looks, and changes nothing. */
export async function whereIs(tree: Tree, id: string, to: string): Promise<string> {
  const card = currentCard(tree, to)
  const state = card && findMessage(tree, card.address, fileName(id, 'query'))
  if (card === undefined || state === undefined) return `${to} has no such question`
  if (state === 'open') return `${card.address} has the question`
  if (state === 'done' || state === 'dead') return `the question to ${card.address} is over`
  const why = state === 'held' ? WAITS_FOR_USER : await whyHeld(tree, card)
  return why === undefined
    ? `the question is on its way to ${card.address}`
    : `the question waits for ${card.address}, because ${state === 'held' ? why : named(why, card.address)}`
}
