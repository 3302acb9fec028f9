/** What a tree that was rolled back has lost, or brings back. */

import { cardsOfHost } from '../../../src/spool/cards.ts'
import { keepCards } from '../../../src/verbs/keep-cards.ts'
import { reconcile } from '../../../src/verbs/reconcile.ts'
import { repair } from '../../../src/verbs/repair.ts'
import { forgetReturnedAsks } from '../../../src/verbs/stale-asks.ts'
import type { Acts } from './town.ts'

export const lost = {
  'put what came back in its place': ({ tree }) => {
    reconcile(tree, new Set())
    forgetReturnedAsks(tree)
  },
  'publish again what is lost': ({ tree }) => repair(tree, new Map(), 0),
  'keep the cards': ({ tree, peer }) => keepCards(tree, new Map([[peer.address, peer]]), cardsOfHost(tree)),
} satisfies Acts
