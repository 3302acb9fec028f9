/** The real courier as a process that is watched from outside: what it costs, what it says, and how it is stopped and killed. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../../src/protocol/errors.ts'
import { until } from '../world.ts'

export type Cost = { kilobytes: number; descriptors: number; children: number }

/** `says`: whether its log has a line of this code since it was started. */
export type Office = {
  watches(): number
  says(code: string): boolean
  cost(): Cost
  stop(): void
  goOn(): void
  kill(): Promise<void>
}

/** With so few watches the directory of the cards alone is too much. */
const FEW_WATCHES = 16
const LIMIT = '/proc/sys/user/max_inotify_watches'

/** In a user namespace of its own the limit is its own, too. */
const limited = (command: string[]) => [
  ...['unshare', '-Ur', 'sh', '-c', `echo ${FEW_WATCHES} > ${LIMIT} && exec "$@"`, 'sh'],
  ...command,
]

/** Why no process can be limited here, or undefined. */
export function whyNoLimit(): string | undefined {
  const [program = '', ...args] = limited(['true'])
  return spawnSync(program, args).status === 0 ? undefined : 'unshare -Ur is not allowed here'
}

/** A courier in office. It dies with `children`. */
export async function openOffice(
  program: string,
  env: Record<string, string>,
  children: Set<ChildProcess>,
  few = false,
): Promise<Office> {
  const log = join(env.REPOWIRE_STATE as string, 'courier.log')
  const before = existsSync(log) ? readFileSync(log, 'utf8').length : 0
  const command = [process.execPath, program, 'daemon', 'run']
  const [first = '', ...args] = few ? limited(command) : command
  const child = spawn(first, args, { env, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] })
  children.add(child)
  const says = (code: string) =>
    existsSync(log) && readFileSync(log, 'utf8').slice(before).includes(`"code":"${code}"`)
  await until(() => says('started') || child.exitCode !== null)
  if (child.exitCode !== null) throw new Error(`the courier ended with ${child.exitCode}`)
  const pid = child.pid as number
  return {
    says,
    watches: () => watchesOf(pid),
    cost: () => costOf(pid),
    stop: () => process.kill(pid, 'SIGSTOP'),
    goOn: () => process.kill(pid, 'SIGCONT'),
    kill: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
      children.delete(child)
    },
  }
}

function watchesOf(pid: number): number {
  const infos = readdirSync(`/proc/${pid}/fdinfo`).map((fd) => readIf(`/proc/${pid}/fdinfo/${fd}`))
  return infos.join('').split('\ninotify ').length - 1
}

function costOf(pid: number): Cost {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    kilobytes: Number(status.match(/^RssAnon:\s+(\d+)/m)?.[1]),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    children: readIf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).length,
  }
}

/** A descriptor may be closed between two looks. */
function readIf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    return ''
  }
}
