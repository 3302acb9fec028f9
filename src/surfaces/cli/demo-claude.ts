/** The demonstration with the installed Claude Code, in the demonstration's own HOME: the user's settings stay out of it. */

import * as path from 'node:path'
import { TRIED_VERSION } from '../../agents/claude-code/client.ts'
import { setUp } from '../../agents/claude-code/set-up.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { readJson, writeNew } from '../../spool/disk.ts'
import { isExecutable } from '../../spool/foreign.ts'
import { besideMe } from '../../spool/program.ts'
import type { Cast } from './demo-cast.ts'
import type { Environment } from './demo-panes.ts'
import type { Repositories } from './demo-repositories.ts'
import type { Stage } from './demo-stage.ts'

// How the client reaches its model: keys, gateways, cloud providers, proxies, certificates.
const PROVIDER =
  /^(ANTHROPIC_|CLAUDE_CODE_(USE|SKIP|OAUTH)_|AWS_|GOOGLE_|CLOUD_ML_|VERTEX_|NODE_EXTRA_CA_CERTS$|SSL_CERT_|(HTTPS?|NO|ALL)_PROXY$)/i
const ACCOUNT = /^(ANTHROPIC_(API_KEY|AUTH_TOKEN)|CLAUDE_CODE_(OAUTH_TOKEN|USE_\w+))$/

// A token that ends sooner would be renewed in the middle, and the user's own login would not know the new one.
const LEFT_MS = 300_000

// Between the server's word that it is connected, which is on its card, and the client's knowing its tools.
const CONNECTS_MS = 1_000

const QUIET = {
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  // Its other renderer ends the client now and then while it starts.
  CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN: '1',
}

/** Finds the client and how it logs in; reads only. Errors: client-missing, client-failed. */
export function claudeCast(env: NodeJS.ProcessEnv): Cast {
  const client = findClient(env)
  const provider = { ...providerOf(env), ...QUIET, ...loginOf(env) }
  return {
    name: `two sessions of Claude Code (${client})`,
    env: { ...provider, REPOWIRE_CLAUDE: client },
    prepare: (stage, repositories) => prepare(stage, repositories, provider),
    command: [client],
    line: 'Use ask_peer to ask shop-backend which port the API listens on, then tell me.',
    served: true,
    settles: CONNECTS_MS,
    startsWithin: 30_000,
    answersWithin: 180_000,
  }
}

function findClient(env: NodeJS.ProcessEnv): string {
  const home = env.HOME ?? '/'
  const places = [
    ...(env.PATH ?? '').split(path.delimiter),
    path.join(home, '.claude/local'),
    path.join(home, '.local/bin'),
  ]
  const usual = places.filter(path.isAbsolute).map((place) => path.join(place, 'claude'))
  const found = (env.REPOWIRE_CLAUDE ? [env.REPOWIRE_CLAUDE] : usual).find(isExecutable)
  if (found !== undefined) return found
  throw new RepowireError(
    'client-missing',
    'No claude was found on the PATH.',
    'Install Claude Code, or run the demonstration without it: repowire demo.',
  )
}

function providerOf(env: NodeJS.ProcessEnv): Environment {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => PROVIDER.test(entry[0]) && entry[1] !== undefined,
  )
  return Object.fromEntries(kept)
}

/** A key or a provider in the environment, else the token of the login: handed on, never copied to a file. */
function loginOf(env: NodeJS.ProcessEnv): Environment {
  if (Object.keys(env).some((name) => ACCOUNT.test(name) && env[name])) return {}
  const file = path.join(env.CLAUDE_CONFIG_DIR || path.join(env.HOME ?? '/', '.claude'), '.credentials.json')
  const login = (
    readJson(file) as { claudeAiOauth?: { accessToken?: string; expiresAt?: number } } | undefined
  )?.claudeAiOauth
  if (login?.accessToken !== undefined && (login.expiresAt ?? 0) > Date.now() + LEFT_MS)
    return { CLAUDE_CODE_OAUTH_TOKEN: login.accessToken }
  throw noLogin(
    login === undefined
      ? `no ANTHROPIC_API_KEY is set, and there is no login in ${file}`
      : `the login in ${file} has to be renewed`,
  )
}

function noLogin(why: string): RepowireError {
  const token = 'or set CLAUDE_CODE_OAUTH_TOKEN to what "claude setup-token" prints, or ANTHROPIC_API_KEY'
  return new RepowireError(
    'client-failed',
    `Claude Code has no login that the demonstration can use: ${why}.`,
    `Start claude once and log in, ${token}. Without an account: repowire demo.`,
  )
}

/** Seeds the temporary HOME so that no first-run dialog opens, then sets repowire up in it as `repowire setup` does. */
async function prepare(
  { env, tree }: Stage,
  { frontend, backend }: Repositories,
  provider: Environment,
): Promise<void> {
  const key = provider.ANTHROPIC_API_KEY
  const trusted = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true }
  const seeds = {
    hasCompletedOnboarding: true,
    lastOnboardingVersion: TRIED_VERSION,
    theme: 'dark',
    customApiKeyResponses: { approved: key === undefined ? [] : [key.slice(-20)], rejected: [] },
    projects: { [frontend]: trusted, [backend]: trusted },
  }
  writeNew(path.join(env.HOME as string, '.claude.json'), JSON.stringify(seeds))
  await setUp(tree, env, { node: process.execPath, hook: besideMe('hook.cjs'), server: besideMe('mcp.js') })
}
