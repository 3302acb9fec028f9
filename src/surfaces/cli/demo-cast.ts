/** Who plays in the demonstration: two rehearsal agents, or two sessions of the installed Claude Code. */

import { besideMe } from '../../spool/program.ts'
import type { Environment } from './demo-panes.ts'
import type { Repositories } from './demo-repositories.ts'
import type { Stage } from './demo-stage.ts'

export type Cast = {
  name: string
  /** What the agents need of the caller's environment. */
  env: Environment
  /** What must be on the stage before they start. */
  prepare(stage: Stage, repositories: Repositories): Promise<void>
  command: string[]
  /** What the person types into shop-frontend's input box. */
  line: string
  /** Its client starts an MCP server, and has no tools of ours before that is connected. */
  served: boolean
  /** How long one must have been idle to be taken for free. */
  settles: number
  startsWithin: number
  answersWithin: number
}

/** Needs no account and no network; its text search finds the answer or does not. */
export function rehearsalCast(): Cast {
  return {
    name: 'two rehearsal agents (no model: they search their own files)',
    env: {},
    prepare: async () => {},
    command: [process.execPath, besideMe('repowire.js'), 'rehearse'],
    line: 'ask shop-backend: Which port does the API listen on?',
    served: false,
    settles: 0,
    startsWithin: 10_000,
    answersWithin: 15_000,
  }
}
