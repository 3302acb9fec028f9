/** told/ in the state directory: of which waiting notices a peer's agent has been told. mailbox-spec §8.5, §10 */

import { readJson, replaceFile } from './disk.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

/** The ids of the notices that this agent knows to wait. */
export function toldOf(tree: Tree, address: string): string[] {
  const told = readJson(fileOf(tree, address))
  return Array.isArray(told) ? told.filter((id) => typeof id === 'string') : []
}

export function writeTold(tree: Tree, address: string, ids: string[]): void {
  replaceFile(stateTemporaryPath(tree), fileOf(tree, address), JSON.stringify(ids))
}

function fileOf(tree: Tree, address: string): string {
  return inState(tree, `told/${address}.json`)
}
