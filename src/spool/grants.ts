/** given/: where in the agent's transcript each open query was given, so that Stop can tell whose turn it is. mailbox-spec §10. */

import { readJson, removeFile, replaceFile } from './disk.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

/**
 * `alone`: the prompt held this query's text and nothing else. `offset`: the transcript's size in bytes when the prompt
 * hook ran. `reminded`: the Stop hook has told the agent once that it owes the answer.
 */
export type Grant = { id: string; transcript?: string; offset: number; alone: boolean; reminded: boolean }

export function writeGrant(tree: Tree, grant: Grant): void {
  replaceFile(stateTemporaryPath(tree), inState(tree, `given/${grant.id}.json`), JSON.stringify(grant))
}

/** Undefined for a query that was given without a prompt of its own (as a tool's result). */
export function readGrant(tree: Tree, id: string): Grant | undefined {
  return readJson(inState(tree, `given/${id}.json`)) as Grant | undefined
}

export function removeGrant(tree: Tree, id: string): void {
  removeFile(inState(tree, `given/${id}.json`))
}
