/** given/: where in the agent's transcript each open query was given, so that Stop can tell whose turn it is. mailbox-spec §10. */

import * as path from 'node:path'
import { isId } from '../protocol/id.ts'
import { isThere, listDirectory, readJson, removeFile, replaceFile } from './disk.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

/**
 * `alone`: the prompt held this query's text and nothing else. `offset`: the transcript's size in bytes when the prompt
 * hook ran. `size`: the length of the prompt without white space. `reminded`: the Stop hook has told the agent once that it owes the answer. `held`: the agent has answered, and
 * a task that it began for this still runs. `query`: the text of the message, for a tree that loses it.
 */
export type Grant = {
  id: string
  transcript?: string
  offset: number
  alone: boolean
  size?: number
  reminded: boolean
  held?: Hold
  query?: string
}

/** Times in ms by this host's clock. `resumed`: when the turn began that the client started because a task had ended. */
export type Hold = { text: string; since: number; resumed?: number }

export function writeGrant(tree: Tree, grant: Grant): void {
  replaceFile(stateTemporaryPath(tree), inState(tree, `given/${grant.id}.json`), JSON.stringify(grant))
}

/** Undefined for a query that was given without a prompt of its own (as a tool's result). */
export function readGrant(tree: Tree, id: string): Grant | undefined {
  return readJson(inState(tree, `given/${id}.json`)) as Grant | undefined
}

/** Of every query that was given and has not ended. */
export function listGrants(tree: Tree): Grant[] {
  return listDirectory(inState(tree, 'given')).flatMap((file) => {
    const grant = isId(path.basename(file, '.json'))
      ? readGrant(tree, path.basename(file, '.json'))
      : undefined
    return grant === undefined ? [] : [grant]
  })
}

export function removeGrant(tree: Tree, id: string): void {
  removeFile(inState(tree, `given/${id}.json`))
}

/** The last answer of a process that a later text of the same turn may amend: to whom, and what was sent. */
export type Answered = {
  grant: Grant
  from: string
  to: string
  thread?: string
  question: string
  text: string
}

/** Replaces what was remembered of this process. mailbox-spec §10 */
export function rememberAnswer(tree: Tree, pid: number, answered: Answered): void {
  replaceFile(stateTemporaryPath(tree), answeredPath(tree, pid), JSON.stringify(answered))
}

export function answeredLast(tree: Tree, pid: number): Answered | undefined {
  return isThere(answeredPath(tree, pid)) ? (readJson(answeredPath(tree, pid)) as Answered) : undefined
}

/** Another turn has begun: nothing that follows amends that answer. */
export function forgetAnswer(tree: Tree, pid: number): void {
  if (isThere(answeredPath(tree, pid))) removeFile(answeredPath(tree, pid))
}

function answeredPath(tree: Tree, pid: number): string {
  return inState(tree, `answered/${pid}.json`)
}
