/** Message ids: sortable by time, readable, unique by forty random bits. mailbox-spec §3. */

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz'
export const ID_LENGTH = 28
const ID = /^\d{8}t\d{9}z-[0-9a-hjkmnp-tv-z]{8}$/

/** An id for this instant (milliseconds since 1970) from eight random bytes. */
export function formatId(now: number, random: Uint8Array): string {
  const time = new Date(now).toISOString().toLowerCase().replace(/[-:.]/g, '')
  return `${time}-${tailOf(random)}`
}

/** The time of `id`, and a tail from eight other bytes. */
export function deriveId(id: string, bytes: Uint8Array): string {
  return `${id.slice(0, id.indexOf('-'))}-${tailOf(bytes)}`
}

/** The instant that an id names, in ms since 1970, by the clock of whoever made it; NaN where that is no time. */
export function timeOf(id: string): number {
  const iso = id.replace(/^(....)(..)(..)t(..)(..)(..)(...)z.*$/, '$1-$2-$3T$4:$5:$6.$7Z')
  return Date.parse(iso)
}

/** Eight characters from eight bytes. */
export function tailOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 8), (byte) => BASE32[byte & 31]).join('')
}

export function isId(text: unknown): text is string {
  return typeof text === 'string' && ID.test(text)
}
