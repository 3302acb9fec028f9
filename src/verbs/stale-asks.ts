import { hostOf } from '../protocol/address.ts'
import { fileName } from '../protocol/layout.ts'
import { type Ask, forgetAsk, listAsks } from '../spool/asks.ts'
import { currentAddress } from '../spool/cards.ts'
import { liveness } from '../spool/process.ts'
import { findMessage } from '../spool/publish.ts'
import type { Tree } from '../spool/tree.ts'

/** Forgets what this peer was about to ask when its process died: no query was published, so no answer can come. mailbox-spec §9 */
export function forgetStaleAsks(tree: Tree, address: string): void {
  const dead = listAsks(tree, address).filter((ask) => liveness(ask.process) === 'dead')
  for (const ask of dead) if (isNowhere(tree, address, ask)) forgetAsk(tree, address, ask.id)
}

/** True for a question that was never published. On another host only that host knows. */
export function isNowhere(tree: Tree, address: string, { id, to }: Ask): boolean {
  if (hostOf(to) !== tree.host) return false
  const query = findMessage(tree, currentAddress(tree, to), fileName(id, 'query'))
  return query === undefined && findMessage(tree, address, fileName(id, 'reply')) === undefined
}
