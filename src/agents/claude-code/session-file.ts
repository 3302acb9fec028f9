/** Claude Code's own record of a live session, sessions/<pid>.json: its status, also after Esc, when no hook fires. */

import * as os from 'node:os'
import * as path from 'node:path'
import type { Card } from '../../protocol/card.ts'
import { isThere, listDirectory, readJson } from '../../spool/disk.ts'
import { markOf } from '../../spool/process.ts'
import type { Activity, Environment } from '../agent.ts'

/** `parkedJobId`: the agents view has moved the session to the background, and what the pane shows is another one. */
type SessionFile = {
  kind?: string
  procStart?: string
  parkedJobId?: string
  sessionId?: string
  cwd?: string
  status?: string
  waitingFor?: string
  statusUpdatedAt?: number
  messagingSocketPath?: string
  peerProtocol?: number
}

/** What the client waits for, by its own name: in our words. */
const DIALOGS: Record<string, string> = {
  'permission prompt': 'its permission dialog is open',
  'input needed': 'it asks its user something',
  'dialog open': 'its client has a dialog open',
}

export function configDirectory(env: Environment): string {
  return env.CLAUDE_CONFIG_DIR || path.join(env.HOME || os.homedir(), '.claude')
}

export function sessionFile(env: Environment, pid: number): string {
  return path.join(configDirectory(env), 'sessions', `${pid}.json`)
}

export function hasSessionFile(env: Environment, pid: number): boolean {
  return isThere(sessionFile(env, pid))
}

export function activityOf(card: Card): Activity {
  const file = readSession(card)
  const since = file?.statusUpdatedAt
  if (file?.parkedJobId !== undefined) return { state: 'parked', since }
  if (file?.kind !== undefined && file.kind !== 'interactive') return { state: 'unknown', since }
  const state =
    (['idle', 'shell', 'busy', 'waiting'] as const).find((known) => known === file?.status) ?? 'unknown'
  return { state, waitingFor: inWords(file?.waitingFor), since }
}

function inWords(waitingFor: string | undefined): string | undefined {
  return waitingFor && (DIALOGS[waitingFor] ?? `its client waits for its user: ${waitingFor}`)
}

/** Where the session records its turns; the client names the directory after the working directory. */
export function transcriptOf(card: Card): string | undefined {
  const file = readSession(card)
  if (card.session_file === undefined || file?.sessionId === undefined || file.cwd === undefined)
    return undefined
  const config = path.dirname(path.dirname(card.session_file))
  return path.join(config, 'projects', file.cwd.replace(/[^a-zA-Z0-9]/g, '-'), `${file.sessionId}.jsonl`)
}

/** The sessions of this user that live and before which a person sits. */
export function livingSessions(env: Environment): { pid: number; directory: string }[] {
  const directory = path.join(configDirectory(env), 'sessions')
  return listDirectory(directory).flatMap((name) => {
    const pid = Number(name.match(/^(\d+)\.json$/)?.[1])
    const file = (pid && readJson(path.join(directory, name))) as SessionFile | undefined
    const lives = file && file.kind === 'interactive' && isStill(pid, file.procStart)
    return lives ? [{ pid, directory: file.cwd ?? '' }] : []
  })
}

/** By the ticks of its start where the client has written them; the pid may be another program's by now. */
function isStill(pid: number, start = ''): boolean {
  const mark = markOf(pid)
  return mark !== undefined && (!/^\d+$/.test(start) || mark.start === start)
}

export function readSession(card: Card): SessionFile | undefined {
  return card.session_file === undefined
    ? undefined
    : (readJson(card.session_file) as SessionFile | undefined)
}
