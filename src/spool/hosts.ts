/** The hosts that share the root. mailbox-spec §5.7 */

import { hostOf, isName } from '../protocol/address.ts'
import type { HostFile } from '../protocol/host.ts'
import { listAddresses } from './cards.ts'
import { listByKind } from './disk.ts'
import { lookAtHost } from './host-file.ts'
import { isOwnLabel } from './own-label.ts'
import { inRoot, type Tree } from './tree.ts'

/** What a host says of itself; undefined where there is no such file, or none that can be read now. */
export function readHostFile(tree: Tree, label: string): HostFile | undefined {
  const sight = lookAtHost(tree.root, label)
  return typeof sight === 'string' ? undefined : sight
}

/** The hosts that have a file, by their labels; without labels of before. Opens each. */
export function listHosts(tree: Tree): HostFile[] {
  const hosts = labelsWithFile(tree).flatMap((label) => readHostFile(tree, label) ?? [])
  return hosts.filter((host) => host.renamed === undefined)
}

/** The labels of the others, by their files and by the cards of their peers; two readdirs, nothing is opened. */
export function otherHosts(tree: Tree): string[] {
  const labels = new Set([...labelsWithFile(tree), ...listAddresses(tree).map(hostOf)])
  return [...labels].filter((label) => !isOwnLabel(tree, label)).sort()
}

function labelsWithFile(tree: Tree): string[] {
  const files = listByKind(inRoot(tree, 'hosts')).files.filter((file) => file.endsWith('.json'))
  return files.map((file) => file.slice(0, -'.json'.length)).filter(isName)
}
