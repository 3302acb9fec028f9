/** seen/<host>.json in the state directory: what this host has seen of the others. mailbox-spec §5.7, §10 */

import { USUAL_SECONDS } from '../protocol/host.ts'
import { isSeen, judge, limitOf, type Presence, type Seen } from '../protocol/seen.ts'
import { readJson, replaceFile } from './disk.ts'
import { isRemote } from './file-system.ts'
import { otherHosts, readHostFile } from './hosts.ts'
import { bootId } from './process.ts'
import { inState, stateTemporaryPath, type Tree } from './tree.ts'

/**
 * Whether the host of this label is there; unknown until it was seen to change, and for one that has no file. Writes seen/<host>.json where
 * it has changed, and what it was is lost without harm.
 */
export function presenceOfHost(tree: Tree, label: string): Presence {
  const glance = readHostFile(tree, label)
  const before = readSeen(tree, label)
  const now = { at: Number(process.hrtime.bigint() / 1_000_000n), boot: bootId() }
  const limit = limitOf(glance?.every ?? USUAL_SECONDS, isRemote(tree.root))
  const { presence, seen } = judge(before, glance, now, limit)
  if (seen !== undefined) replaceFile(stateTemporaryPath(tree), fileOf(tree, label), JSON.stringify(seen))
  return presence
}

/** Looks at each of the others, so that whoever asks has somebody who looked; how many there are. */
export function lookAtOthers(tree: Tree): number {
  const others = otherHosts(tree)
  for (const label of others) presenceOfHost(tree, label)
  return others.length
}

function readSeen(tree: Tree, label: string): Seen | undefined {
  const seen = readJson(fileOf(tree, label))
  return isSeen(seen) ? seen : undefined
}

function fileOf(tree: Tree, label: string): string {
  return inState(tree, `seen/${label}.json`)
}
