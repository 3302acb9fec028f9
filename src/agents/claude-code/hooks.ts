/** Claude Code's hook payloads, and what it reads from a hook's output. */

import type { Environment, HookAnswer, HookEvent, Session } from '../agent.ts'
import { sessionFile } from './session-file.ts'
import { type Task, taskEndedBy, turnOf, withoutPasteMarks } from './transcript.ts'

type Payload = {
  hook_event_name?: string
  cwd?: string
  transcript_path?: string
  agent_id?: string
  prompt?: string
  reason?: string
  error?: string
  last_assistant_message?: string
  background_tasks?: Task[]
  tool_name?: string
  tool_response?: unknown
  permission_mode?: unknown
}

/** Reads one payload; undefined for a subagent's hook and for a nested headless run, which are no peers. */
export function readHook(
  payload: unknown,
  env: Environment,
): { session: Session; event: HookEvent } | undefined {
  const pid = Number(env.CLAUDE_PID)
  if (!Number.isSafeInteger(pid) || pid <= 0 || payload === null || typeof payload !== 'object')
    return undefined
  const fields = wellTyped(payload)
  // A subagent's own turns are not this peer's; what it was shown of our tools is.
  const isSubagents = fields.agent_id !== undefined && fields.hook_event_name !== 'PostToolUse'
  if (isSubagents || !isAttended(env)) return undefined
  const event = readEvent(fields)
  const session = sessionOf(env, pid, fields.cwd ?? env.CLAUDE_PROJECT_DIR ?? '/')
  const { permission_mode: mode } = fields
  return event && { session: typeof mode === 'string' ? { ...session, mode } : session, event }
}

const NO_TEXT = ['agent_id', 'tool_response', 'background_tasks']

/** What is of another type than a client writes counts as missing. */
function wellTyped(payload: object): Payload {
  const { background_tasks: tasks, ...fields } = payload as Payload
  const right = Object.entries(fields).filter(
    ([key, value]) => NO_TEXT.includes(key) || typeof value === 'string',
  )
  const isObject = (task: unknown) => typeof task === 'object' && task !== null
  return {
    ...Object.fromEntries(right),
    ...(Array.isArray(tasks) && { background_tasks: tasks.filter(isObject) }),
  }
}

function isAttended(env: Environment): boolean {
  return env.CLAUDE_CODE_ENTRYPOINT === 'cli' && env.CLAUDE_CODE_SESSION_ATTENDED !== '0'
}

/** The session of a process, with its pane only where a person sits before it: a headless run inherits a pane that is not its own. */
export function sessionOf(env: Environment, pid: number, cwd: string): Session {
  const directory = env.CLAUDE_PROJECT_DIR ?? cwd
  const inbox = env.CLAUDE_CODE_MESSAGING_SOCKET || undefined
  const known = { agent: 'claude-code' as const, pid, directory, session_file: sessionFile(env, pid) }
  const session = inbox === undefined ? known : { ...known, inbox }
  if (!isAttended(env)) return { ...session, headless: true }
  const socket = env.TMUX?.split(',')[0]
  const pane = env.TMUX_PANE
  return socket && pane !== undefined ? { ...session, tmux: { socket, pane } } : session
}

function readEvent(fields: Payload): HookEvent | undefined {
  switch (fields.hook_event_name) {
    case 'SessionStart':
      return { type: 'session-started' }
    case 'UserPromptSubmit':
      return {
        type: 'prompted',
        text: withoutPasteMarks(fields.prompt ?? ''),
        transcript: fields.transcript_path,
        ofTask: taskEndedBy(fields.prompt ?? ''),
      }
    case 'PostToolUse':
      return { type: 'tool-used', result: resultText(fields.tool_response) }
    case 'Stop':
      return {
        type: 'turn-ended',
        turn: turnOf(fields.transcript_path, fields.last_assistant_message, fields.background_tasks),
      }
    case 'StopFailure':
      return { type: 'turn-failed', why: whyFailed(fields), turn: turnOf(fields.transcript_path, undefined) }
    case 'SessionEnd':
      return readEnd(fields.reason ?? 'other')
    default:
      return undefined
  }
}

function whyFailed({ last_assistant_message, error }: Payload): string {
  return last_assistant_message ?? error ?? 'the client gave no reason'
}

// /clear and /resume end a session id, and the process lives on.
function readEnd(reason: string): HookEvent {
  const lives = reason === 'clear' || reason === 'resume'
  return lives
    ? { type: 'session-cleared', why: `its user ran /${reason}` }
    : { type: 'session-ended', why: reason }
}

function resultText(response: unknown): string {
  if (typeof response === 'string') return response
  const blocks = Array.isArray(response) ? response : [response]
  return blocks
    .map((block) => (typeof block?.text === 'string' ? block.text : JSON.stringify(block ?? '')))
    .join('\n')
}

export function writeHook(payload: unknown, answer: HookAnswer): string {
  const event = (payload as Payload).hook_event_name
  if (answer.goOn !== undefined) return JSON.stringify({ decision: 'block', reason: answer.goOn })
  return JSON.stringify({ hookSpecificOutput: { hookEventName: event, additionalContext: answer.context } })
}
