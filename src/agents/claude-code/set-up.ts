/**
 * Set-up for Claude Code and its undoing: hooks and a permission rule in the user's settings.json, and the MCP server at
 * user scope, through the client's own command. Everything is looked at before anything is written; a record in the
 * state directory tells what was there before, so that an untouched file goes back to its very bytes.
 */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as path from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { RepowireError } from '../../protocol/errors.ts'
import { readJson, replaceFile } from '../../spool/disk.ts'
import { checkWritable, isExecutable, readBackup, readForeign, replaceForeign } from '../../spool/foreign.ts'
import { withLock } from '../../spool/lock.ts'
import { inState, locateTree, type Tree } from '../../spool/tree.ts'
import type { Environment } from '../agent.ts'
import { configDirectory } from './session-file.ts'
import * as settings from './settings.ts'

/** Absolute paths: the node that runs them, the hook's bundle, the MCP server's bundle. */
export type Install = { node: string; hook: string; server: string }

/** What was done to which file; `warnings`: what keeps it from working, or had to be left. */
export type Report = { changes: { file: string; what: string }[]; warnings: string[] }

export type SetUpState = {
  settings: { file: string; state: 'current' | 'outdated' | 'missing' | 'unreadable'; warnings: string[] }
  /** `taken`: another program's server has our name. */
  server: { file: string; state: 'current' | 'outdated' | 'missing' | 'taken' | 'unreadable' }
}

const NAME = 'repowire'
const CLIENT_MS = 30_000

/** One for each settings file. `original`: the backup of what was there before us; null for no file; else unknown. */
type Remembered = { written?: string; original?: string | null; made?: settings.Made; server?: object }

type Server = { command?: unknown; args?: unknown; [more: string]: unknown }

/**
 * Writes our hooks and rule into settings.json and registers the server; what is there and current is left alone. Where
 * a step fails, those before it are undone. Errors: bad-settings, not-writable, server-taken, client-missing,
 * client-failed, locked.
 */
export function setUp(tree: Tree, env: Environment, install: Install): Promise<Report> {
  return withLock(inState(tree, 'set-up'), async () => {
    const edit = planAdding(tree, env, install)
    const registration = planRegistration(tree, env, install)
    const undo = writeSettings(tree, edit)
    try {
      await register(env, registration)
    } catch (error) {
      undo()
      throw error
    }
    remember(tree, edit.file, { server: registration.wanted })
    const changes = [...settingsChange(edit, 'hooks and a permission rule added'), ...serverChange(registration)]
    return { changes, warnings: warningsOf(edit.file, edit.after) }
  })
}

/**
 * Takes out what `setUp` put in: settings.json goes back to its bytes of before where nobody changed it since, else it
 * loses our entries only. A server of our name that is not ours stays. Errors: bad-settings, not-writable,
 * client-failed, locked.
 */
export function takeOut(tree: Tree, env: Environment): Promise<Report> {
  return withLock(inState(tree, 'set-up'), async () => {
    const edit = planRemoving(tree, env)
    const found = findServer(env)
    const ours = found.entry !== undefined && isOurServer(found.entry, recall(tree, edit.file))
    const client = ours ? findClient(env) : undefined
    const undo = writeSettings(tree, edit)
    try {
      if (client !== undefined) await runClient(env, client, ['mcp', 'remove', '--scope', 'user', NAME])
    } catch (error) {
      undo()
      throw error
    }
    forget(tree, edit.file)
    const removed = client === undefined ? [] : [{ file: found.file, what: `MCP server "${NAME}" removed` }]
    const changes = [...settingsChange(edit, 'our hooks and permission rule taken out'), ...removed]
    const warnings = found.entry === undefined || removed.length > 0 ? [] : [leftServer(found.file, ours)]
    return { changes, warnings }
  })
}

/** What of the set-up is in place; reads only. */
export function setUpState(env: Environment, install: Install): SetUpState {
  const file = settingsFile(env)
  const text = readText(file) ?? ''
  const bad = settings.objection(text) !== undefined
  const state = bad ? 'unreadable' : settings.stateOf(text, settings.oursFor(install))
  return {
    settings: { file, state, warnings: bad ? [] : warningsOf(file, text) },
    server: serverState(env, install, recall(locateTree(env), file)),
  }
}

function settingsFile(env: Environment): string {
  return path.join(configDirectory(env), 'settings.json')
}

function warningsOf(file: string, text: string | undefined): string[] {
  const why = text === undefined || text === '' ? undefined : settings.ignoredBecause(text)
  return why === undefined ? [] : [`${file}: ${why}.`]
}

// ---- settings.json

type SettingsEdit = {
  file: string
  before: Buffer | undefined
  /** Undefined: no file. */
  after: string | undefined
  remembered: Remembered
}

function planAdding(tree: Tree, env: Environment, install: Install): SettingsEdit {
  const file = settingsFile(env)
  const before = readForeign(file)
  const text = decode(file, before) ?? ''
  const why = settings.objection(text)
  if (why !== undefined) throw badSettings(file, why)
  const { text: after, made } = settings.addOurs(text, settings.oursFor(install))
  if (after !== text) checkWritable(file)
  return { file, before, after, remembered: rememberedOf(recall(tree, file), { before, text, after, made }) }
}

type Added = { before: Buffer | undefined; text: string; after: string; made: settings.Made }

/** What to remember: with ours there before, what that time found still counts where nobody wrote since. */
function rememberedOf(known: Remembered, { before, text, after, made }: Added): Remembered {
  const written = hashOf(Buffer.from(after))
  if (!settings.holdsOurs(text)) return { ...known, written, made, original: before === undefined ? null : undefined }
  const all = [...(known.made ?? settings.UNREMEMBERED), ...made]
  const untouched = before !== undefined && hashOf(before) === known.written
  return { ...known, written, made: [...new Set(all)], original: untouched ? known.original : undefined }
}

function planRemoving(tree: Tree, env: Environment): SettingsEdit {
  const file = settingsFile(env)
  const before = readForeign(file)
  const text = decode(file, before)
  const why = text === undefined ? undefined : settings.unreadable(text)
  if (why !== undefined) throw badSettings(file, why)
  const remembered = recall(tree, file)
  const after = text === undefined ? undefined : withoutOurs(tree, text, remembered)
  if (after !== text) checkWritable(file)
  return { file, before, after, remembered }
}

function withoutOurs(tree: Tree, text: string, known: Remembered): string | undefined {
  const untouched = hashOf(Buffer.from(text)) === known.written
  if (untouched && known.original === null) return undefined
  const original = untouched && known.original ? readBackup(tree, known.original) : undefined
  if (original !== undefined) return original.toString('utf8')
  if (known.written === undefined && !settings.holdsOurs(text)) return text
  const rest = settings.removeOurs(text, known.made)
  return rest === '' && text !== '' ? undefined : rest
}

/** Writes an edit and what is remembered of it. Returns what undoes both. */
function writeSettings(tree: Tree, { file, before, after, remembered }: SettingsEdit): () => void {
  const bytes = after === undefined ? undefined : Buffer.from(after)
  const same = before === undefined ? bytes === undefined : bytes !== undefined && before.equals(bytes)
  if (same) return () => {}
  const known = recall(tree, file)
  const backup = replaceForeign(tree, file, before, bytes)
  const original = remembered.original === undefined && !holdsOurs(before) ? backup : remembered.original
  remember(tree, file, { ...remembered, original })
  return () => {
    replaceForeign(tree, file, readForeign(file), before)
    forget(tree, file)
    remember(tree, file, known)
  }
}
