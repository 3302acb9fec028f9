/**
 * Set-up for Claude Code and its undoing: hooks and a permission rule in the user's settings.json, and the MCP server at
 * user scope, by the client's own command. Everything is looked at before anything is written.
 */

import { codeOf, RepowireError } from '../../protocol/errors.ts'
import { withLock } from '../../spool/lock.ts'
import { inState, type Tree } from '../../spool/tree.ts'
import type { Environment } from '../agent.ts'
import {
  type EntryState,
  entryState,
  planRegistering,
  planUnregistering,
  type Registration,
  register,
} from './mcp-entry.ts'
import { oursFor } from './settings.ts'
import {
  changes,
  planAdding,
  planRemoving,
  putBack,
  recall,
  type SettingsEdit,
  type SettingsState,
  settingsState,
  settingsWarnings,
  writeSettings,
} from './settings-file.ts'

/** Absolute paths: the node that runs them, the hook's bundle, the MCP server's bundle. */
export type Install = { node: string; hook: string; server: string }

type Change = { file: string; what: string }

/** For printing. `warnings`: what had to be left, or keeps the client from acting on what was written. */
export type Report = { changes: Change[]; warnings: string[] }

/**
 * Writes our hooks and rule into settings.json and registers the server; what is there and current is left alone. Where
 * the second fails, the first is put back. Errors: bad-settings, not-writable, server-taken, client-missing,
 * client-failed, locked.
 */
export function setUp(tree: Tree, env: Environment, install: Install): Promise<Report> {
  return alone(tree, async () => {
    const edit = planAdding(tree, env, oursFor(install))
    const registration = planRegistering(env, install)
    const known = recall(tree, edit.file)
    writeSettings(tree, edit)
    try {
      await register(env, registration)
    } catch (error) {
      putBack(tree, env, edit, known)
      throw error
    }
    return { changes: changesOf(edit, registration), warnings: settingsWarnings(edit) }
  })
}

/**
 * Takes out what `setUp` put in: settings.json goes back to its bytes of before where nobody changed it since, else it
 * loses our entries only. A server of our name that is another program stays. Errors: bad-settings, not-writable,
 * client-failed, locked.
 */
export function takeOut(tree: Tree, env: Environment): Promise<Report> {
  return alone(tree, async () => {
    const edit = planRemoving(tree, env)
    const registration = planUnregistering(env)
    await register(env, registration)
    writeSettings(tree, edit)
    const { file, leftBecause } = registration
    const warnings = leftBecause === undefined ? [] : [`${file}: the MCP server stays there: ${leftBecause}.`]
    return { changes: changesOf(edit, registration), warnings }
  })
}

/** What of the set-up is in place; reads only, and never fails. */
export function setUpState(
  env: Environment,
  install: Install,
): { settings: SettingsState; server: EntryState } {
  return { settings: settingsState(env, oursFor(install)), server: entryState(env, install) }
}

/** One set-up at a time on this host. */
function alone<T>(tree: Tree, act: () => Promise<T>): Promise<T> {
  const file = inState(tree, 'set-up')
  return withLock(file, act).catch((error) => {
    throw codeOf(error) === 'ELOCKED' ? locked(file) : error
  })
}

function locked(file: string): RepowireError {
  return new RepowireError(
    'locked',
    `Another set-up is at work: it holds ${file}.lock.`,
    `Wait until it has finished, then try again. None of Claude Code's files were changed.`,
  )
}

function changesOf(edit: SettingsEdit, { file, entry, wanted, client }: Registration): Change[] {
  const hooks =
    edit.record === undefined ? 'hooks and permission rule taken out' : 'hooks and permission rule put in'
  const server = wanted === undefined ? 'removed' : entry === undefined ? 'registered' : 'registered anew'
  return [
    ...(changes(edit) ? [{ file: edit.file, what: hooks }] : []),
    ...(client === undefined ? [] : [{ file, what: `MCP server ${server}` }]),
  ]
}
