/** Addresses: name@host, lower-case ASCII. mailbox-spec §3. */

import { distance } from './distance.ts'
import { RepowireError } from './errors.ts'

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export type Address = { name: string; host: string }

export function isName(text: unknown): text is string {
  return typeof text === 'string' && NAME.test(text)
}

export function parseAddress(text: unknown): Address | undefined {
  if (typeof text !== 'string') return undefined
  const [name, host, more] = text.split('@')
  return isName(name) && isName(host) && more === undefined ? { name, host } : undefined
}

export function isAddress(text: unknown): text is string {
  return parseAddress(text) !== undefined
}

export function hostOf(address: string): string {
  return address.slice(address.indexOf('@') + 1)
}

/** A name from any text: lower-cased, runs of other characters become one hyphen; `fallback` where nothing is left. */
export function toName(text: string, fallback: string): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
  const name = plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 57)
    .replace(/-+$/, '')
  return name || fallback
}

/** No peer's: mail for it is answered by the courier of that host itself. mailbox-spec §3 */
export const COURIER = 'courier'

export function courierOf(host: string): string {
  return `${COURIER}@${host}`
}

/** The nth name to try: name, name-2, name-3; courier-1 for whoever would be called as the courier is. */
export function nthName(name: string, n: number): string {
  return n === 1 && name !== COURIER ? name : `${name}-${n}`
}

/** Those among `known` that `wanted` can mean, whichever host it is on. */
export function namesakes(wanted: string, known: string[]): string[] {
  const text = wanted.trim().toLowerCase()
  return known.filter((address) => address === text || address.split('@')[0] === text)
}

/**
 * The one address that the user means among those known: the whole address; else the name on this host; else the only
 * one of that name. `suggested`: those that an error may name. Errors: peer-unknown with the nearest names, peer-ambiguous with all of them.
 */
export function resolveAddress(
  wanted: string,
  known: string[],
  host: string,
  suggested = () => known,
): string {
  const text = wanted.trim().toLowerCase()
  if (known.includes(text)) return text
  if (known.includes(`${text}@${host}`)) return `${text}@${host}`
  const named = known.filter((address) => address.split('@')[0] === text)
  if (named.length === 1) return named[0] as string
  if (named.length > 1) throw ambiguous(wanted, named)
  throw unknown(wanted, suggested())
}

function ambiguous(wanted: string, named: string[]): RepowireError {
  return new RepowireError(
    'peer-ambiguous',
    `"${wanted}" is a peer on several hosts.`,
    `Use one of: ${named.join(', ')}.`,
  )
}

function unknown(wanted: string, known: string[]): RepowireError {
  const near = nearest(wanted, known)
  const next =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : known.length > 0
        ? `Known: ${known.slice(0, 8).join(', ')}.`
        : 'No peer is registered.'
  return new RepowireError(
    'peer-unknown',
    `No peer is called "${wanted}".`,
    `${next} list_peers (or: repowire peers) lists them.`,
  )
}

function nearest(wanted: string, known: string[]): string[] {
  const name = wanted.toLowerCase().split('@')[0] ?? ''
  const scored = known.map((address) => ({ address, far: distance(name, address.split('@')[0] ?? '') }))
  const limit = Math.max(2, Math.floor(name.length / 3))
  return scored
    .filter((entry) => entry.far <= limit)
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map((entry) => entry.address)
}
