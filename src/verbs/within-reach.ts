import type { Card } from '../protocol/card.ts'
import { sharesCircle } from '../protocol/circle.ts'
import { currentAddress, currentCard } from '../spool/cards.ts'
import { read } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { openQueries } from './end-open.ts'

/** `all`: also who is in another circle. `with`: the addresses of who took part in the exchange that is followed up. */
export type Reach = { all?: boolean; with?: string[] }

/**
 * Whom `me` may ask and tell: its circle, persons, whoever waits for its answer or took part in what it follows up; for a
 * person, and for an agent that says so, everybody. Looks at open/ only for a peer of another circle. mailbox-spec §5.6
 */
export function withinReach(
  tree: Tree,
  me: string,
  { all, with: others = [] }: Reach,
): (peer: Card) => boolean {
  const mine = currentCard(tree, me)
  const isAmong = ({ address }: Card, names: string[]) =>
    names.some((name) => currentAddress(tree, name) === address)
  return (peer) =>
    all === true || sharesCircle(mine, peer) || isAmong(peer, others) || isAmong(peer, waitingFor(tree, me))
}

/** Who has a question open with this agent. */
function waitingFor(tree: Tree, me: string): string[] {
  return openQueries(tree, me).flatMap((mail) => {
    const parsed = read(tree, me, 'open', mail)
    return parsed !== undefined && 'message' in parsed ? [parsed.message.from] : []
  })
}
