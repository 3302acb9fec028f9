/**
 * Whether another host is there, from nothing but whether its file changes before our eyes, and from how long that is by our own
 * clock that never goes back. What its file or its file's dates say of the time is never looked at. mailbox-spec §5.7
 */

/** What this host has seen of another: the last `epoch` and `seq`, how often they changed, and since when they are these. */
export type Seen = { epoch: string; seq: number; changes: number; at: number; boot: string }

/** Now: ms by a clock that begins with each boot and stands still while the machine sleeps. */
export type Moment = { at: number; boot: string }

/** `ago`: for how many ms it has not changed, where that is known. */
export type Presence = { state: 'here' | 'away' | 'unknown'; ago?: number }

/** `seen` undefined: nothing is to be written. */
export type Verdict = { presence: Presence; seen?: Seen }

/**
 * What `now`, a glance at the file, and what was seen before say together. No glance, because the file is missing or cannot be read: it has
 * not changed. A change that may lie as long ago as the limit shows nothing: it is looked at anew.
 */
export function judge(
  before: Seen | undefined,
  glance: { epoch: string; seq: number } | undefined,
  now: Moment,
  limitMs: number,
): Verdict {
  const known = before !== undefined && before.boot === now.boot && before.at <= now.at ? before : undefined
  if (known === undefined) return glance === undefined ? UNKNOWN : anew(glance, now)
  const ago = now.at - known.at
  const same = glance === undefined || (glance.epoch === known.epoch && glance.seq === known.seq)
  if (same) return { presence: unchanged(known, ago, limitMs) }
  if (ago > limitMs) return anew(glance, now)
  const { epoch, seq } = glance
  return {
    presence: { state: 'here', ago: 0 },
    seen: { epoch, seq, changes: known.changes + 1, ...now },
  }
}

const UNKNOWN: Verdict = { presence: { state: 'unknown' } }

function anew({ epoch, seq }: { epoch: string; seq: number }, now: Moment): Verdict {
  return { presence: { state: 'unknown' }, seen: { epoch, seq, changes: 0, ...now } }
}

function unchanged({ changes }: Seen, ago: number, limitMs: number): Presence {
  if (ago > limitMs) return { state: 'away', ago }
  return changes > 0 ? { state: 'here', ago } : { state: 'unknown' }
}

/** Three or six beats; where a directory may be synchronised, also the minute that a new file can take. In ms. */
export function limitOf(everySeconds: number, remote: boolean): number {
  return (remote ? 6 * everySeconds : 3 * everySeconds + 70) * 1_000
}

/** "12 min ago", for a person. */
export function sayAgo(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return `${Math.round(ms / 1_000)} s ago`
  if (minutes < 120) return `${minutes} min ago`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`
}

export function isSeen(value: unknown): value is Seen {
  const { epoch, seq, changes, at, boot } = (value ?? {}) as Seen
  return [epoch, boot].every((it) => typeof it === 'string') && [seq, changes, at].every(Number.isFinite)
}
