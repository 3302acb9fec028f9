/** The label of this host, when it gets another one. mailbox-spec §5.7 */

import { RepowireError } from '../protocol/errors.ts'
import { formatHost, hostPath } from '../protocol/host.ts'
import { claim, claimOf } from './claim.ts'
import { isCloned } from './cloned.ts'
import { replaceFile } from './disk.ts'
import { lookAtHost } from './host-file.ts'
import { replaceHostKey } from './host-key.ts'
import { otherHosts } from './hosts.ts'
import { makeOwnHost, newOwnHost, readOwnHost, replaceOwnHost } from './own-host.ts'
import { inRoot, stateTemporaryPath, type Tree, temporaryPath } from './tree.ts'

/** Claims `label`, then writes it into host.json, with the former one where that was ours. Returns the tree under it. Errors: host-taken. */
export function takeLabel(tree: Tree, label: string): Tree {
  const inState = () => stateTemporaryPath(tree)
  refuseUsed(tree, label)
  if (isCloned(tree)) becomeAnother(tree, label)
  const wasOurs = isOurs(tree)
  claim({ ...tree, host: label }, inState, () => temporaryPath(tree))
  const own = makeOwnHost(tree.state, { label }, inState)
  const before = [...(own.formerly ?? []), ...(wasOurs ? [tree.host] : [])]
  const formerly = [...new Set(before)].filter((it) => it !== label)
  replaceOwnHost(tree.state, { ...own, label, formerly }, inState())
  return { root: tree.root, state: tree.state, host: label, ...(formerly.length > 0 && { formerly }) }
}

/** Says in the claim of a former label where it leads. Once. */
export function leaveLabel(tree: Tree, label: string): void {
  const own = readOwnHost(tree.state)
  const there = lookAtHost(tree.root, label)
  if (typeof there === 'string' || there.host_id !== own.host_id || there.renamed !== undefined) return
  const left = { ...claimOf({ ...tree, host: label }, { host_id: there.host_id }), renamed: tree.host }
  replaceFile(temporaryPath(tree), inRoot(tree, hostPath(label)), formatHost(left), true)
}

/** With an id and a key of its own: then whatever the other machine has is not its own any more. */
function becomeAnother(tree: Tree, label: string): void {
  if (lookAtHost(tree.root, label) !== 'missing') throw taken(tree, label)
  replaceHostKey(tree.state, stateTemporaryPath(tree))
  replaceOwnHost(tree.state, newOwnHost({ label }), stateTemporaryPath(tree))
}

/** True unless another machine has the label that this one has. */
function isOurs(tree: Tree): boolean {
  const there = lookAtHost(tree.root, tree.host)
  return typeof there !== 'string' && there.host_id === readOwnHost(tree.state).host_id
}

/** A host of which there are only peers has claimed nothing, and is one all the same. */
function refuseUsed(tree: Tree, label: string): void {
  const claimed = lookAtHost(tree.root, label) !== 'missing'
  if (!claimed && otherHosts(tree).includes(label)) throw taken(tree, label)
}

function taken({ root }: Tree, label: string): RepowireError {
  return new RepowireError(
    'host-taken',
    `Another machine is the host "${label}" of ${root}.`,
    'Choose another label. Nothing was changed.',
  )
}
