/** One call of the command under test, and what it said. mailbox-spec §15.1 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { plainEnv } from '../world.ts'

/** No role of its own: the vector, or the step, is passed over. */
const NOT_MINE = 64
const LONGEST_MS = 60_000

export type Place = { root: string; state: string; hours?: number }

/** `refused` for exit code 1, undefined for a role that it has not; throws for every other end but 0. */
export async function call(
  command: string[],
  words: string[],
  { root, state, hours = 0 }: Place,
): Promise<string[] | 'refused' | undefined> {
  const [program = '', ...first] = command
  const env = { REPOWIRE_HOME: root, REPOWIRE_STATE: state, MAILBOX_HOURS_LATER: String(hours) }
  const child = spawn('env', ['-u', 'NODE_OPTIONS', program, ...first, ...words], {
    env: plainEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (part: string) => (said[name] += part))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (code === 0) return said.stdout.split('\n').filter(Boolean)
  if (code === 1) return 'refused'
  if (code === NOT_MINE) return undefined
  throw new Error(`\`${words.slice(0, 2).join(' ')}\` ended with ${code ?? signal}: ${said.stderr.trim()}`)
}

/** The fields of a step as words: a list is one word for each of its members, and what is no text is JSON. */
export function wordsOf(fields: Record<string, unknown>): string[] {
  const word = (name: string, value: unknown) =>
    `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`
  return Object.entries(fields).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((each) => word(name, each)) : [word(name, value)],
  )
}
