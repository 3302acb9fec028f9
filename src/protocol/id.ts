/** Message ids: sortable by time, readable, unique by forty random bits. mailbox-spec §3. */

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz'
const ID = /^\d{8}t\d{9}z-[0-9a-hjkmnp-tv-z]{8}$/

/** An id for this instant (milliseconds since 1970) from eight random bytes. */
export function formatId(now: number, random: Uint8Array): string {
  const time = new Date(now).toISOString().toLowerCase().replace(/[-:.]/g, '')
  const tail = Array.from(random.subarray(0, 8), (byte) => BASE32[byte & 31]).join('')
  return `${time}-${tail}`
}

export function isId(text: unknown): text is string {
  return typeof text === 'string' && ID.test(text)
}
