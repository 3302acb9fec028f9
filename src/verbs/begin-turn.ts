import type { Card } from '../protocol/card.ts'
import { forgetAnswer, writeGrant } from '../spool/grants.ts'
import type { Tree } from '../spool/tree.ts'
import type { TaskKind } from './end-turn.ts'
import { heldOf } from './provisional.ts'

/**
 * The prompt hook: a turn begins, or goes on with one prompt more. By whoever's words, nothing amends the last answer from
 * now on. `ofTask`: nobody's words: a task has ended, and what is held may be worked on again. Writes answered/ and given/. mailbox-spec §8.3
 */
export function beginTurn(tree: Tree, card: Card, ofTask: TaskKind | undefined): void {
  if (ofTask === undefined) forgetAnswer(tree, card.process.pid)
  if (ofTask === 'other')
    for (const grant of heldOf(tree, card.address))
      writeGrant(tree, { ...grant, held: { ...grant.held, resumed: Date.now() } })
}
