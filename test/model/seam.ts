/**
 * The calls of node:fs that the sources make, all in the one process of the test: the process that makes them may die before any,
 * any may fail before it acts or after it, and another process may act between two. Times are those of the model.
 */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { ROOT } from '../world.ts'
import { statLine } from './sky.ts'

/** `lasting`: every call from there on fails. `after`: it has acted when it fails. */
export type Trouble =
  | { kind: 'kill'; at: number }
  | { kind: 'fault'; at: number; code: ErrorCode; after: boolean; lasting: boolean }

export type ErrorCode = 'ENOSPC' | 'EIO' | 'EROFS' | 'EMFILE' | 'EACCES' | 'ESTALE'

/** A rename, a link (`from` is ''), or a removal (`to` is ''), that was made. `replaced`: something had this name. */
export type Move = { from: string; to: string; replaced: boolean; act: string }

/** What becomes of the calls of one process while it does one thing. */
type Life = {
  trouble?: Trouble
  between?: { at: number; act: () => void }
  calls: number
  dead: boolean
  failed: string[]
}

export type Lived<T> = { value?: T; error?: unknown; dead: boolean; calls: number; failed: string[] }

class Killed extends Error {
  readonly code = 'KILLED'
}

type Real = (...given: unknown[]) => unknown

const WRITES = [
  'writeFileSync',
  'writeSync',
  'fsyncSync',
  'linkSync',
  'renameSync',
  'unlinkSync',
  'mkdirSync',
  'truncateSync',
]
const LOOKS = [
  'lstatSync',
  'statSync',
  'fstatSync',
  'readSync',
  'readFileSync',
  'readdirSync',
  'realpathSync',
  'statfsSync',
]
const TAKE_A_DESCRIPTOR = ['openSync', 'readFileSync', 'readdirSync']
const NFS = 0x6969
const ALL = [...WRITES, ...LOOKS, 'openSync', 'closeSync']

const real = Object.fromEntries(ALL.map((name) => [name, fs[name as keyof typeof fs]])) as Record<
  string,
  Real
>

let life: Life | undefined
let remote = false
let log: ((move: Omit<Move, 'act'>) => void) | undefined

/** When each inode was last written and changed, by the clock of the model. */
const changed = new Map<number, { mtimeMs: number; ctimeMs: number }>()

/** Puts the seam in the place of node:fs until the function that is returned is called. */
export function installSeam(): () => void {
  const put = (make: (name: string) => Real) => {
    for (const name of ALL) Object.assign(fs, { [name]: make(name) })
    syncBuiltinESMExports()
  }
  put((name) => Object.assign((...given: unknown[]) => call(name, given), real[name]))
  return () => put((name) => real[name] as Real)
}

/** Whether the system says that every directory is on a network file system. */
export function setRemote(to: boolean): void {
  remote = to
}

/** Tells of each move that is made from now on, by whomever. */
export function listen(to: typeof log): void {
  log = to
  changed.clear()
}

/** One process does one thing. Whatever it comes to, it says; `between` is done by another process, before call number `at`. */
export async function live<T>(
  act: () => T | Promise<T>,
  trouble?: Trouble,
  between?: { at: number; act: () => void },
): Promise<Lived<T>> {
  const own = open(trouble, between)
  const before = life
  life = own
  try {
    return { ...told(own), value: await act(), ...told(own) }
  } catch (error) {
    return { ...told(own), error }
  } finally {
    life = before
  }
}

/** The same for what another process does at once, in the middle of a thing. */
export function liveWithin<T>(act: () => T): Lived<T> {
  const own = open()
  const before = life
  life = own
  try {
    return { ...told(own), value: act(), ...told(own) }
  } catch (error) {
    return { ...told(own), error }
  } finally {
    life = before
  }
}

function open(trouble?: Trouble, between?: Life['between']): Life {
  return { trouble, between, calls: 0, dead: false, failed: [] }
}

function told({ dead, calls, failed }: Life) {
  return { dead, calls, failed }
}

function call(name: string, given: unknown[]): unknown {
  const stat = name === 'readFileSync' ? statLine(String(given[0])) : 'real'
  if (stat === 'real' && isOfTheSystem(given)) return real[name]?.(...given)
  const now = life
  if (now === undefined) return act(name, given, stat)
  now.calls += 1
  if (now.dead) return die(name, given)
  if (now.between?.at === now.calls) step(now)
  const { trouble } = now
  if (trouble === undefined || now.calls < trouble.at) return act(name, given, stat)
  if (trouble.kind === 'kill') {
    now.dead = true
    return die(name, given)
  }
  const again = trouble.lasting || now.failed.length === 0
  return again && canFail(name, given, trouble.code, stat)
    ? fail(now, name, given, trouble)
    : act(name, given, stat)
}

/** What is asked of the kernel, modules that are loaded, and what is a client's own. */
function isOfTheSystem([first]: unknown[]): boolean {
  return (
    typeof first === 'string' &&
    (first.startsWith('/proc/') || first.startsWith(ROOT) || first.includes('/home/sessions/'))
  )
}

function step(now: Life): void {
  const { act: other } = now.between as { act: () => void }
  now.between = undefined
  other()
}

/** A kernel closes what a dead process had open. */
function die(name: string, given: unknown[]): never {
  if (name === 'closeSync') real.closeSync?.(...given)
  throw new Killed(`killed before ${name}`)
}

/** What a local disk cannot read stays so, and is no fault of the moment. */
function canFail(name: string, given: unknown[], code: ErrorCode, stat: unknown): boolean {
  if (stat !== 'real') return code === 'EMFILE'
  if (code === 'EMFILE') return TAKE_A_DESCRIPTOR.includes(name)
  const writes =
    WRITES.includes(name) || (name === 'openSync' && typeof given[1] === 'string' && given[1] !== 'r')
  if (code === 'ESTALE') return remote
  return writes || (code === 'EIO' && remote)
}

function fail(
  now: Life,
  name: string,
  given: unknown[],
  { code, after }: Trouble & { kind: 'fault' },
): never {
  now.failed.push(name)
  if (name === 'closeSync' || (after && WRITES.includes(name))) act(name, given, 'real')
  else if (code === 'ENOSPC') writeHalf(name, given)
  throw Object.assign(new Error(`${code}: the model says so, ${name} ${String(given[0])}`), {
    code,
    syscall: name.replace('Sync', ''),
    ...(code === 'ESTALE' && { errno: -116 }),
  })
}

/** What a full disk takes. */
function writeHalf(name: string, [to, text]: unknown[]): void {
  if (name !== 'writeFileSync' && name !== 'writeSync') return
  const bytes = Buffer.from(text as string)
  real.writeSync?.(to, bytes.subarray(0, bytes.length / 2))
}

function act(name: string, given: unknown[], stat: string | undefined): unknown {
  if (stat !== 'real') return stat ?? gone(String(given[0]))
  const [from, to] = given.map(String) as [string, string]
  const replaced = name === 'renameSync' && real.lstatSync?.(to, { throwIfNoEntry: false }) !== undefined
  const value = real[name]?.(...given)
  if (name === 'renameSync') log?.({ from, to, replaced })
  if (name === 'linkSync') log?.({ from: '', to, replaced })
  if (name === 'unlinkSync') log?.({ from, to: '', replaced })
  touch(name, given, value)
  if (name === 'statfsSync' && remote) return { ...(value as object), type: NFS }
  return /^[lf]?statSync$/.test(name) ? withTimes(value) : value
}

function gone(path: string): never {
  throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
}

function touch(name: string, given: unknown[], value: unknown): void {
  const at = Date.now()
  const written =
    name === 'writeFileSync' || name === 'writeSync' || (name === 'openSync' && given[1] === 'wx')
  const file = name === 'openSync' ? value : given[0]
  const look = typeof file === 'number' ? real.fstatSync : real.statSync
  if (written) stamp(look?.(file), { mtimeMs: at, ctimeMs: at })
  if (name === 'renameSync' || name === 'linkSync') stamp(real.lstatSync?.(given[1]), { ctimeMs: at })
}

function stamp(stat: unknown, times: { ctimeMs: number; mtimeMs?: number }): void {
  const { ino } = stat as fs.Stats
  const before = changed.get(ino) ?? { mtimeMs: times.ctimeMs, ctimeMs: times.ctimeMs }
  changed.set(ino, { ...before, ...times })
}

function withTimes(stat: unknown): unknown {
  const times = typeof stat === 'object' ? changed.get((stat as fs.Stats | undefined)?.ino ?? -1) : undefined
  return times === undefined ? stat : Object.assign(stat as fs.Stats, times)
}
