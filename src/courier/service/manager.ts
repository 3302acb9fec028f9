/** The programs that keep a service running: systemd for a user on Linux, launchd on macOS. */

import { execFile } from 'node:child_process'
import * as path from 'node:path'
import type { Environment, Launch } from './launch.ts'
import { propertyList } from './property-list.ts'
import { unitText } from './unit.ts'

/**
 * `files`: where our file is written, and then where one of before may lie. `wanted`: the links that make it start. `start` and
 * `stop` return what the manager said where it did not do it; `stop` is called before the file goes, `forget` afterwards.
 */
export type Manager = {
  name: string
  program: string
  files: [string, ...string[]]
  wanted: string[]
  text(launch: Launch): string
  start(edit: { isNew: boolean; changed: boolean }): Promise<string | undefined>
  stop(): Promise<string | undefined>
  forget(): Promise<string | undefined>
  byHand: string
}

/** Undefined where there is neither. */
export function managerOf(env: Environment, platform: NodeJS.Platform): Manager | undefined {
  if (platform === 'linux') return systemd(env)
  return platform === 'darwin' ? launchd(env) : undefined
}

const UNIT = 'repowire-courier.service'

function systemd(env: Environment): Manager {
  const usual = path.join(env.HOME || '/', '.config')
  const moved = env.XDG_CONFIG_HOME && path.isAbsolute(env.XDG_CONFIG_HOME) ? env.XDG_CONFIG_HOME : usual
  const configs: [string, ...string[]] = moved === usual ? [usual] : [moved, usual]
  const inConfig = (file: string) => (config: string) => path.join(config, 'systemd', 'user', file)
  const systemctl = (...words: string[]) => run('systemctl', ['--user', ...words], env)
  return {
    name: 'systemd',
    program: 'systemctl',
    files: configs.map(inConfig(UNIT)) as [string, ...string[]],
    wanted: configs.map(inConfig(`default.target.wants/${UNIT}`)),
    text: unitText,
    start: async ({ isNew, changed }) =>
      (await systemctl('daemon-reload')) ??
      (await systemctl('enable', '--now', UNIT)) ??
      (changed && !isNew ? await systemctl('restart', UNIT) : undefined),
    stop: () => systemctl('disable', '--now', UNIT),
    forget: () => systemctl('daemon-reload'),
    byHand: `systemctl --user daemon-reload && systemctl --user enable --now ${UNIT}`,
  }
}

const LABEL = 'repowire-courier'

function launchd(env: Environment): Manager {
  const domain = `gui/${process.getuid?.()}`
  const target = `${domain}/${LABEL}`
  const file = path.join(env.HOME || '/', 'Library', 'LaunchAgents', `${LABEL}.plist`)
  const launchctl = (...words: string[]) => run('launchctl', words, env)
  const isLoaded = async () => (await launchctl('print', target)) === undefined
  const unload = async () => {
    if (!(await isLoaded())) return undefined
    const said = await launchctl('bootout', target)
    await untilNot(isLoaded)
    return (await isLoaded()) ? said : undefined
  }
  return {
    name: 'launchd',
    program: 'launchctl',
    files: [file],
    wanted: [],
    text: (launch) => propertyList(LABEL, launch),
    start: async ({ changed }) =>
      (changed ? await unload() : undefined) ??
      ((await isLoaded())
        ? await launchctl('kickstart', target)
        : await launchctl('bootstrap', domain, file)),
    stop: unload,
    forget: async () => undefined,
    byHand: `launchctl bootstrap ${domain} '${file.replaceAll("'", `'\\''`)}'`,
  }
}

const PATIENCE_MS = 5_000
const LOOK_MS = 100

/** launchd takes an agent out some time after it says so, and does not take the next one in before. */
async function untilNot(look: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline && (await look()); )
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
}

const ANSWER_MS = 30_000

/** Undefined when it was done; else the last that was said of why not. */
function run(command: string, words: string[], env: Environment): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, words, { env, cwd: '/', timeout: ANSWER_MS }, (error, _, stderr) => {
      if (error === null) return resolve(undefined)
      const said = stderr.trim().split('\n').at(-1)
      resolve(said || error.message.split('\n')[0])
    })
  })
}
