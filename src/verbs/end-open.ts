import type { Card } from '../protocol/card.ts'
import type { Outcome } from '../protocol/message.ts'
import { type Mail, scan } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { type End, endQuery } from './end-query.ts'

/** Ends every question that this agent has been given and has not answered; returns how many. open → dead. mailbox-spec §4.5 */
export function endOpen(tree: Tree, card: Card, end: End): number {
  return openQueries(tree, card.address).filter((mail) => endQuery(tree, card.address, mail, 'open', end))
    .length
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
