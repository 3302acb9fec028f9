/** The courier's pass, as src/courier/run.ts makes it, but for watching, waiting and panes: nothing here has one. */

import { attend, type Memory } from '../../src/courier/attend.ts'
import type { Card } from '../../src/protocol/card.ts'
import { cardsOfHost, readCard } from '../../src/spool/cards.ts'
import { noteShared } from '../../src/spool/shared.ts'
import { stateTemporaryPath, type Tree } from '../../src/spool/tree.ts'
import { keepCards } from '../../src/verbs/keep-cards.ts'
import { reconcile } from '../../src/verbs/reconcile.ts'
import { type Missing, repair } from '../../src/verbs/repair.ts'
import { forgetReturnedAsks } from '../../src/verbs/stale-asks.ts'
import { sortOut } from '../../src/verbs/vouch.ts'

export type Courier = {
  memories: Map<string, Memory>
  known: Map<string, Card>
  missing: Missing
  checked: Set<string>
  looked: number
}

export function makeCourier(): Courier {
  const looked = Number.NEGATIVE_INFINITY
  return { memories: new Map(), known: new Map(), missing: new Map(), checked: new Set(), looked }
}

const REPAIR_MS = 60_000

/** Each part fails for itself; returns how. */
export async function makeRound(tree: Tree, courier: Courier): Promise<unknown[]> {
  const errors: unknown[] = []
  const quietly = <T>(act: () => T): T | undefined => {
    try {
      return act()
    } catch (error) {
      return void errors.push(error)
    }
  }
  const cards = quietly(() => keepCards(tree, courier.known, cardsOfHost(tree))) ?? []
  for (const { address } of cards) {
    const memory = courier.memories.get(address) ?? {
      attempts: new Map(),
      typedBefore: new Set(),
      known: new Map(),
    }
    courier.memories.set(address, memory)
    const card = quietly(() => readCard(tree, address))
    if (card !== undefined) await attend(tree, card, memory).catch((error) => errors.push(error))
  }
  quietly(() => noteShared(tree, stateTemporaryPath(tree)))
  quietly(() => sortOut(tree))
  quietly(() => repair(tree, courier.missing, REPAIR_MS))
  if (performance.now() - courier.looked < REPAIR_MS) return errors
  courier.looked = performance.now()
  quietly(() => reconcile(tree, courier.checked))
  quietly(() => forgetReturnedAsks(tree))
  return errors
}
