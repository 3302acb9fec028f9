import type { Card } from '../protocol/card.ts'
import { idsIn } from '../protocol/frame.ts'
import type { Tree } from '../spool/tree.ts'
import { handOver } from './given.ts'

/** The post-tool hook saw this result of one of our tools: the replies and notices in it are consumed. cur → done. mailbox-spec §7.1 */
export function shown(tree: Tree, card: Card, result: string): void {
  for (const id of idsIn(result)) handOver(tree, card, id, 'post-tool')
}
