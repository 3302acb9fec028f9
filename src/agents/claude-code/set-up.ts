/**
 * Set-up for Claude Code and its undoing: hooks and a permission rule in the user's settings.json, and the MCP server at
 * user scope, by the client's own command; or the same as a plugin. Everything is looked at before anything is written.
 */

import * as path from 'node:path'
import { codeOf, RepowireError } from '../../protocol/errors.ts'
import { isNewer, VERSION } from '../../protocol/version.ts'
import { readJson, readText } from '../../spool/disk.ts'
import { withLock } from '../../spool/lock.ts'
import { inState, type Tree } from '../../spool/tree.ts'
import type { Environment } from '../agent.ts'
import { findClient, runClient } from './client.ts'
import {
  commandsOf,
  type EntryState,
  entryState,
  type Program,
  planRegistering,
  planUnregistering,
  programInPlace,
  type Registration,
  register,
} from './mcp-entry.ts'
import {
  installPlugin,
  type PluginPlan,
  type PluginState,
  planNoPlugin,
  planPlugin,
  pluginProgram,
  pluginState,
  removePlugin,
} from './plugin-set-up.ts'
import { besidePlugin, oursFor } from './settings.ts'
import {
  changes,
  planAdding,
  planRemoving,
  putBack,
  readSettings,
  recall,
  type SettingsEdit,
  type SettingsState,
  settingsState,
  settingsWarnings,
  takeForOurs,
  writeSettings,
} from './settings-file.ts'

/** Absolute paths: the node that runs them, the hook's bundle, the MCP server's bundle. `plugin`: by the client's plugins. */
export type Install = { node: string; hook: string; server: string; plugin?: boolean }

/** `before`, `after`: the text of the file. `commands`: what the client is told, which writes the file itself. */
export type Change = { file: string; what: string; before?: string; after?: string; commands?: string[][] }

/** For printing. `warnings`: what had to be left, or keeps the client from acting on what was written. */
export type Report = { changes: Change[]; warnings: string[] }

/** What `setUp` would do. Writes nothing. Errors: bad-settings, not-writable, server-taken, client-missing. */
export function planSetUp(tree: Tree, env: Environment, install: Install): Report {
  const plan = install.plugin ? withPlugin(tree, env, install) : withHooks(tree, env, install)
  const { changes, warnings } = planned(plan)
  return { changes, warnings: [...replacedNewer(tree, env), ...warnings] }
}

/** An installation of a later version is replaced only because its user says so, and is told. */
function replacedNewer(tree: Tree, env: Environment): string[] {
  const server = programSetUp(tree, env)?.server
  const version = server === undefined ? undefined : versionOf(server)
  if (version === undefined || !isNewer(version, VERSION)) return []
  return [`${server} is of repowire ${version}, which is newer than this one (${VERSION}): it is replaced.`]
}

/** What the client was told to run, by whichever way; undefined where it was told nothing. */
export function programSetUp(tree: Tree, env: Environment): Program | undefined {
  return pluginProgram(tree, env) ?? programInPlace(env)
}

/** The version of the package that this bundle lies in. */
function versionOf(bundle: string): string | undefined {
  const manifest = readJson(path.join(path.dirname(bundle), '..', 'package.json'))
  return (manifest as { version?: string } | undefined)?.version
}

/**
 * Writes our hooks and rule into settings.json and registers the server, or installs the plugin; what is there and
 * current is left alone. The other of the two ways is taken out first. Where a part fails, what was put in before it is
 * taken out again; the other way stays out. Errors: bad-settings, not-writable, server-taken, client-missing, client-failed, locked.
 */
export function setUp(tree: Tree, env: Environment, install: Install): Promise<Report> {
  return alone(tree, () => (install.plugin ? addPlugin(tree, env, install) : addHooks(tree, env, install)))
}

type Plan = { edit: SettingsEdit; registration: Registration; plugin: PluginPlan; leftBecause?: string }

function withHooks(tree: Tree, env: Environment, install: Install): Plan {
  const edit = planAdding(tree, env, oursFor(install))
  return { edit, registration: planRegistering(env, install), plugin: planNoPlugin(tree, env) }
}

async function addHooks(tree: Tree, env: Environment, install: Install): Promise<Report> {
  const before = withHooks(tree, env, install)
  if (before.plugin.commands.length > 0) await dropPlugin(tree, env)
  const { edit, registration } = withHooks(tree, env, install)
  const known = recall(tree, edit.file)
  writeSettings(tree, edit)
  try {
    await register(env, registration)
  } catch (error) {
    putBack(tree, env, edit, known)
    throw error
  }
  return planned(before)
}

function withPlugin(tree: Tree, env: Environment, install: Install): Plan {
  const plugin = planPlugin(tree, env, install)
  const edit = planAdding(tree, env, besidePlugin)
  return { edit, registration: planUnregistering(env), plugin }
}

async function addPlugin(tree: Tree, env: Environment, install: Install): Promise<Report> {
  const before = withPlugin(tree, env, install)
  if (before.registration.client !== undefined) await dropHooks(tree, env)
  const { edit, plugin } = withPlugin(tree, env, install)
  const known = recall(tree, edit.file)
  writeSettings(tree, edit)
  try {
    await installPlugin(tree, env, plugin)
  } catch (error) {
    putBack(tree, env, edit, known)
    throw error
  }
  takeForOurs(tree, env)
  return planned(before)
}

/** What `takeOut` would do. Writes nothing. Errors: bad-settings, not-writable. */
export function planTakeOut(tree: Tree, env: Environment): Report {
  return planned(without(tree, env))
}

/**
 * Takes out what `setUp` put in: settings.json goes back to its bytes of before where nobody changed it since, else it
 * loses our entries only. A server of our name that is another program stays. Errors: bad-settings, not-writable,
 * client-failed, locked.
 */
export function takeOut(tree: Tree, env: Environment): Promise<Report> {
  return alone(tree, async () => {
    const plan = without(tree, env)
    if (plan.plugin.commands.length > 0) await dropPlugin(tree, env)
    await dropHooks(tree, env)
    return planned(plan)
  })
}

function without(tree: Tree, env: Environment): Plan {
  const { leftBecause, ...plugin } = planNoPlugin(tree, env)
  const edit = planRemoving(tree, env)
  return { edit, registration: planUnregistering(env), plugin, ...(leftBecause && { leftBecause }) }
}

async function dropHooks(tree: Tree, env: Environment): Promise<void> {
  const edit = planRemoving(tree, env)
  await register(env, planUnregistering(env))
  writeSettings(tree, edit)
}

/** The client's commands change the settings, so what they were is seen before them. */
async function dropPlugin(tree: Tree, env: Environment): Promise<void> {
  const seen = readSettings(env)
  await removePlugin(tree, env, planNoPlugin(tree, env))
  writeSettings(tree, planRemoving(tree, env, seen))
}

type SetUpState = { settings: SettingsState; server: EntryState; plugin: PluginState }

/** What of the set-up is in place; reads only, and never fails. */
export function setUpState(tree: Tree, env: Environment, install: Install): SetUpState {
  const plugin = pluginState(tree, env, install)
  const ours = plugin.state === 'missing' ? oursFor(install) : besidePlugin
  return { settings: settingsState(env, ours), server: entryState(env, install), plugin }
}

/** The client that is found, and its version; undefined where there is none. Errors: client-failed. */
export async function clientOf(env: Environment): Promise<{ path: string; version: string } | undefined> {
  const client = findClient(env)
  if (client === undefined) return undefined
  return { path: client, version: (await runClient(env, client, ['--version'])).trim().split(' ')[0] ?? '' }
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

function planned({ edit, registration, plugin, leftBecause }: Plan): Report {
  const { file, leftBecause: serverLeft } = registration as Registration & { leftBecause?: string }
  return {
    changes: [...settingsChange(edit), ...entryChange(registration), ...pluginChanges(plugin)],
    warnings: [
      ...settingsWarnings(edit),
      ...(serverLeft === undefined ? [] : [`${file}: the MCP server stays there: ${serverLeft}.`]),
      ...(leftBecause === undefined ? [] : [`${plugin.directory}: the plugin stays there: ${leftBecause}.`]),
    ],
  }
}

function settingsChange(edit: SettingsEdit): Change[] {
  if (!changes(edit)) return []
  const what = edit.record === undefined ? 'taken out' : 'put in'
  const [before, after] = [edit.before, edit.after].map((bytes) => bytes?.toString('utf8'))
  return [
    {
      file: edit.file,
      what: `${edit.what} ${what}`,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    },
  ]
}

function entryChange(registration: Registration): Change[] {
  const { file, entry, wanted, client } = registration
  if (client === undefined) return []
  const what = wanted === undefined ? 'removed' : entry === undefined ? 'registered' : 'registered anew'
  return [{ file, what: `MCP server ${what}`, commands: commandsOf(registration) }]
}

function pluginChanges({ directory, files, commands }: PluginPlan): Change[] {
  const written = files.map(([file, after]) => {
    const before = readText(file)
    return { file, what: 'a file of the plugin', after, ...(before !== undefined && { before }) }
  })
  const what = commands.some((words) => words.includes('install')) ? 'installed' : 'removed'
  return [
    ...written,
    ...(commands.length === 0 ? [] : [{ file: directory, what: `the plugin ${what}`, commands }]),
  ]
}
