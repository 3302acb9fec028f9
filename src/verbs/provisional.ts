/**
 * An answer that may not be all: the agent has ended its turn, and a task that it began for the question still runs. The
 * text is held in given/<id>.json until the turn that the client starts at the task's end. mailbox-spec §8.3
 */

import type { Card } from '../protocol/card.ts'
import { elapsed } from '../spool/clock.ts'
import { type Grant, type Hold, readGrant, writeGrant } from '../spool/grants.ts'
import { readAnywhere } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { noteAnswer } from './amend.ts'
import { openQueries } from './end-open.ts'
import { endQuery } from './end-query.ts'

const HOLD_MS = 600_000

/** Keeps the text, in place of an earlier one; the time runs on from the first. The question stays open. */
export function hold(tree: Tree, grant: Grant, text: string): void {
  writeGrant(tree, { ...grant, held: { text, since: grant.held?.since ?? Date.now() } })
}

/** Sends what has been held for ten minutes, as provisional (open → done); a later text follows as an amendment. */
export function publishHeld(tree: Tree, card: Card): void {
  for (const grant of heldOf(tree, card.address)) {
    if (elapsed(grant.held.since) >= HOLD_MS) publishOne(tree, card, grant)
  }
}

function publishOne(tree: Tree, card: Card, grant: Held): void {
  const { id, held } = grant
  const query = readAnywhere(tree, card.address, id, 'query')?.message
  const mail = { id, kind: 'query' as const, file: `${id}.query.json` }
  const end = { outcome: 'answered' as const, body: held.text, by: 'courier', provisional: true }
  if (endQuery(tree, card.address, mail, 'open', end)) noteAnswer(tree, card, grant, query, held.text)
}

export type Held = Grant & { held: Hold }

/** The questions whose answers are held. */
export function heldOf(tree: Tree, address: string): Held[] {
  return openQueries(tree, address).flatMap(({ id }) => {
    const grant = readGrant(tree, id)
    return grant?.held === undefined ? [] : [{ ...grant, held: grant.held }]
  })
}
