/** A random program: what several processes do, one thing after the other, and what befalls each of them meanwhile. */

import * as fc from 'fast-check'
import type { ErrorCode, Trouble } from './seam.ts'

/** `who`, `whom`: peers; `n`: which of several. */
export type Deed = { act: ActName; who: number; whom: number; n: number }

/** `meanwhile`: what another process does before call number `at`. */
export type Step = Deed & { trouble?: Trouble; meanwhile?: Deed & { at: number } }

/** `remote`: the root is on a file system that tells nothing of what others change. */
export type Program = { remote: boolean; steps: Step[] }

/** What a process does in one go, and how often of a hundred. */
const AT_ONCE = {
  ask: 14,
  'ask urgently': 2,
  'follow up': 2,
  reply: 12,
  'end a turn': 9,
  'fail a turn': 2,
  'begin a turn': 1,
  notify: 5,
  'notify quietly': 2,
  broadcast: 2,
  'broadcast again': 1,
  cancel: 4,
  'take the mail': 12,
  'take the mail and die': 2,
  type: 10,
  'see the prompt': 10,
  'put back': 2,
  'call it late': 2,
  rename: 4,
  'rename back': 1,
  pause: 1,
  resume: 2,
  leave: 2,
  sweep: 2,
  'reconcile from the start': 2,
  'look at the mail': 1,
  'lose the cache': 1,
} as const

/** What takes time, or nobody's time. */
const ALONE = {
  wait: 8,
  'wait and die': 1,
  'courier: round': 14,
  'courier: another': 3,
  'end an agent': 3,
  'end a server': 2,
  'begin an agent': 4,
  idle: 3,
  'a second': 3,
  'ten seconds': 4,
  'an hour': 2,
  'a day': 1,
  'clock ahead': 1,
  'clock back': 1,
} as const

export type ActName = keyof typeof AT_ONCE | keyof typeof ALONE

const weighted = (weights: Record<string, number>) =>
  fc.oneof(
    ...Object.entries(weights).map(([act, weight]) => ({ arbitrary: fc.constant(act as ActName), weight })),
  )

const deed = (weights: Record<string, number>) => ({
  act: weighted(weights),
  who: fc.nat(3),
  whom: fc.nat(3),
  n: fc.nat(3),
})

const at = fc.oneof(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 1, max: 120 }))

const codes: ErrorCode[] = ['ENOSPC', 'EIO', 'EROFS', 'EMFILE', 'EACCES', 'ESTALE']

const fault = fc.record({
  kind: fc.constant('fault' as const),
  at,
  code: fc.constantFrom(...codes),
  after: fc.boolean(),
  lasting: fc.boolean(),
})
const kill = fc.record({ kind: fc.constant('kill' as const), at })

const trouble = fc.option(fc.oneof(fault, kill), { nil: undefined, freq: 20 })
const meanwhile = fc.option(fc.record({ ...deed(AT_ONCE), at }), { nil: undefined, freq: 20 })

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record(deed({ ...AT_ONCE, ...ALONE })), weight: 3 },
  { arbitrary: fc.record({ ...deed({ ...AT_ONCE, ...ALONE }), trouble }), weight: 2 },
  { arbitrary: fc.record({ ...deed({ ...AT_ONCE, ...ALONE }), meanwhile }), weight: 1 },
)

export const program: fc.Arbitrary<Program> = fc.record({
  remote: fc.oneof({ arbitrary: fc.constant(false), weight: 4 }, { arbitrary: fc.constant(true), weight: 1 }),
  steps: fc.array(step, { minLength: 2, maxLength: 30, size: 'max' }),
})

/** How a program reads, for people: one line a step. */
export function inWords({ remote, steps }: Program): string {
  const lines = steps.map((one, n) => `  ${n + 1}. ${stepInWords(one)}`)
  return [remote ? '  on a remote file system:' : '  on a local file system:', ...lines].join('\n')
}

function stepInWords({ trouble: bad, meanwhile: other, ...own }: Step): string {
  const befalls =
    bad === undefined
      ? ''
      : bad.kind === 'kill'
        ? `; killed before call ${bad.at}`
        : `; ${bad.code} ${bad.after ? 'after' : 'before'} call ${bad.at}${bad.lasting ? ' and from then on' : ''}`
  return `${deedInWords(own)}${befalls}${other === undefined ? '' : `; before call ${other.at} ${deedInWords(other)}`}`
}

function deedInWords({ act, who, whom, n }: Deed): string {
  return `${act} (${who} ${whom} ${n})`
}
