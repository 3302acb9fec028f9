/** One power cut: what two writers had been told was done, and what the disk has of it afterwards. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseMessage } from '../../src/protocol/message.ts'
import { findMessage } from '../../src/spool/publish.ts'
import { openTree, type Tree } from '../../src/spool/tree.ts'
import { DEEDS } from '../fixtures/deeds.ts'
import type { Stage } from '../fixtures/filled.ts'
import { bodyOf } from './body.ts'
import { makeImage } from './image.ts'

export type Told = { acknowledged: number; messages: number; wrong: string[] }

const WRITERS = [1, 2]

/** `after`: in how many ms the power is cut, counted from the first answer. In a shared root the outbox is fsync'd, too. */
export async function cutPower(program: string, after: number, shared: boolean): Promise<Told> {
  const image = makeImage()
  const children: ChildProcess[] = []
  try {
    const env = makePlace(image.dir, shared)
    const told: string[] = []
    for (const n of WRITERS) children.push(startWriter(program, env, n, told))
    while (told.join('') === '') await pause(5)
    await pause(after)
    image.cut()
    await endAll(children)
    image.unmount()
    image.mount()
    return await lookAfterwards(env, told.join('').split('\n').slice(0, -1), shared)
  } finally {
    await endAll(children)
    image.remove()
  }
}

type Env = Record<string, string>

function makePlace(dir: string, shared: boolean): Env {
  const env = { REPOWIRE_HOME: join(dir, 'root'), REPOWIRE_STATE: join(dir, 'state') }
  const { root } = openTree(env)
  if (shared) writeFileSync(join(env.REPOWIRE_STATE, 'shared'), '', { mode: 0o600 })
  writeFileSync(join(root, 'config.json'), '{"turns_per_hour":0}', { mode: 0o600 })
  return env
}

function startWriter(program: string, env: Env, n: number, told: string[]): ChildProcess {
  const { PATH = '' } = process.env
  const words = ['-u', 'NODE_OPTIONS', process.execPath, program, `/nowhere/asker${n}`, `/nowhere/peer${n}`]
  // What it says when its disk is gone is what is wanted of it.
  const child = spawn('env', words, { env: { PATH, ...env }, stdio: ['ignore', 'pipe', 'ignore'] })
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    const lines = (rest + part).split('\n')
    rest = lines.pop() as string
    for (const line of lines) told.push(`${line}\n`)
  })
  return child
}

async function endAll(children: ChildProcess[]): Promise<void> {
  for (const child of children.splice(0)) {
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await closed
  }
}

async function lookAfterwards(env: Env, told: string[], shared: boolean): Promise<Told> {
  const tree = openTree(env)
  const found = messagesIn(tree)
  const wrong = [...found.filter(isTorn).map((path) => `torn: ${path}`), ...tornLines(tree)]
  if (shared) wrong.push(...tornOutbox(tree))
  await anHourLater(() => DEEDS.courier?.({ tree } as Stage, {}))
  for (const line of told) {
    const [address = '', id = '', n = ''] = line.split(' ')
    if (!hasReply(tree, address, id, Number(n))) wrong.push(`gone: the answer ${id} to ${address}`)
  }
  return { acknowledged: told.length, messages: found.length, wrong }
}

/** What the journal says of the last seconds may be under way: a courier leaves that alone (mailbox-spec §7.4). */
async function anHourLater(act: () => unknown): Promise<void> {
  const { now } = Date
  Date.now = () => now() + 3_600_000
  try {
    await act()
  } finally {
    Date.now = now
  }
}

const STATES = /\/(?:new|cur|open|done|dead|held)\/[^/]+\.json$/

function messagesIn({ root }: Tree): string[] {
  const entries = readdirSync(join(root, 'inbox'), { recursive: true, encoding: 'utf8' })
  return entries.map((path) => join(root, 'inbox', path)).filter((path) => STATES.test(path))
}

function isTorn(path: string): boolean {
  const parsed = parseMessage(readFileSync(path))
  return !('message' in parsed) || !parsed.message.body.endsWith(' END')
}

/** All that ends is whole; what has no end was being written. */
function tornLines({ state }: Tree): string[] {
  const files = readdirSync(join(state, 'journal')).map((file) => join(state, 'journal', file))
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1))
  return lines.filter((line) => !isJson(line)).map((line) => `torn: a line of the journal (${line.length})`)
}

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}

/** Of each message that is published this host has the text. */
function tornOutbox({ state, root }: Tree): string[] {
  const kept = readdirSync(join(state, 'outbox')).filter((file) =>
    messagesIn({ state, root, host: '' }).some((path) => path.endsWith(`/${file}`)),
  )
  return kept.filter((file) => isTorn(join(state, 'outbox', file))).map((file) => `torn: outbox/${file}`)
}

function hasReply(tree: Tree, address: string, id: string, n: number): boolean {
  const state = findMessage(tree, address, `${id}.reply.json`)
  if (state === undefined) return false
  const parsed = parseMessage(readFileSync(join(tree.root, 'inbox', address, state, `${id}.reply.json`)))
  return 'message' in parsed && parsed.message.body === bodyOf(n)
}
