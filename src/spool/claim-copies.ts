/**
 * Copies of this host's claim that a program which synchronises has put aside: it does that with the older of two files, when a backup
 * was put over hosts/, and when two machines have claimed one label. mailbox-spec §5.7
 */

import { RepowireError } from '../protocol/errors.ts'
import { CONFLICT } from './conflict-copies.ts'
import { listByKind, removeFile } from './disk.ts'
import { lookAtHost } from './host-file.ts'
import { readOwnHost } from './own-host.ts'
import { isOwnLabel } from './own-label.ts'
import { inRoot, type Tree } from './tree.ts'

type ClaimCopy = { file: string; label: string; host_id: string }

/** Removes those that this host wrote itself; they say nothing that its claim does not. */
export function removeOwnCopies(tree: Tree): void {
  const { host_id } = readOwnHost(tree.state)
  for (const copy of claimCopies(tree)) if (copy.host_id === host_id) removeFile(inRoot(tree, copy.file))
}

/** Those that another machine wrote, by their paths in the root: each with the host-taken that its owner is to be told. Only looks. */
export function copiesOfOthers(tree: Tree): Map<string, RepowireError> {
  const { host_id } = readOwnHost(tree.state)
  const others = claimCopies(tree).filter((copy) => copy.host_id !== host_id)
  return new Map(others.map((copy) => [copy.file, taken(tree, copy, host_id)]))
}

/** Of its labels, also those of before; without what cannot be read. */
function claimCopies(tree: Tree): ClaimCopy[] {
  return listByKind(inRoot(tree, 'hosts')).files.flatMap((name) => {
    const [label = ''] = name.split(/[. ]/)
    if (!CONFLICT.test(name) || !isOwnLabel(tree, label)) return []
    const file = `hosts/${name}`
    const there = lookAtHost(tree.root, label, file)
    return typeof there === 'string' ? [] : [{ file, label, host_id: there.host_id }]
  })
}

function taken({ root }: Tree, { file, label, host_id }: ClaimCopy, mine = 'none'): RepowireError {
  return new RepowireError(
    'host-taken',
    `Another machine that shares ${root} has claimed the label "${label}", too: its id is ${host_id} (${file}), and that of this machine is ${mine}.`,
    `Give one of the two a label of its own, there: repowire host rename <label>. Then remove ${file}.`,
  )
}
