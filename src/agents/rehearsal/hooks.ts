/** The rehearsal agent's hook payloads, and what it reads from a hook's output. Its hooks know it by REPOWIRE_REHEARSAL. */

import type { Environment, HookAnswer, HookEvent, Session } from '../agent.ts'
import { livingSession, sessionPath } from './session-file.ts'
import { turnOf } from './transcript.ts'

export type Payload = {
  event: 'SessionStart' | 'UserPromptSubmit' | 'PostToolUse' | 'Stop' | 'SessionEnd'
  transcript: string
  /** The prompt, the tool's result, or why the session ends. */
  text?: string
  /** Its permission mode: it has none, and plays what REPOWIRE_REHEARSAL_MODE says. */
  mode?: string
}

/** Reads one payload; undefined where the hook is not of a living rehearsal agent. */
export function readHook(
  payload: unknown,
  env: Environment,
): { session: Session; event: HookEvent } | undefined {
  if (env.REPOWIRE_REHEARSAL === undefined || payload === null || typeof payload !== 'object')
    return undefined
  const session = sessionOf(env, Number(env.REPOWIRE_REHEARSAL))
  const event = readEvent(payload as Payload)
  const { mode } = payload as Payload
  return session && event && { session: typeof mode === 'string' ? { ...session, mode } : session, event }
}

/** The session of a process, by its session file: the environment alone is inherited by whatever it starts. */
export function sessionOf(env: Environment, pid: number): Session | undefined {
  const file = livingSession(env, pid)
  if (file === undefined) return undefined
  const socket = env.TMUX?.split(',')[0]
  const pane = env.TMUX_PANE
  const place = socket && pane !== undefined ? { tmux: { socket, pane } } : {}
  return { agent: 'rehearsal', pid, directory: file.directory, session_file: sessionPath(env, pid), ...place }
}

function readEvent({ event, transcript, text = '' }: Payload): HookEvent | undefined {
  switch (event) {
    case 'SessionStart':
      return { type: 'session-started' }
    case 'UserPromptSubmit':
      return { type: 'prompted', text, transcript }
    case 'PostToolUse':
      return { type: 'tool-used', result: text }
    case 'Stop':
      return { type: 'turn-ended', turn: turnOf(transcript) }
    case 'SessionEnd':
      return { type: 'session-ended', why: text }
    default:
      return undefined
  }
}

export type Output = { context?: string; decision?: 'block'; reason?: string }

export function writeHook(_payload: unknown, answer: HookAnswer): string {
  const output: Output =
    answer.goOn === undefined ? { context: answer.context } : { decision: 'block', reason: answer.goOn }
  return JSON.stringify(output)
}
