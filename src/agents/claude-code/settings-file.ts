/**
 * The user's settings.json on disk: an edit is planned first and written later. A record in the state directory tells
 * what was there before us, so that a file that nobody changed since goes back to its very bytes.
 */

import { createHash } from 'node:crypto'
import * as path from 'node:path'
import { RepowireError } from '../../protocol/errors.ts'
import { readJson, replaceFile } from '../../spool/disk.ts'
import { backUp, checkWritable, readBackup, readForeign, replaceForeign } from '../../spool/foreign.ts'
import { inState, stateTemporaryPath, type Tree } from '../../spool/tree.ts'
import type { Environment } from '../agent.ts'
import { configDirectory } from './session-file.ts'
import {
  addOurs,
  holdsHooks,
  holdsOurs,
  ignoredBecause,
  type Made,
  type Ours,
  objection,
  removeOurs,
  stateOf,
  UNREMEMBERED,
  unreadable,
} from './settings.ts'

/** `written`: the hash of what we wrote. `original`: the backup of what was there before us; null: there was no file. */
type Remembered = { written: string; original?: string | null; made: Made }

/** Undefined bytes: no file. `record`: what to remember. `first`: nothing of ours was in the file before. */
export type SettingsEdit = {
  file: string
  what: string
  before: Buffer | undefined
  after: Buffer | undefined
  record: Remembered | undefined
  first: boolean
}

const HOOKS_AND_RULE = 'hooks and permission rule'
const RULE_ALONE = 'permission rule'

/** `warnings`: why the client does not act on our entries. */
export type SettingsState = {
  file: string
  state: 'current' | 'outdated' | 'missing' | 'unreadable'
  warnings: string[]
}

/** The edit that puts our entries in. Writes nothing. Errors: bad-settings, not-writable. */
export function planAdding(tree: Tree, env: Environment, ours: Ours): SettingsEdit {
  const file = settingsFile(env)
  const before = readForeign(file)
  const text = checked(file, before, objection)
  const added = addOurs(text, ours)
  const after = added.text === text ? before : Buffer.from(added.text)
  if (after !== before) checkWritable(file)
  const known = recall(tree, file)
  const first = !holdsOurs(text)
  const made = first ? added.made : [...new Set([...(known?.made ?? UNREMEMBERED), ...added.made])]
  const original = isWhatWeWrote(before, known) ? known?.original : undefined
  const what = Object.keys(ours.groups).length > 0 ? HOOKS_AND_RULE : RULE_ALONE
  return { file, what, before, after, record: { written: hashOf(after), original, made }, first }
}

/**
 * The edit that takes our entries out; the bytes of before us come back where `seen` is what we have left there. Writes
 * nothing. Errors: bad-settings, not-writable.
 */
export function planRemoving(tree: Tree, env: Environment, seen = readSettings(env)): SettingsEdit {
  const file = settingsFile(env)
  const before = readForeign(file)
  const text = checked(file, before, unreadable)
  const known = recall(tree, file)
  const after = before && withoutOurs(tree, before, text, known, isWhatWeWrote(seen, known))
  if (changes({ before, after })) checkWritable(file)
  const what = holdsHooks(text) ? HOOKS_AND_RULE : RULE_ALONE
  return { file, what, before, after, record: undefined, first: false }
}

export function readSettings(env: Environment): Buffer | undefined {
  return readForeign(settingsFile(env))
}

function withoutOurs(
  tree: Tree,
  before: Buffer,
  text: string,
  known: Remembered | undefined,
  untouched: boolean,
): Buffer | undefined {
  if (known === undefined && !holdsOurs(text)) return before
  const back = untouched ? known?.original : undefined
  if (back === null) return undefined
  const rest = removeOurs(text, known?.made)
  return (back && readBackup(tree, back)) || (rest === '' ? undefined : Buffer.from(rest))
}

export function changes({ before, after }: { before?: Buffer; after?: Buffer }): boolean {
  return before !== after && !(before !== undefined && after?.equals(before))
}

/** Backs the file up, remembers, then replaces the file; in this order, so that a crash loses nothing. Errors: not-writable. */
export function writeSettings(tree: Tree, edit: SettingsEdit): void {
  const { file, before, after, record, first } = edit
  if (!changes(edit)) return
  const backup = before && backUp(tree, file, before)
  if (record !== undefined) remember(tree, file, first ? { ...record, original: backup ?? null } : record)
  replaceForeign(file, before, after)
  if (record === undefined) remember(tree, file, undefined)
}

/** Takes what the client has added to the file since for ours, too: as long as nobody else writes, our bytes of before count. */
export function takeForOurs(tree: Tree, env: Environment): void {
  const file = settingsFile(env)
  const known = recall(tree, file)
  const written = hashOf(readForeign(file))
  if (known !== undefined && written !== known.written) remember(tree, file, { ...known, written })
}

/** Undoes `writeSettings`; where another program wrote meanwhile, only our entries go. Errors: not-writable. */
export function putBack(tree: Tree, env: Environment, edit: SettingsEdit, known?: Remembered): void {
  if (!changes(edit)) return
  const now = readForeign(edit.file)
  if (changes({ before: now, after: edit.after })) {
    writeSettings(tree, planRemoving(tree, env))
  } else {
    replaceForeign(edit.file, now, edit.before)
    remember(tree, edit.file, known)
  }
}

/** Whether our entries are in place; reads only. */
export function settingsState(env: Environment, ours: Ours): SettingsState {
  const file = settingsFile(env)
  try {
    const text = checked(file, readForeign(file), objection)
    return { file, state: stateOf(text, ours), warnings: warningsOf(file, text) }
  } catch (error) {
    return { file, state: 'unreadable', warnings: [(error as Error).message] }
  }
}

export function settingsWarnings({ file, after }: SettingsEdit): string[] {
  return warningsOf(file, after?.toString('utf8') ?? '')
}

function warningsOf(file: string, text: string): string[] {
  const why = holdsOurs(text) ? ignoredBecause(text) : undefined
  return why === undefined ? [] : [`${file}: ${why}.`]
}

function settingsFile(env: Environment): string {
  return path.join(configDirectory(env), 'settings.json')
}

/** The text of the file, '' for no file. Errors: bad-settings where it is no UTF-8 or `complaint` has one. */
function checked(
  file: string,
  bytes: Buffer | undefined,
  complaint: (text: string) => string | undefined,
): string {
  const text = bytes === undefined ? '' : bytes.toString('utf8')
  const mangled = bytes !== undefined && !Buffer.from(text).equals(bytes)
  const why = mangled ? 'it is not UTF-8' : complaint(text)
  if (why === undefined) return text
  throw new RepowireError(
    'bad-settings',
    `${file} was left as it is: ${why}.`,
    `Mend it (claude doctor helps), then try again. None of Claude Code's files were changed.`,
  )
}

function isWhatWeWrote(bytes: Buffer | undefined, known: Remembered | undefined): boolean {
  return bytes !== undefined && known !== undefined && hashOf(bytes) === known.written
}

function hashOf(bytes: Buffer | undefined): string {
  return createHash('sha256')
    .update(bytes ?? '')
    .digest('hex')
}

/** What the record says of this settings file. */
export function recall(tree: Tree, file: string): Remembered | undefined {
  return allRemembered(tree)[file]
}

function remember(tree: Tree, file: string, one: Remembered | undefined): void {
  const all = { ...allRemembered(tree), [file]: one }
  const text = `${JSON.stringify(all, null, 2)}\n`
  replaceFile(stateTemporaryPath(tree), inState(tree, 'set-up.json'), text, true)
}

function allRemembered(tree: Tree): Record<string, Remembered | undefined> {
  return (readJson(inState(tree, 'set-up.json')) as Record<string, Remembered> | undefined) ?? {}
}
