import type { Card } from '../protocol/card.ts'
import type { State } from '../protocol/layout.ts'
import { goLate, listAsks } from '../spool/asks.ts'
import { hasLivingHeir } from '../spool/cards.ts'
import { scan } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { endQuery } from './end-query.ts'
import { returnToNew } from './put-back.ts'
import { receive } from './receive.ts'
import { forgetStaleAsks } from './stale-asks.ts'

/**
 * Settles what a process that has ended leaves in its mailbox: its queries in new/, held/, cur/ and open/ end as `gone`, its
 * notices and replies in cur/ go back to new/, its blocked asks become late, and those that it never published are
 * forgotten. Repeating it is harmless. What a living process has since taken over is not touched: its card is the one that
 * is out of date. Returns how many queries ended. mailbox-spec §5.4, §7.4
 */
export function settle(tree: Tree, card: Card): number {
  if (hasLivingHeir(tree, card)) return 0
  const end = { outcome: 'gone' as const, body: `${card.address} ended before it answered.`, by: 'settle' }
  // What is not from its writer, or was taken back, ends as that; everything else as gone.
  for (const mail of queriesIn(tree, card.address, 'new')) receive(tree, card.address, mail)
  const states: State[] = ['open', 'cur', 'new', 'held']
  const ended = states.flatMap((state) =>
    queriesIn(tree, card.address, state).filter((mail) => endQuery(tree, card.address, mail, state, end)),
  )
  for (const mail of scan(tree, card.address, 'cur')) returnToNew(tree, card, mail, 'the process ended')
  for (const ask of listAsks(tree, card.address))
    if (ask.state === 'blocked') goLate(tree, card.address, ask.id)
  forgetStaleAsks(tree, card.address)
  return ended.length
}

function queriesIn(tree: Tree, address: string, state: State) {
  return scan(tree, address, state).filter((mail) => mail.kind === 'query')
}
