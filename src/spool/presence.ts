import { hostOf } from '../protocol/address.ts'
import type { ProcessMark } from '../protocol/card.ts'
import { isOwnLabel } from './own-label.ts'
import { type Liveness, liveness } from './process.ts'
import type { Tree } from './tree.ts'

/** Whether a process of this peer lives; `unknown` for a peer of another host, which nobody here may judge. mailbox-spec §5.1 */
export function presence(tree: Tree, address: string, mark: ProcessMark): Liveness {
  return isOwnLabel(tree, hostOf(address)) ? liveness(mark) : 'unknown'
}
