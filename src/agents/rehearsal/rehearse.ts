import { RepowireError } from '../../protocol/errors.ts'
import { topLevel } from '../../spool/repository.ts'
import { Conversation } from './conversation.ts'
import type { Payload } from './hooks.ts'
import { runHook } from './run-hook.ts'
import { startServer } from './server-client.ts'
import { openSession } from './session-file.ts'

/** The hook and the MCP server are bundles of this program; `cwd` is where the agent works. */
export type Rehearsal = { hook: string; server: string; cwd: string }

// Long enough to be seen at work.
const THINKS_MS = 700

/**
 * The rehearsal agent as a program in a terminal, until its user or a signal ends it. Writes
 * <state>/rehearsal/<pid>.json, which it removes at its end, and a transcript beside it; starts `server` once and `hook`
 * at every event. Errors: bad-input where there is no terminal.
 */
export async function rehearse({ hook, server, cwd }: Rehearsal): Promise<void> {
  if (!process.stdin.isTTY) throw noTerminal()
  const session = openSession(process.env, topLevel(cwd))
  const { directory, transcript } = session
  const thinks = Number(process.env.REPOWIRE_REHEARSAL_THINKS ?? THINKS_MS)
  const hear = (event: Payload['event'], text?: string) =>
    runHook(hook, { event, transcript, text, mode: process.env.REPOWIRE_REHEARSAL_MODE })
  const [tools] = await Promise.all([startServer(server, cwd), hear('SessionStart')])
  const conversation = new Conversation(session, {
    directory,
    transcript,
    server: tools,
    thinks,
    hook: hear,
    questions: new Map(),
  })
  await conversation.ended()
  await hear('SessionEnd', 'its user ended it')
  session.close()
  await tools.close()
}

function noTerminal(): RepowireError {
  return new RepowireError('bad-input', 'A rehearsal agent needs a terminal.', 'Run it in a pane of tmux.')
}
