/**
 * Installing the plugin, and its undoing. Its files are in the state directory, for they hold absolute paths of this
 * host; the client reads them there, and registers them by its own commands.
 */

import * as path from 'node:path'
import { readJson, readText, removeDirectory, replaceFile } from '../../spool/disk.ts'
import { inState, stateTemporaryPath, type Tree } from '../../spool/tree.ts'
import type { Environment } from '../agent.ts'
import { clientFailed, clientMissing, findClient, runClient } from './client.ts'
import type { Program } from './mcp-entry.ts'
import { PLUGIN, PLUGIN_ID, pluginFiles, SERVERS } from './plugin.ts'
import { configDirectory } from './session-file.ts'

type Install = { node: string; hook: string; server: string }

/** `commands`: what the client is to be told. `files`: what is to be written, by absolute paths. */
export type PluginPlan = {
  directory: string
  files: [string, string][]
  commands: string[][]
  client?: string
}

/** `off`: the user has disabled it. */
export type PluginState = { file: string; state: 'current' | 'outdated' | 'missing' | 'off' }

/** The way to our plugin. Writes nothing. Errors: client-missing. */
export function planPlugin(tree: Tree, env: Environment, install: Install): PluginPlan {
  const directory = inState(tree, 'plugin')
  const files = Object.entries(pluginFiles(install))
    .map(([name, text]): [string, string] => [path.join(directory, name), text])
    .filter(([file, text]) => readText(file) !== text)
  const commands = adding(env, directory)
  const client = findClient(env)
  if (commands.length > 0 && client === undefined) throw clientMissing(env)
  return { directory, files, commands, ...(client !== undefined && { client }) }
}

function adding(env: Environment, directory: string): string[][] {
  const known = marketplace(env)
  const moved = known !== undefined && known !== directory
  const commands: string[][] = []
  if (moved) commands.push(...removing(env))
  if (known !== directory) commands.push(['plugin', 'marketplace', 'add', directory])
  if (moved || !isInstalled(env)) commands.push(['plugin', 'install', PLUGIN_ID])
  else if (enabled(env) === false) commands.push(['plugin', 'enable', PLUGIN_ID])
  return commands
}

/** The way to no plugin of ours. Where it cannot be gone, `leftBecause` says why. */
export function planNoPlugin(tree: Tree, env: Environment): PluginPlan & { leftBecause?: string } {
  const directory = inState(tree, 'plugin')
  const commands = removing(env)
  const client = findClient(env)
  const none = { directory, files: [], commands: [] }
  if (commands.length === 0) return none
  if (client === undefined) return { ...none, leftBecause: 'no claude was found to remove it with' }
  return { ...none, commands, client }
}

function removing(env: Environment): string[][] {
  const commands: string[][] = []
  if (isInstalled(env)) commands.push(['plugin', 'uninstall', PLUGIN_ID])
  if (marketplace(env) !== undefined) commands.push(['plugin', 'marketplace', 'remove', PLUGIN])
  return commands
}

/** Writes the files, each whole, then tells the client. Errors: client-failed; then the client is told to forget it again. */
export async function installPlugin(tree: Tree, env: Environment, plan: PluginPlan): Promise<void> {
  for (const [file, text] of plan.files) replaceFile(stateTemporaryPath(tree), file, text)
  try {
    await tell(env, plan)
    if (!isInstalled(env)) throw clientFailed(String(plan.client), 'its list of plugins does not show it')
  } catch (error) {
    await tell(env, { ...plan, commands: removing(env) }).catch(() => {})
    throw error
  }
}

/** Has the client forget it, and removes its files and the client's copies of them. Errors: client-failed. */
export async function removePlugin(tree: Tree, env: Environment, plan: PluginPlan): Promise<void> {
  await tell(env, plan)
  if (isInstalled(env)) return
  removeDirectory(inState(tree, 'plugin'))
  removeDirectory(path.join(configDirectory(env), 'plugins', 'cache', PLUGIN))
}

async function tell(env: Environment, { client, commands }: PluginPlan): Promise<void> {
  for (const command of commands) await runClient(env, client as string, command)
}

/** Whether it is there; reads only. */
export function pluginState(tree: Tree, env: Environment, install: Install): PluginState {
  const file = inState(tree, 'plugin')
  if (!isInstalled(env)) return { file, state: 'missing' }
  if (enabled(env) === false) return { file, state: 'off' }
  const texts = Object.entries(pluginFiles(install))
  const same = texts.every(([name, text]) => readText(path.join(file, name)) === text)
  return { file, state: same && marketplace(env) === file ? 'current' : 'outdated' }
}

/** What the plugin runs now; undefined where there is no plugin. */
export function pluginProgram(tree: Tree, env: Environment): Program | undefined {
  if (!isInstalled(env)) return undefined
  const servers = readJson(path.join(inState(tree, 'plugin'), SERVERS)) as Servers | undefined
  const { command, args: [server] = [] } = servers?.mcpServers?.[PLUGIN] ?? {}
  return command === undefined || server === undefined ? undefined : { node: command, server }
}

type Servers = { mcpServers?: Record<string, { command?: string; args?: string[] }> }

type Lists = {
  plugins?: Record<string, unknown>
  enabledPlugins?: Record<string, unknown>
  [PLUGIN]?: { source?: { path?: string } }
}

function isInstalled(env: Environment): boolean {
  return list(env, 'plugins', 'installed_plugins.json').plugins?.[PLUGIN_ID] !== undefined
}

function enabled(env: Environment): unknown {
  return list(env, 'settings.json').enabledPlugins?.[PLUGIN_ID]
}

/** The directory of the marketplace that has our name; '' where it comes from elsewhere. */
function marketplace(env: Environment): string | undefined {
  const known = list(env, 'plugins', 'known_marketplaces.json')[PLUGIN]
  return known && (known.source?.path ?? '')
}

function list(env: Environment, ...names: string[]): Lists {
  return (readJson(path.join(configDirectory(env), ...names)) as Lists | undefined) ?? {}
}
