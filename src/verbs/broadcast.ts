import { listCards } from '../spool/cards.ts'
import { liveness } from '../spool/process.ts'
import type { Tree } from '../spool/tree.ts'
import { refuseEmpty } from './ask.ts'
import { type Notified, notify } from './notify.ts'

/** One notice for each living agent but `me`; those that were reached. Errors: bad-input, too-large. */
export function broadcast(tree: Tree, me: string, text: string): Notified[] {
  refuseEmpty(text)
  const agents = listCards(tree).filter((card) => card.address !== me && card.agent !== 'person')
  const living = agents.filter((card) => liveness(card.process) !== 'dead')
  return living.map((card) => notify(tree, me, card.address, text))
}
