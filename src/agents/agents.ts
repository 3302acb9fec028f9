/** The clients that repowire knows. */

import type { AgentKind } from '../protocol/card.ts'
import type { Agent } from './agent.ts'
import { claudeCode } from './claude-code/claude-code.ts'
import { rehearsal } from './rehearsal/rehearsal.ts'

export const AGENTS: Agent[] = [rehearsal, claudeCode]

/** The client of a card; undefined for a person, and for a client that has no hooks. */
export function agentOf(kind: AgentKind): Agent | undefined {
  return AGENTS.find((agent) => agent.kind === kind)
}
