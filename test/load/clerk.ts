/** One process that takes the mail of many peers without hooks, as the inbox tool of each would: an event is a hint, a scan the truth. */

import type { Card } from '../../src/protocol/card.ts'
import { readCard } from '../../src/spool/cards.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { watchMail } from '../../src/spool/watch.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { now, type Say } from './lines.ts'

const SCAN_MS = 5_000

export async function serve(tree: Tree, addresses: string[], say: Say): Promise<void> {
  const cards = new Map(addresses.map((address) => [address, readCard(tree, address) as Card]))
  const take = (address: string) => {
    for (const { id, body } of takeInbox(tree, cards.get(address) as Card, false)) {
      const [writer, start] = body.split(' ').map(Number) as [number, number]
      say({ event: 'taken', id, writer, ms: now() - start })
    }
  }
  await watchMail(tree, addresses, (file) => take(file.split('/').at(-3) as string)).ready
  setInterval(() => addresses.forEach(take), SCAN_MS)
  addresses.forEach(take)
  say({ event: 'ready' })
}
