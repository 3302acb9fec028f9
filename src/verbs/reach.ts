/** By what a peer can be given a message at all. mailbox-spec §5.5 */

import { hostOf } from '../protocol/address.ts'
import type { Card } from '../protocol/card.ts'
import type { Code } from '../protocol/errors.ts'
import { fileName } from '../protocol/layout.ts'
import { sayAgo } from '../protocol/seen.ts'
import { currentCard } from '../spool/cards.ts'
import { readConfig } from '../spool/config.ts'
import { isOwnLabel } from '../spool/own-label.ts'
import { pauseOf } from '../spool/pause.ts'
import { liveness } from '../spool/process.ts'
import { findMessage } from '../spool/publish.ts'
import { presenceOfHost } from '../spool/seen.ts'
import type { Tree } from '../spool/tree.ts'

/**
 * Why nothing can reach this living peer, in words; undefined where something can: its pane, or a server by which it takes its
 * mail. A client without hooks whose card names no server may be its own. Of another host only that host knows.
 */
export function whyUnreachable(tree: Tree, card: Card): string | undefined {
  if (hostOf(card.address) !== tree.host || hasDoor(tree, card)) return undefined
  if (card.server === undefined)
    return card.agent === 'other'
      ? undefined
      : 'it runs in no tmux pane that may be typed into, its client has no inbox, and no repowire server of it is there'
  if (liveness(card.server) !== 'dead') return undefined
  return 'it runs in no tmux pane that may be typed into, its client has no inbox, and its repowire server has ended'
}

/** Why a peer of another host cannot be asked now, in words: that host has not been seen for a while. mailbox-spec §5.7 */
export function whyAway(tree: Tree, { address }: Card): string | undefined {
  const host = hostOf(address)
  if (isOwnLabel(tree, host)) return undefined
  const { state, ago = 0 } = presenceOfHost(tree, host)
  return state === 'away' ? `its host ${host} was last seen ${sayAgo(ago)}` : undefined
}

/** True for a peer that nothing is typed for: its agent has its mail when it calls its inbox tool. */
export function looksItself(tree: Tree, card: Card): boolean {
  return hostOf(card.address) === tree.host && card.agent !== 'person' && !hasDoor(tree, card)
}

/** A pane or an inbox of its client's, where config.json lets a courier use it. */
function hasDoor(tree: Tree, { tmux, inbox }: Card): boolean {
  const { doors } = readConfig(tree)
  return (tmux !== undefined && doors.includes('tmux')) || (inbox !== undefined && doors.includes('socket'))
}

/** Why a held message waits, for whoever has asked. */
export const WAITS_FOR_USER = 'its user has not let it through yet (in a shell there: repowire held)'

export type Stuck = { code: Code; why: string }

/**
 * Why a question that was published lies in new/ and will stay there until somebody does something: its peer was paused, or cannot be
 * reached any more. It stays asked, and its asker is told. Undefined where it is on its way, given or over. mailbox-spec §5.3, §5.5
 */
export function whyStuck(tree: Tree, id: string, to: string): Stuck | undefined {
  const card = currentCard(tree, to)
  const state = card && findMessage(tree, card.address, fileName(id, 'query'))
  if (card === undefined || (state !== 'new' && state !== 'held')) return undefined
  const stuck = state === 'held' ? HELD : (whyPaused(tree, card) ?? whyCutOff(tree, card))
  return stuck && { ...stuck, why: `the question waits for ${card.address}, because ${stuck.why}` }
}

/** Also its host may be the reason, which is told nobody. */
const HELD: Stuck = { code: 'held', why: WAITS_FOR_USER }

function whyPaused(tree: Tree, { address }: Card): Stuck | undefined {
  const paused = pauseOf(tree, address)
  return paused && { code: 'peer-paused', why: `it is paused since ${paused.since}` }
}

function whyCutOff(tree: Tree, card: Card): Stuck | undefined {
  const why = whyUnreachable(tree, card)
  return why === undefined ? undefined : { code: 'peer-unreachable', why }
}

/** What an asker is told of such a peer before it waits. */
export function saysLooksItself({ address }: Card): string {
  return `${address} runs in no tmux pane: it takes its mail only when it looks into its inbox.`
}
