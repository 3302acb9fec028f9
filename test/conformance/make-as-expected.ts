/** A step of a role that the command under test has not: the tree is made what the vector says, and it goes on. */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { makeMailbox } from '../../src/spool/publish.ts'
import { filled, type Stage } from '../fixtures/filled.ts'
import type { Files, Step } from '../fixtures/vector.ts'
import { filesIn } from '../world.ts'

const OURS = ['mailbox.json', 'hosts/laptop.json']
const A_TIME = '2026-11-22T09:40:12.412Z'

/** A message that is further on keeps its bytes: it is moved. What may be any text is chosen. */
export function makeAsExpected(stage: Stage, { as, expect }: Step): void {
  const { root } = stage.tree
  if (as !== undefined) stage.names.set(String(as), madeId(stage.names.size))
  const wanted = filled(stage, expect) as Files
  for (const address of addressesIn(wanted)) makeMailbox(stage.tree, address)
  const spare = filesIn(root).filter((path) => !OURS.includes(path) && !(path in wanted))
  for (const [path, value] of Object.entries(wanted)) put(root, path, value, spare)
  for (const path of spare) rmSync(join(root, path), { force: true })
}

function put(root: string, path: string, value: unknown, spare: string[]): void {
  const file = join(root, path)
  const from = spare.find((it) => it.startsWith('inbox/') && basename(it) === basename(path))
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if (from !== undefined) renameSync(join(root, from), file)
  else if (!existsSync(file) || !isMessage(path)) writeFileSync(file, textOf(value, file), { mode: 0o600 })
}

function isMessage(path: string): boolean {
  return /\.(?:query|reply|notice|cancel)\.json$/.test(path)
}

/** What stays any text keeps the one that it has. */
function textOf(value: unknown, file: string): string {
  if (typeof value === 'string') return value
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  return `${JSON.stringify(chosen(value, before))}\n`
}

function chosen(value: unknown, before: unknown): unknown {
  if (value === '$any') return typeof before === 'string' ? before : A_TIME
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value
  if ('$has' in value) return value.$has
  const had = (before ?? {}) as Files
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, chosen(each, had[key])]))
}

function madeId(n: number): string {
  return `20261122t094012412z-${String(n).padStart(8, '0')}`
}

function addressesIn(files: Files): string[] {
  const named = Object.keys(files).map((path) => path.match(/^(?:inbox\/([^/]+)\/|peers\/(.+)\.json$)/))
  return [...new Set(named.flatMap((match) => match?.[1] ?? match?.[2] ?? []))]
}
