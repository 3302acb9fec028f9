// A HOME of the test's own, seeded so that the client reaches its prompt with no dialog. Nothing of the person's who runs
// the tests leaks in: the environment is built, not inherited.
import { mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CLIENT_VERSION, clientBinary } from './client.ts'

const API_KEY = 'sk-ant-scripted-model-key-00000000000000000000'

const TRUSTED = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true }

export interface Home {
  dir: string
  /** First on the PATH of what runs in this home; holds `claude`. */
  bin: string
  /** An empty directory that the client trusts: it is in projects/, which is trusted as a whole. */
  makeProject(name: string): Promise<string>
  /** Trusts a directory elsewhere. A running client may write its own ~/.claude.json over it: call it before a session starts. */
  seedProject(cwd: string): Promise<void>
  /** Merges keys into ~/.claude/settings.json. */
  settings(keys: object): Promise<void>
  /** Merges servers into mcpServers of ~/.claude.json. The client rewrites that file: as with seedProject, before a session starts. */
  mcpServers(servers: Record<string, object>): Promise<void>
  env(modelUrl: string, more?: Record<string, string>): Record<string, string>
  remove(): Promise<void>
}

/** A new HOME under /tmp: short, because the client and tmux make sockets in it and a socket's path is limited to about 100 bytes. */
export async function makeHome(): Promise<Home> {
  const dir = await mkdtemp(join(await realpath('/tmp'), 'rw-home-'))
  const bin = join(dir, 'bin')
  const config = join(dir, '.claude.json')
  const settingsFile = join(dir, '.claude', 'settings.json')
  for (const sub of ['bin', 'tmp', 'projects', '.claude']) await mkdir(join(dir, sub))
  await symlink(await clientBinary(), join(bin, 'claude'))
  const trusted = join(dir, 'projects')
  await mergeJson(config, firstConfig(trusted))
  await mergeJson(settingsFile, { skipDangerousModePermissionPrompt: true })

  const seedProject = async (cwd: string) => {
    const { projects = {} } = await readJson<{ projects?: Record<string, unknown> }>(config)
    if (projects[cwd] || dirname(cwd) === trusted) return
    await mergeJson(config, { projects: { ...projects, [cwd]: TRUSTED } })
  }
  const makeProject = async (name: string) => {
    const cwd = join(trusted, name)
    await mkdir(cwd)
    return cwd
  }
  const mcpServers = async (servers: Record<string, object>) => {
    const { mcpServers: known = {} } = await readJson<{ mcpServers?: object }>(config)
    await mergeJson(config, { mcpServers: { ...known, ...servers } })
  }
  return {
    dir,
    bin,
    makeProject,
    seedProject,
    settings: (keys) => mergeJson(settingsFile, keys),
    mcpServers,
    env: (modelUrl, more = {}) => ({ ...clientEnv(dir, bin, modelUrl), ...more }),
    // A client that was just killed may still be writing in it.
    remove: () => rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }),
  }
}

function firstConfig(projects: string): object {
  return {
    hasCompletedOnboarding: true,
    lastOnboardingVersion: CLIENT_VERSION,
    theme: 'dark',
    customApiKeyResponses: { approved: [API_KEY.slice(-20)], rejected: [] },
    projects: { [projects]: TRUSTED },
  }
}

function clientEnv(home: string, bin: string, modelUrl: string): Record<string, string> {
  return {
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    PATH: [bin, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(
      ':',
    ),
    LANG: 'C.UTF-8',
    SHELL: '/bin/sh',
    EDITOR: 'vi',
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: API_KEY,
    IS_SANDBOX: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  }
}

async function readJson<T extends object>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8').catch(() => '{}'))
}

async function mergeJson(file: string, keys: object): Promise<void> {
  const merged = { ...(await readJson(file)), ...keys }
  await writeFile(`${file}.new`, JSON.stringify(merged, null, 2), { mode: 0o600 })
  await rename(`${file}.new`, file)
}
