import { CONTROL } from './control.ts'

/** Every error that a person or a model reads: what happened, what to do next, a stable code. */

export type Code =
  | 'agent-may-not'
  | 'answer-too-large'
  | 'bad-address'
  | 'bad-config'
  | 'bad-input'
  | 'bad-root'
  | 'bad-settings'
  | 'chain-too-deep'
  | 'client-failed'
  | 'client-missing'
  | 'courier-start'
  | 'denied'
  | 'held'
  | 'host-away'
  | 'host-cloned'
  | 'host-not-allowed'
  | 'host-taken'
  | 'host-unknown'
  | 'interrupted'
  | 'locked'
  | 'mailbox-in-use'
  | 'name-taken'
  | 'no-answer-yet'
  | 'no-such-message'
  | 'no-such-query'
  | 'not-a-peer'
  | 'not-watched'
  | 'not-writable'
  | 'other-circle'
  | 'peer-ambiguous'
  | 'peer-offline'
  | 'peer-paused'
  | 'peer-self'
  | 'peer-unknown'
  | 'peer-unreachable'
  | 'root-missing'
  | 'server-taken'
  | 'service-failed'
  | 'service-missing'
  | 'service-taken'
  | 'share-failed'
  | 'tmux-missing'
  | 'too-large'
  | 'too-many-turns'
  | 'unknown-command'
  | 'wrong-spec'

export class RepowireError extends Error {
  override name = 'RepowireError'
  readonly code: Code
  readonly next: string

  constructor(code: Code, what: string, next: string) {
    super(sayable(what))
    this.code = code
    this.next = sayable(next)
  }
}

/** An error may quote what it was given, and is read at a terminal. */
function sayable(text: string): string {
  return text.toWellFormed().replace(CONTROL, '\ufffd')
}

/** The same text everywhere: terminal, tool result, log. */
export function explain(error: unknown): string {
  if (error instanceof RepowireError) return `${error.message} ${error.next} [${error.code}]`
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  return code === 'unexpected'
    ? message
    : `The system refused: ${message}. Look at that path and its permissions. [${code}]`
}

/** The code of a RepowireError or of a failed system call; for logs. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unexpected'
}
