/** A rehearsal agent's own record of itself, <state>/rehearsal/<pid>.json: what it is doing, and where its turns are. */

import { type Card, isProcessMark, type ProcessMark } from '../../protocol/card.ts'
import { readJson, removeFile, replaceFile, temporaryName } from '../../spool/disk.ts'
import { liveness, markOf } from '../../spool/process.ts'
import { inState, locateTree } from '../../spool/tree.ts'
import type { Activity, Environment } from '../agent.ts'

type Status = 'idle' | 'busy' | 'waiting'

type SessionFile = {
  process: ProcessMark
  directory: string
  status: Status
  statusUpdatedAt: number
  transcript: string
}

export function sessionPath(env: Environment, pid: number): string {
  return inState(locateTree(env), `rehearsal/${pid}.json`)
}

/** What the agent itself does with its file: `become` replaces it in one rename, `close` removes it. */
export type OwnSession = {
  directory: string
  transcript: string
  become(status: Status): void
  close(): void
}

/** Writes the session file of this very process, which is idle. */
export function openSession(env: Environment, directory: string): OwnSession {
  const file = sessionPath(env, process.pid)
  const mark = markOf(process.pid) as ProcessMark
  const transcript = file.replace(/\.json$/, `-${mark.start.replace(/\W/g, '')}.jsonl`)
  const become = (status: Status) =>
    write(file, { process: mark, directory, status, statusUpdatedAt: Date.now(), transcript })
  become('idle')
  return { directory, transcript, become, close: () => void removeFile(file) }
}

function write(file: string, session: SessionFile): void {
  replaceFile(`${file}.${temporaryName()}.tmp`, file, `${JSON.stringify(session)}\n`)
}

/** The session of this living process; undefined where the file is missing, or left by a process that is dead. */
export function livingSession(env: Environment, pid: number): SessionFile | undefined {
  const session = read(sessionPath(env, pid))
  return session?.process.pid === pid && liveness(session.process) === 'alive' ? session : undefined
}

export function activityOf(card: Card): Activity {
  const session = read(card.session_file)
  return { state: session?.status ?? 'unknown', since: session?.statusUpdatedAt }
}

export function transcriptOf(card: Card): string | undefined {
  return read(card.session_file)?.transcript
}

function read(file: string | undefined): SessionFile | undefined {
  const session = file === undefined ? undefined : (readJson(file) as SessionFile | undefined)
  return isProcessMark(session?.process) ? session : undefined
}
