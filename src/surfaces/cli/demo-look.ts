/** What an agent on the stage says of itself, and what its pane shows. */

import type { Composer } from '../../agents/agent.ts'
import { agentOf } from '../../agents/agents.ts'
import type { Card } from '../../protocol/card.ts'
import { cardsOfHost } from '../../spool/cards.ts'
import type { Cast } from './demo-cast.ts'
import type { Stage } from './demo-stage.ts'

/** Its server is connected where it has one, it has been idle for so many ms by its own word, and its input box is empty. */
export async function isFree(stage: Stage, pane: string, { settles, served }: Rest): Promise<boolean> {
  const card = cardIn(stage, pane)
  if (served && card?.server === undefined) return false
  const activity = card && agentOf(card.agent)?.activity(card)
  const idle = activity?.state === 'idle' && Date.now() - (activity.since ?? 0) >= settles
  return idle && (await composerOf(stage, pane))?.state === 'empty'
}

type Rest = Pick<Cast, 'settles' | 'served'>

export async function composerOf(stage: Stage, pane: string): Promise<Composer | undefined> {
  const card = cardIn(stage, pane)
  return card && agentOf(card.agent)?.composer(await stage.panes.capture(pane, true))
}

export function cardIn({ tree }: Stage, pane: string): Card | undefined {
  return cardsOfHost(tree).find(({ tmux }) => tmux?.pane === pane)
}
