/** A host's file: who a host is, and that its courier runs. mailbox-spec §5.7 */

import { isName } from './address.ts'
import { SPEC } from './layout.ts'

/** Always this many bytes: a network file system cuts a file that grew to the size that it remembers. */
export const HOST_BYTES = 512

/**
 * `key`: the 32 bytes of its public Ed25519 key. `epoch`, `seq`: both mean nothing but that they change. `every`: in how many
 * seconds. `place`: by which a host that lost its state directory knows its own claim. `renamed`: its label of today.
 */
export type HostFile = {
  spec: typeof SPEC
  host: string
  host_id: string
  key: string
  epoch: string
  seq: number
  every: number
  place?: string
  renamed?: string
}

const SLOWEST_SECONDS = 600

/** How often a host shows that it is there, where it does not say otherwise. */
export const USUAL_SECONDS = 30

export function hostPath(label: string): string {
  return `hosts/${label}.json`
}

export function isHostId(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{32}$/.test(text)
}

/** Thirty-two bytes in base64, written in the one way there is. */
export function isHostKey(text: unknown): text is string {
  if (typeof text !== 'string' || text.length !== 44) return false
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 32 && bytes.toString('base64') === text
}

/** The whole file, filled up with blanks. */
export function formatHost(host: HostFile): string {
  return `${JSON.stringify(host).padEnd(HOST_BYTES - 1)}\n`
}

/** The host in these bytes, or undefined where they are not whole, or none: a reader passes over it. */
export function parseHost(bytes: Buffer, label: string): HostFile | undefined {
  if (bytes.length !== HOST_BYTES) return undefined
  try {
    const host = JSON.parse(bytes.toString('utf8')) as HostFile
    return isHost(host) && host.host === label ? host : undefined
  } catch {
    return undefined
  }
}

function isHost(host: HostFile | null): boolean {
  if (host === null || typeof host !== 'object' || host.spec !== SPEC) return false
  const who = isName(host.host) && isHostId(host.host_id) && isHostKey(host.key)
  const beat = typeof host.epoch === 'string' && /^[0-9a-f]{8}$/.test(host.epoch) && isCount(host.seq)
  const pace = isCount(host.every) && host.every >= 1 && host.every <= SLOWEST_SECONDS
  const place = host.place === undefined || isHostId(host.place)
  return who && beat && pace && place && (host.renamed === undefined || isName(host.renamed))
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
