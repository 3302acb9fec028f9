import { KINDS, type State } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { listMailboxes, readAnywhere } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'

export type Placed = { mailbox: string; state: State; message: Message }

/** Every message of one id, in whatever mailbox and state it lies: a query, its cancel and its reply have one id. */
export function findEverywhere(tree: Tree, id: string): Placed[] {
  return listMailboxes(tree).flatMap((mailbox) =>
    KINDS.flatMap((kind) => {
      const found = readAnywhere(tree, mailbox, id, kind)
      return found === undefined ? [] : [{ mailbox, ...found }]
    }),
  )
}
