import type { Card } from '../protocol/card.ts'
import type { Outcome } from '../protocol/message.ts'
import { elapsed } from '../spool/clock.ts'
import { readGrant } from '../spool/grants.ts'
import { type Mail, scan } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { type End, endQuery } from './end-query.ts'

/** A client says busy within this time after it has begun a turn. */
const TAKEN_UP_MS = 10_000

/** Ends every question that this agent has been given and has not answered; returns how many. open → dead. mailbox-spec §4.5 */
export function endAll(tree: Tree, card: Card, end: End): number {
  return endEach(tree, card, end, openQueries(tree, card.address))
}

/** The same for those that it had in its turn: not one whose answer is held, for that turn had its end. mailbox-spec §8.3 */
export function endOpen(tree: Tree, card: Card, end: End): number {
  const mails = openQueries(tree, card.address).filter(({ id }) => !isHeld(tree, id))
  return endEach(tree, card, end, mails)
}

function endEach(tree: Tree, card: Card, end: End, mails: Mail[]): number {
  return mails.filter((mail) => endQuery(tree, card.address, mail, 'open', end)).length
}

/** False again once a task's end has started another turn, which can be interrupted like any other. */
function isHeld(tree: Tree, id: string): boolean {
  const held = readGrant(tree, id)?.held
  return held !== undefined && (held.resumed === undefined || elapsed(held.resumed) < TAKEN_UP_MS)
}

export function openQueries(tree: Tree, address: string): Mail[] {
  return scan(tree, address, 'open').filter((mail) => mail.kind === 'query')
}

/** The two ends that a hook or the courier finds; the texts are what the asker reads. */
export function interrupted(card: Card, why: string, by: string): End {
  return {
    outcome: 'interrupted' satisfies Outcome,
    body: `${card.address} was interrupted before it answered: ${why}.`,
    by,
  }
}

export function failed(card: Card, why: string): End {
  return {
    outcome: 'failed' satisfies Outcome,
    body: `The turn of ${card.address} failed: ${why}`,
    by: 'stop-failure',
  }
}
