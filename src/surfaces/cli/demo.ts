/** The demonstration: two agents in two repositories, one real question through the real courier, and what it left on disk. */

import { rehearsalCast } from './demo-cast.ts'
import { claudeCast } from './demo-claude.ts'
import { play } from './demo-play.ts'
import { tell } from './demo-show.ts'
import { clearStage, setStage } from './demo-stage.ts'

export type DemoOptions = { agent: 'rehearsal' | 'claude'; keep: boolean }

const CASTS = { rehearsal: rehearsalCast, claude: claudeCast }
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const INTERRUPTED = 130

/**
 * Plays it and prints what is to be seen. Writes to a temporary directory only, which it removes at the end, also after
 * an error or a signal; with `keep` it stays. Returns the exit code. Errors: tmux-missing, client-missing, client-failed.
 */
export async function demo({ agent, keep }: DemoOptions): Promise<number> {
  const cast = CASTS[agent](process.env)
  const stop = new AbortController()
  for (const signal of SIGNALS) process.on(signal, () => stop.abort())
  const stage = setStage(cast.env)
  try {
    await play(stage, cast, stop.signal)
    return 0
  } catch (error) {
    if (stop.signal.aborted) return INTERRUPTED
    throw error
  } finally {
    await clearStage(stage, keep)
    if (keep) tell(`everything is kept in ${stage.directory}`)
  }
}
