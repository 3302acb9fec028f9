import { hostOf } from '../protocol/address.ts'
import type { Presence } from '../protocol/seen.ts'
import { allowedWithKey, listAllowed } from '../spool/allowed.ts'
import { listCards } from '../spool/cards.ts'
import { otherHosts, readHostFile } from '../spool/hosts.ts'
import { presenceOfHost } from '../spool/seen.ts'
import type { Tree } from '../spool/tree.ts'

/**
 * `key`: the one that is taken, else the one that its file shows. `changed`: its file shows another one than is taken. `formerly`: the labels
 * that are allowed with the key of one that is not.
 */
export type HostView = {
  host: string
  allowed: boolean
  changed: boolean
  formerly: string[]
  key?: string
  peers: number
} & Presence

/** The others: who shares the root, and who is allowed. Looks whether each is there, as `presenceOfHost` does. */
export function describeHosts(tree: Tree): HostView[] {
  const allowed = new Map(listAllowed(tree).map(({ host, key }) => [host, key]))
  const peers = listCards(tree).map(({ address }) => hostOf(address))
  const labels = [...new Set([...otherHosts(tree), ...allowed.keys()])].sort()
  return labels.flatMap((host) => {
    const file = readHostFile(tree, host)
    if (file?.renamed !== undefined && !allowed.has(host)) return []
    const taken = allowed.get(host)
    const changed = taken !== undefined && file !== undefined && file.key !== taken
    const key = taken ?? file?.key
    const count = peers.filter((label) => label === host).length
    const formerly = taken === undefined ? allowedWithKey(tree, host, key) : []
    const trust = { allowed: taken !== undefined, changed, formerly, ...(key !== undefined && { key }) }
    return [{ host, ...trust, peers: count, ...presenceOfHost(tree, host) }]
  })
}
