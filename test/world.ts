/**
 * A root and a state directory of the test's own, processes that are peers in it, and programs to run against it.
 * The host is always called laptop.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs, {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import type { Test } from 'tap'
import type { AgentKind, Card, ProcessMark } from '../src/protocol/card.ts'
import type { RepowireError } from '../src/protocol/errors.ts'
import { type Exchange, type Frame, frameOf, replyText } from '../src/protocol/frame.ts'
import { fileName, messagePath, SPEC, type State } from '../src/protocol/layout.ts'
import type { Message } from '../src/protocol/message.ts'
import { blockOn } from '../src/spool/asks.ts'
import { makeHints } from '../src/spool/hints.ts'
import { type Entry, readJournal } from '../src/spool/journal.ts'
import { markerBy } from '../src/spool/marker.ts'
import { markOf } from '../src/spool/process.ts'
import { makeMailbox, publish } from '../src/spool/publish.ts'
import { openTree, type Tree } from '../src/spool/tree.ts'
import { register } from '../src/verbs/register.ts'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

export const Q = '20261122t094012412z-k3v9x2p8'

/** Of the host laptop. */
export const HOST_ID = '0'.repeat(32)

/** What markers are made from. */
const FRAMES = '0'.repeat(64)

/** Whoever takes along, at its end, what it has started and made. */
export type Ends = Pick<Test, 'teardown'>

export type World = { dir: string; tree: Tree; env: Record<string, string> }

export function makeDir(t: Ends): string {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'repowire-test-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }))
  return dir
}

/** An environment whose tree does not exist yet. */
export function makeEnv(t: Ends): { dir: string; env: Record<string, string> } {
  const dir = makeDir(t)
  const state = join(dir, 'state')
  mkdirSync(state, { mode: 0o700 })
  writeFileSync(join(state, 'host.json'), JSON.stringify({ label: 'laptop', host_id: HOST_ID }), {
    mode: 0o600,
  })
  mkdirSync(join(state, 'keys'), { mode: 0o700 })
  writeFileSync(join(state, 'keys', 'frames'), FRAMES, { mode: 0o600 })
  return { dir, env: { REPOWIRE_HOME: join(dir, 'root'), REPOWIRE_STATE: state } }
}

export function makeWorld(t: Ends): World {
  const { dir, env } = makeEnv(t)
  return { dir, env, tree: openTree(env) }
}

/** This test's own process: a peer that lives. */
export const here = markOf(process.pid) as ProcessMark

/** A process that is over: this boot and a pid in use, but with another start. */
export const gone: ProcessMark = { ...here, start: '1' }

/** A process that lives until `end`. */
export function startProcess(t: Ends): { mark: ProcessMark; pid: number; end(): Promise<void> } {
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] })
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
  t.teardown(end)
  const pid = child.pid as number
  return { mark: markOf(pid) as ProcessMark, pid, end }
}

/** A registered peer; its process lives as long as the test unless one is given. */
export function enrol(t: Test, { tree, dir }: World, name: string, more: Partial<Card> = {}): Card {
  const directory = join(dir, 'src', name)
  mkdirSync(join(directory, '.git'), { recursive: true })
  const agent: AgentKind = more.agent ?? 'other'
  const card = register(tree, {
    agent,
    directory,
    process: more.process ?? startProcess(t).mark,
    server: more.server,
  })
  return { ...card, ...more }
}

/** A peer and an asker, who is this process. */
export function makePair(t: Test): World & { me: Card; peer: Card } {
  const world = makeWorld(t)
  return { ...world, me: enrol(t, world, 'frontend', { process: here }), peer: enrol(t, world, 'backend') }
}

export function message(more: Partial<Message> = {}): Message {
  const kind = more.kind ?? 'query'
  const id = more.id ?? Q
  const reply = kind === 'reply' || kind === 'cancel'
  return {
    spec: SPEC,
    id,
    kind,
    from: 'frontend@laptop',
    to: 'backend@laptop',
    sent: '2026-11-22T09:40:12.412Z',
    ...(reply ? { in_reply_to: id } : {}),
    ...(kind === 'reply' ? { outcome: 'answered' as const } : {}),
    body: kind === 'cancel' ? '' : 'Which port?',
    ...more,
  }
}

/** The marker of a message, as every tree that is made here has it. */
const markerIn = (it: Message) => markerBy(FRAMES, it)

/** Its frame, as the host laptop shows it. */
export function framed(it: Message, earlier: Exchange[] = []): Frame {
  return frameOf(it, markerIn(it), earlier)
}

/** The same of a reply in the result of a tool. */
export function replied(it: Message): string {
  return replyText(it, markerIn(it))
}

/** Puts bytes into a mailbox as a program that keeps no rule would; returns the file's name. */
export function place(
  tree: Tree,
  address: string,
  state: State,
  file: string,
  bytes: string | Uint8Array,
): string {
  makeMailbox(tree, address)
  writeFileSync(join(tree.root, messagePath(address, state, file)), bytes, { mode: 0o600 })
  return file
}

/** A message in the given state of its receiver's mailbox, asked where it is a query; returns the file's name. */
export function lay(tree: Tree, state: State, more: Partial<Message> = {}): string {
  const it = message(more)
  if (it.kind === 'query' && state === 'new')
    blockOn(tree, it.from, { id: it.id, to: it.to, process: gone, since: it.sent })
  if (state !== 'new') return place(tree, it.to, state, fileName(it.id, it.kind), `${JSON.stringify(it)}\n`)
  publish(tree, it)
  return fileName(it.id, it.kind)
}

/** What `find <under> -type f | sort` shows. */
export function filesIn(dir: string, under = ''): string[] {
  return readdirSync(join(dir, under), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort()
}

/** The mail of one mailbox: ["new/….query.json"]. */
export function mailOf(tree: Tree, address: string): string[] {
  const dir = join(tree.root, 'inbox', address)
  return filesIn(dir)
}

export function bodyOf(tree: Tree, address: string, state: State, file: string): string {
  return read(tree, address, state, file).body
}

export function read(tree: Tree, address: string, state: State, file: string): Message {
  return JSON.parse(readFileSync(join(tree.root, messagePath(address, state, file)), 'utf8')) as Message
}

/** The journal's events for one message, in order. */
export function eventsOf(tree: Tree, id: string): string[] {
  return entriesOf(tree, id).map((entry) => entry.event)
}

export function entriesOf(tree: Tree, id: string): Entry[] {
  return readJournal(tree).filter((entry) => entry.id === id)
}

/** A line of an hour ago: whoever wrote it has long done what it tells of. */
export function said(tree: Tree, event: string, peer: string, id: string, more: object = {}): void {
  const at = new Date(Date.now() - 3_600_000).toISOString()
  mkdirSync(join(tree.state, 'journal'), { recursive: true, mode: 0o700 })
  appendFileSync(
    join(tree.state, 'journal', `${at.slice(0, 10)}.jsonl`),
    `${JSON.stringify({ at, event, id, peer, ...more })}\n`,
  )
}

/** What a waiter needs that waits for so long. */
export function waitOf(milliseconds: number, signal?: AbortSignal) {
  return { milliseconds, hints: makeHints(), ...(signal && { signal }) }
}

/** The error that `act` throws; its code says so when it throws none. */
export function thrown(act: () => unknown): RepowireError {
  try {
    act()
  } catch (error) {
    return error as RepowireError
  }
  return { code: 'nothing was thrown', message: '', next: '' } as unknown as RepowireError
}

/** The code of the error that `act` throws, or undefined when it throws none. */
export function codeThrown(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

/** Makes one call of node:fs do something else, for everybody, until `restore` is called or the test ends. */
export function mockFs<
  Name extends
    | 'fsyncSync'
    | 'linkSync'
    | 'lstatSync'
    | 'openSync'
    | 'readdirSync'
    | 'readFileSync'
    | 'renameSync'
    | 'statfsSync'
    | 'unlinkSync'
    | 'watch'
    | 'writeSync',
>(t: Test, name: Name, make: (real: (typeof fs)[Name], restore: () => void) => unknown): void {
  const real = fs[name]
  const put = (it: unknown) => {
    Object.assign(fs, { [name]: it })
    syncBuiltinESMExports()
  }
  t.teardown(() => put(real))
  put(make(real, () => put(real)))
}

/** The environment of a program under test: nothing of the runner's reaches it. */
export function plainEnv(more: Record<string, string> = {}): Record<string, string> {
  const kept = ['HOME', 'PATH', 'LANG', 'TMPDIR', 'USER', 'LOGNAME']
  const own = kept.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name] as string]],
  )
  return { ...Object.fromEntries(own), ...more }
}

/** Bundles a TypeScript file of the tests with all that it imports: it then starts like any program, without a loader. */
export async function bundle(t: Test, entry: URL): Promise<string> {
  const file = join(makeDir(t), 'child.mjs')
  const built = await rolldown({
    input: fileURLToPath(entry),
    platform: 'node',
    tsconfig: false,
    logLevel: 'silent',
  })
  await built.write({ file, format: 'esm', codeSplitting: false })
  await built.close()
  return file
}

export type Run = { code: number | null; signal: string | null; stdout: string; stderr: string }

/** Runs a program to its end. */
export async function run(
  t: Test,
  command: string[],
  { env, cwd, input }: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): Promise<Run> {
  const child = start(t, command, { env, cwd })
  child.stdin?.on('error', () => {}).end(input ?? '')
  return await ended(child)
}

/** Starts a program, which is killed with the test. The runner would load itself into it by NODE_OPTIONS. */
export function start(
  t: Test,
  command: string[],
  { env, cwd }: { env?: Record<string, string>; cwd?: string } = {},
): ChildProcess {
  const child = spawn('env', ['-u', 'NODE_OPTIONS', ...command], {
    env: env ?? plainEnv(),
    cwd,
    stdio: 'pipe',
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

export async function ended(child: ChildProcess): Promise<Run> {
  const parts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (part: string) => (parts[name] += part))
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, ...parts }
}

/** Looks again and again until there is something; the runner's time limit is the only deadline. */
export async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== null && seen !== false) return seen as NonNullable<T>
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
