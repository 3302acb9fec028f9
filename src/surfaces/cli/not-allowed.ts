import { allowedWithKey } from '../../spool/allowed.ts'
import { readHostFile } from '../../spool/hosts.ts'
import type { Tree } from '../../spool/tree.ts'

/** "its host is not allowed", with what its file says of its key, and what to do. For a person, who compares the fingerprints all the same. */
export function saysNotAllowed(tree: Tree, host: string): string {
  const known = saysKnownKey(allowedWithKey(tree, host, readHostFile(tree, host)?.key))
  return `its host is not allowed${known}: repowire hosts allow ${host}`
}

/** Nothing where its key is none that was agreed to under other labels. */
export function saysKnownKey(labels: string[]): string {
  return labels.length === 0 ? '' : ` (it has the key of ${labels.join(', ')}, which is allowed)`
}
