/** The user's own client, as a program that is run for one command. */

import { execFile } from 'node:child_process'
import * as path from 'node:path'
import { promisify } from 'node:util'
import { RepowireError } from '../../protocol/errors.ts'
import { isExecutable } from '../../spool/foreign.ts'
import type { Environment } from '../agent.ts'

/** The version that the tests run. */
export const TRIED_VERSION = '2.1.330'

const CLIENT_MS = 30_000

/** Its path: REPOWIRE_CLAUDE, the PATH, or where its installers put it; undefined where there is none. */
export function findClient(env: Environment): string | undefined {
  if (env.REPOWIRE_CLAUDE) return isExecutable(env.REPOWIRE_CLAUDE) ? env.REPOWIRE_CLAUDE : undefined
  const home = env.HOME || '/'
  const directories = (env.PATH ?? '').split(path.delimiter).filter((dir) => path.isAbsolute(dir))
  const usual = [path.join(home, '.claude', 'local'), path.join(home, '.local', 'bin')]
  return [...directories, ...usual].map((dir) => path.join(dir, 'claude')).find(isExecutable)
}

/** Runs it with these arguments, outside of any session; returns its stdout. Errors: client-failed. */
export async function runClient(env: Environment, client: string, args: string[]): Promise<string> {
  const run = promisify(execFile)
  const options = { env: clientEnvironment(env), cwd: '/', timeout: CLIENT_MS, encoding: 'utf8' as const }
  const ran = await run(client, args, options).catch((error) => {
    const said = `${error.stderr || error.stdout || error.message}`.trim().split('\n')[0]
    throw clientFailed(client, `"claude ${args.slice(0, 2).join(' ')}" said: ${said}`)
  })
  return ran.stdout
}

/** Nothing of the session that may have started us, nor of what is meant for another Node program. */
function clientEnvironment(env: Environment): NodeJS.ProcessEnv {
  const session = /^(TMUX|TMUX_PANE|NODE_\w+|CLAUDECODE|CLAUDE_(?!CONFIG_DIR$)\w+|AI_AGENT)$/
  const kept = Object.entries(env).filter(([name]) => !session.test(name))
  return {
    ...Object.fromEntries(kept),
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  }
}

export function clientMissing(env: Environment): RepowireError {
  const where = env.REPOWIRE_CLAUDE
    ? `REPOWIRE_CLAUDE (${env.REPOWIRE_CLAUDE}) is no executable`
    : 'No claude was found'
  return new RepowireError(
    'client-missing',
    `${where}.`,
    `Install Claude Code, or set REPOWIRE_CLAUDE to the path of its executable. None of Claude Code's files were changed.`,
  )
}

export function clientFailed(client: string, why: string): RepowireError {
  return new RepowireError(
    'client-failed',
    `${client} did not do it: ${why}.`,
    'What was changed has been put back. See whether claude itself starts, then try again.',
  )
}
