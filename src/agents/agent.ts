/**
 * What repowire must know of a client, and all it knows: who its processes are, what its hooks say, whether it is free,
 * and what its input box holds. One folder per client implements this.
 */

import type { AgentKind, Card } from '../protocol/card.ts'
import type { Frame } from '../protocol/frame.ts'
import type { TaskKind, Turn } from '../verbs/end-turn.ts'
import type { Applicant } from '../verbs/register.ts'

export type Environment = Record<string, string | undefined>

/** One event of a client's life, read from a hook's payload. */
export type HookEvent =
  | { type: 'session-started' }
  /** `ofTask`: nobody's words: the client starts a turn because a task of this kind has ended. */
  | { type: 'prompted'; text: string; transcript?: string; ofTask?: TaskKind }
  | { type: 'tool-used'; result: string }
  | { type: 'turn-ended'; turn: Turn }
  | { type: 'turn-failed'; why: string; turn: Turn }
  | { type: 'session-cleared'; why: string }
  | { type: 'session-ended'; why: string }

/** What a hook tells its client: words for the model, in our own voice; or that the turn must go on, and why. */
export type HookAnswer = { context?: string; goOn?: string }

/** `parked`: the pane shows another session now. `waitingFor`: a clause that begins with "it" or "its". `since`: ms by this host's clock when the state began, where the client tells. */
export type Activity = {
  state: 'idle' | 'shell' | 'busy' | 'waiting' | 'parked' | 'unknown'
  waitingFor?: string
  since?: number
}

/** The input box on a captured screen. `unknown`: the screen is not one on which typing is safe. */
export type Composer =
  | { state: 'empty' }
  | { state: 'holds'; text: string }
  | { state: 'unknown'; why: string }

/** Column and row on a screen, from 0. */
export type Cursor = { x: number; y: number }

/**
 * What a client says of one of its sessions; `pid` is the client's process. `headless`: nobody sits before it. `mode`: its
 * permission mode, where the hook tells. */
export type Session = Omit<Applicant, 'process'> & { pid: number; headless?: boolean; mode?: string }

/** A Unix socket on which a session takes messages; `session`: its id of now. */
export type Inbox = { socket: string; session: string }

export type Agent = {
  kind: AgentKind
  /** Reads a hook's payload. Undefined where it is not this client's, or of no peer: a subagent, a headless run. */
  readHook(payload: unknown, env: Environment): { session: Session; event: HookEvent } | undefined
  /** What the hook prints for its client. */
  writeHook(payload: unknown, answer: HookAnswer): string
  /** The session whose process `parent` started this server; undefined where it is not this client. */
  startedServer(parent: number, env: Environment, directory: string): Session | undefined
  activity(card: Card): Activity
  /** Reads a screen captured with its escapes; `cursor`: where the terminal's own stands, shown or hidden. */
  composer(screen: string, cursor?: Cursor): Composer
  /** True when the box of a pane of this size shows the whole of what is typed. */
  fits(frame: Frame, width: number, height: number): boolean
  /** True when what the box shows is this frame and nothing else. */
  holdsExactly(text: string, frame: Frame): boolean
  /** What the session's transcript has of this id: a prompt, or only an entry in its queue. */
  taken(card: Card, id: string): 'prompt' | 'queued' | undefined
  /** The session's own inbox, or why nothing is to be put into it. */
  inbox(card: Card): Inbox | { why: string }
  /** True for a session whose user can let it bypass permissions by a key, of which no hook tells. */
  mayBypass(card: Card): boolean
}
