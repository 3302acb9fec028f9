import type { Card } from '../protocol/card.ts'
import { record } from '../spool/journal.ts'
import type { Tree } from '../spool/tree.ts'
import { settle } from './settle.ts'

/** A peer says that its process is ending: what it held is settled at once. Its card stays and keeps the name. mailbox-spec §5 */
export function leave(tree: Tree, card: Card, why: string): void {
  settle(tree, card)
  record(tree, 'left', card.address, undefined, { pid: card.process.pid, why })
}
