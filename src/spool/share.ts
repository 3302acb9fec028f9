/** share.json: by what the root is shared, where that can be told of a new file. Of this host, and nobody else's to read. mailbox-spec §6.2 */

import { readJson, removeFile, replaceFile } from './disk.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

/** `api`: where the local Syncthing listens, with the key for it; `prefix`: of the root in the folder, '' or ending in a slash. */
export type Share = { kind: 'syncthing'; api: string; key: string; folder: string; prefix: string }

/** Undefined where nothing was set up, or what lies there cannot be read. */
export function readShare(tree: Tree): Share | undefined {
  const share = readJson(inState(tree, 'share.json')) as Partial<Record<keyof Share, unknown>> | undefined
  const { kind, api, key, folder, prefix } = share ?? {}
  const texts = [api, key, folder, prefix].every((text) => typeof text === 'string')
  return kind === 'syncthing' && texts ? (share as Share) : undefined
}

/** Replaces share.json, mode 0600. */
export function writeShare(tree: Tree, share: Share): void {
  replaceFile(stateTemporaryPath(tree), inState(tree, 'share.json'), `${JSON.stringify(share)}\n`, true)
}

/** False where there was none. */
export function forgetShare(tree: Tree): boolean {
  return removeFile(inState(tree, 'share.json'))
}
