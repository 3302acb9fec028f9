/**
 * The MCP server's entry in Claude Code's own configuration. The client rewrites that file whenever it likes, so it alone
 * writes it, by its own command; here it is only read.
 */

import * as path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { RepowireError } from '../../protocol/errors.ts'
import { readForeign } from '../../spool/foreign.ts'
import type { Environment } from '../agent.ts'
import { clientFailed, clientMissing, findClient, runClient } from './client.ts'
import { configDirectory } from './session-file.ts'

const NAME = 'repowire'

type Entry = Record<string, unknown>

/** `file`: where the client's configuration is or would be. `entry`: what has our name there. */
type Found = { file: string; entry?: Entry }

/** `taken`: what has our name is another program. */
export type EntryState = { file: string; state: 'current' | 'outdated' | 'missing' | 'taken' | 'unreadable' }

/** The way from `entry` to `wanted` (undefined: none). `client`: who does it; undefined: nothing is to be done. */
export type Registration = Found & { wanted?: Entry; client?: string }

/** Absolute paths. */
export type Program = { node: string; server: string }

/** The way to our entry. Runs nothing. Errors: bad-settings, server-taken, client-missing. */
export function planRegistering(env: Environment, program: Program): Registration {
  const found = findEntry(env)
  if (found.entry !== undefined && !isOurs(found.entry)) throw taken(found.file)
  const wanted = entryFor(program, found.entry)
  if (isDeepStrictEqual(found.entry, wanted)) return { ...found, wanted }
  const client = findClient(env)
  if (client === undefined) throw clientMissing(env)
  return { ...found, wanted, client }
}

/** The way to no entry of ours. Where it cannot be gone, `client` is undefined and `leftBecause` says why. */
export function planUnregistering(env: Environment): Registration & { leftBecause?: string } {
  const { file, entry } = findEntry(env)
  if (entry === undefined) return { file }
  if (!isOurs(entry)) return { file, leftBecause: 'it runs another program' }
  const client = findClient(env)
  return client === undefined
    ? { file, leftBecause: 'no claude was found to remove it with' }
    : { file, entry, client }
}

/**
 * Runs the client until its configuration holds `wanted`; what it held before is put back where that fails. Errors:
 * client-failed.
 */
export async function register(
  env: Environment,
  { file, entry, wanted, client }: Registration,
): Promise<void> {
  if (client === undefined) return
  if (entry !== undefined) await runClient(env, client, remover)
  try {
    if (wanted !== undefined) await runClient(env, client, adder(wanted))
    if (!isDeepStrictEqual(findEntry(env).entry, wanted))
      throw clientFailed(client, `${file} does not show it`)
  } catch (thrown) {
    const error = thrown as Error
    if (entry === undefined) throw error
    await runClient(env, client, adder(entry)).catch((again) => {
      throw clientFailed(
        client,
        `${error.message} And ${file} could not be given its entry of before: ${again.message}`,
      )
    })
    throw error
  }
}

/** What `register` tells the client. */
export function commandsOf({ entry, wanted }: Registration): string[][] {
  return [...(entry === undefined ? [] : [remover]), ...(wanted === undefined ? [] : [adder(wanted)])]
}

const remover = ['mcp', 'remove', '--scope', 'user', NAME]

function adder(entry: Entry): string[] {
  return ['mcp', 'add-json', '--scope', 'user', NAME, JSON.stringify(entry)]
}

/** Whether our entry is in place; reads only. */
export function entryState(env: Environment, program: Program): EntryState {
  try {
    const { file, entry } = findEntry(env)
    if (entry === undefined) return { file, state: 'missing' }
    if (!isOurs(entry)) return { file, state: 'taken' }
    return { file, state: isDeepStrictEqual(entry, entryFor(program, entry)) ? 'current' : 'outdated' }
  } catch {
    return { file: configFiles(env)[0] as string, state: 'unreadable' }
  }
}

/** What our entry runs now; undefined where there is none, or it cannot be read. */
export function programInPlace(env: Environment): Program | undefined {
  try {
    const { entry } = findEntry(env)
    if (entry === undefined || !isOurs(entry)) return undefined
    return { node: String(entry.command), server: String((entry.args as unknown[])[0]) }
  } catch {
    return undefined
  }
}

/** Our entry; what the user has added to it stays. No `timeout`: it would be a hard limit, progress or not. */
function entryFor({ node, server }: Program, entry: Entry = {}): Entry {
  return { alwaysLoad: true, ...entry, type: 'stdio', command: node, args: [server] }
}

/** An entry of our name whose only argument is a bundle of the name that ours has. */
function isOurs({ args }: Entry): boolean {
  return Array.isArray(args) && args.length === 1 && /[\\/]mcp\.js$/.test(String(args[0]))
}

function findEntry(env: Environment): Found {
  const found = configFiles(env).map((file) => ({ file, entry: entryIn(file) }))
  return found.find(({ entry }) => entry !== undefined) ?? (found[0] as Found)
}

/** Beside the settings where CLAUDE_CONFIG_DIR says so, else in HOME; last the name that old installations still use. */
function configFiles(env: Environment): string[] {
  const legacy = path.join(configDirectory(env), '.config.json')
  return [path.join(env.CLAUDE_CONFIG_DIR || env.HOME || '/', '.claude.json'), legacy]
}

function entryIn(file: string): Entry | undefined {
  const text = readForeign(file)?.toString('utf8').replace('\uFEFF', '') ?? ''
  const config = text.trim() === '' ? {} : parse(file, text)
  return (config as { mcpServers?: Record<string, Entry> } | null)?.mcpServers?.[NAME]
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RepowireError(
      'bad-settings',
      `${file} was left as it is: it is not JSON (${(error as Error).message}).`,
      `Start claude once, which offers to restore it, then try again. None of Claude Code's files were changed.`,
    )
  }
}

function taken(file: string): RepowireError {
  return new RepowireError(
    'server-taken',
    `Another MCP server is called "${NAME}" in ${file}.`,
    `If you no longer need it, run: claude mcp remove --scope user ${NAME}. Then try again. None of Claude Code's files were changed.`,
  )
}
