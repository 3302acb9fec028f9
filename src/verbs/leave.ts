import type { Card } from '../protocol/card.ts'
import { forgetProcess } from '../spool/cards.ts'
import { forgetAnswer } from '../spool/grants.ts'
import { record } from '../spool/journal.ts'
import { forgetMode } from '../spool/modes.ts'
import { hasMail } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { settle } from './settle.ts'

/**
 * A peer's process is ending, or has ended: what it held is settled at once, and the journal says once that it left. Its
 * card stays and keeps the name. mailbox-spec §5.4
 */
export function leave(tree: Tree, card: Card, why: string): void {
  if (hasMail(tree, card.address)) settle(tree, card)
  if (!forgetProcess(tree, card)) return
  forgetAnswer(tree, card.process.pid)
  forgetMode(tree, card.process)
  record(tree, 'left', card.address, undefined, { pid: card.process.pid, why })
}
