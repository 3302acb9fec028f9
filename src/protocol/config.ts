/** config.json: what a user may set. A table of keys; what is wrong costs its own key and nothing else. mailbox-spec §2.1 */

import { isName } from './address.ts'
import { isCircleDirectory } from './circle.ts'
import { distance } from './distance.ts'
import { RepowireError } from './errors.ts'
import { ANYBODY, isRule } from './rules.ts'

/** A way by which a courier gives a message to an agent. */
type Door = 'tmux' | 'socket'

export type Config = {
  doors: Door[]
  chain_depth: number
  turns_per_hour: number
  repair_seconds: number
  circles: Record<string, string>
  hold_weaker: boolean
  allow: string[]
  deny: string[]
}

/** `own`: of one host, and in its state directory: who writes the root must not set it. */
type Key<T> = {
  own?: true
  standard: T
  /** What counts where what is set is wrong: of what keeps somebody out, the strictest. */
  strict?: T
  check: (value: unknown) => boolean
  must: string
  meaning: string
}

const DOORS: unknown[] = ['tmux', 'socket'] satisfies Door[]

const wholeFrom =
  (least: number) =>
  (value: unknown): boolean =>
    Number.isSafeInteger(value) && (value as number) >= least

const RULES = 'a list of rules such as "frontend -> backend" or "@desktop -> circle:billing"'

export const KEYS: { [Name in keyof Config]: Key<Config[Name]> } = {
  doors: {
    standard: ['tmux', 'socket'],
    check: (value) => Array.isArray(value) && value.every((door, n) => isNewDoor(door, value.slice(0, n))),
    must: 'a list of "tmux" and "socket", each at most once',
    meaning: 'by what a message is given to an agent, in this order; none: only by its inbox tool',
  },
  chain_depth: {
    standard: 8,
    check: wholeFrom(0),
    must: 'a whole number, 0 or more',
    meaning: 'how many open questions may lead to a question, each asked because of the one before it',
  },
  turns_per_hour: {
    standard: 60,
    check: wholeFrom(0),
    must: 'a whole number; 0 sets no limit',
    meaning: 'how many turns two agents may cause each other in an hour; 0: no limit',
  },
  repair_seconds: {
    standard: 60,
    check: wholeFrom(1),
    must: 'a whole number, 1 or more',
    meaning:
      'how long a message that was sent must be nowhere in its mailbox until it is sent again: longer than the tree needs to reach every machine',
  },
  circles: {
    standard: {},
    check: areCircles,
    must: 'an object of directories, from / or ~/ on, each with a name of a-z, 0-9 and "-"',
    meaning:
      'the circle of the sessions in a directory: `{"~/src/billing": "billing"}`; none: one for everybody',
  },
  hold_weaker: {
    own: true,
    standard: true,
    check: (value) => typeof value === 'boolean',
    must: 'true or false',
    meaning: 'whether mail of a session with permission limits waits for you before one that may bypass them',
  },
  allow: {
    own: true,
    standard: [ANYBODY],
    strict: [],
    check: areRules,
    must: RULES,
    meaning: 'who may reach whom: each side is `*`, a name, `name@host`, `@host` or `circle:name`',
  },
  deny: {
    own: true,
    standard: [],
    strict: [ANYBODY],
    check: areRules,
    must: RULES,
    meaning: 'who may not, whatever `allow` says',
  },
}

function areRules(value: unknown): boolean {
  return Array.isArray(value) && value.every(isRule)
}

function areCircles(value: unknown): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  return Object.entries(value).every(([directory, circle]) => isCircleDirectory(directory) && isName(circle))
}

function isNewDoor(door: unknown, before: unknown[]): boolean {
  return DOORS.includes(door) && !before.includes(door)
}

export function standardConfig(): Config {
  return Object.fromEntries(
    Object.entries(KEYS).map(([name, { standard }]) => [name, standard]),
  ) as unknown as Config
}

/** `complaints`: what is wrong with the text; a key that is wrong has its standard value. */
export type ReadConfig = { config: Config; complaints: RepowireError[] }

/** The fields of the one JSON object that this text is. Errors: bad-config. */
export function fieldsIn(text: string): Record<string, unknown> {
  const fields = objectIn(text)
  if (fields === undefined) throw wrong('It is not one JSON object, so nothing in it counts.', MEND)
  return fields
}

/** Errors: bad-input where there is no such key, or it cannot have this value. */
export function checkSetting(name: string, value: unknown): void {
  const { check, must, standard } = keyNamed(name)
  if (check(value)) return
  throw new RepowireError(
    'bad-input',
    `${JSON.stringify(value)} is no value of "${name}": it must be ${must}.`,
    `Its default: repowire config ${name} '${JSON.stringify(standard)}'`,
  )
}

/** Errors: bad-input with the nearest key there is. */
export function keyNamed(name: string): Key<unknown> {
  if (Object.hasOwn(KEYS, name)) return KEYS[name as keyof Config] as Key<unknown>
  throw new RepowireError('bad-input', unknownKey(name), 'repowire config lists all of them.')
}

/** True for a key of one host alone. */
export function isOwnKey(name: string): boolean {
  return Object.hasOwn(KEYS, name) && KEYS[name as keyof Config].own === true
}

/** The settings in this text, over `config`; `own`: of those of one host. Never throws. */
export function parseConfig(text: string, own = false, config = standardConfig()): ReadConfig {
  const fields = objectIn(text)
  if (fields === undefined) return withoutConfig('is not one JSON object', own, config)
  const complaints = Object.entries(fields).flatMap(([name, value]) => take(config, own, name, value) ?? [])
  return { config, complaints }
}

/** Where the file cannot be used: the settings before it, and of the keys that only it could set the strictest values. */
export function withoutConfig(why: string, own = false, config = standardConfig()): ReadConfig {
  const keys = Object.entries(KEYS).filter(([, key]) => own && key.own)
  Object.assign(config, Object.fromEntries(keys.map(([name, key]) => [name, strictest(key)])))
  const closed = own ? ', and until it is mended nobody reaches anybody' : ''
  return {
    config,
    complaints: [wrong(`It ${why}, so nothing in it counts${closed}.`, own ? MEND_OWN : MEND)],
  }
}

function take(config: Config, own: boolean, name: string, value: unknown): RepowireError | undefined {
  const key = Object.hasOwn(KEYS, name) ? KEYS[name as keyof Config] : undefined
  if (key === undefined) return name.startsWith('x_') ? undefined : wrong(unknownKey(name), takeOut(name))
  if ((key.own ?? false) !== own) return wrong(elsewhere(name, own), MOVE)
  const right = key.check(value)
  const counts = right ? value : strictest(key)
  Object.assign(config, { [name]: counts })
  return right
    ? undefined
    : wrong(`"${name}" must be ${key.must}; ${JSON.stringify(counts)} counts.`, takeOut(name))
}

function strictest({ strict, standard }: Key<unknown>): unknown {
  return strict ?? standard
}

function unknownKey(name: string): string {
  const [nearest] = Object.keys(KEYS).sort((a, b) => distance(name, a) - distance(name, b))
  return `There is no key "${name.slice(0, 40)}"; did you mean "${nearest}"?`
}

function elsewhere(name: string, own: boolean): string {
  const place = own ? 'the root, for all hosts' : 'the state directory of each host'
  return `"${name}" does not count here: it stands in ${place}.`
}

const MOVE = 'Take it out of the file, and set it: repowire config.'
const MEND = 'Mend the file in the root, or remove it.'
const MEND_OWN = 'Mend the file in the state directory, or remove it.'

function takeOut(name: string): string {
  return `Take it out: repowire config '${name.slice(0, 40)}' --unset`
}

function wrong(what: string, next: string): RepowireError {
  return new RepowireError('bad-config', `config.json: ${what}`, next)
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown
    const isObject = value !== null && typeof value === 'object' && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
