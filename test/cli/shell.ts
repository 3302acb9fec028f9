/** The built command line in a world of its own, as a person's shell or an agent's would run it. */

import { execFileSync } from 'node:child_process'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { toName } from '../../src/protocol/address.ts'
import { listAsks } from '../../src/spool/asks.ts'
import { mailOf, makeWorld, plainEnv, ROOT, type Run, run, until, type World } from '../world.ts'

export const PROGRAM = [process.execPath, join(ROOT, 'dist', 'repowire.js')]
export const PERSON = `${toName(userInfo().username, 'person')}@laptop`
export const TO = 'backend@laptop'

/** What an asker is told of a peer for which nothing is typed: all of those in these tests. */
export const LOOKS_ITSELF =
  'repowire: backend@laptop runs in no tmux pane: it takes its mail only when it looks into its inbox.\n'

export type Shell = World & { repowire(args: string[], input?: string): Promise<Run> }

/** A world whose commands run with a HOME of its own; the courier that they start ends with the test. */
export function makeShell(t: Test): Shell {
  const world = makeWorld(t)
  const env = plainEnv({ ...world.env, HOME: world.dir })
  t.teardown(() => {
    execFileSync(PROGRAM[0] as string, [PROGRAM[1] as string, 'daemon', 'stop'], { env })
  })
  return {
    ...world,
    env,
    repowire: (args, input) => run(t, [...PROGRAM, ...args], { env, input, cwd: world.dir }),
  }
}

/** The id of what `act` asks, once it lies in the mailbox of its peer; throws where the command ended without asking. */
async function askedBy(shell: Shell, running: Promise<Run>, before: Set<string>): Promise<string> {
  let over: Run | undefined
  void running.then((done) => {
    over = done
  })
  const id = await until(() => over ?? listAsks(shell.tree, PERSON).find((ask) => !before.has(ask.id))?.id)
  if (typeof id !== 'string') throw new Error(`nothing was asked: ${JSON.stringify(over)}`)
  await until(() => mailOf(shell.tree, TO).includes(`new/${id}.query.json`))
  return id
}

/** Runs `repowire ask`, ends its question in the given way, and returns how the command ended. */
export async function askAndEnd(
  shell: Shell,
  args: string[],
  end: (id: string) => unknown,
  input?: string,
): Promise<Run & { id: string }> {
  const before = asked(shell)
  const running = shell.repowire(['ask', ...args], input)
  const id = await askedBy(shell, running, before)
  await end(id)
  return { ...(await running), id }
}

/** The ids of what the person has asked so far. */
function asked({ tree }: Shell): Set<string> {
  return new Set(listAsks(tree, PERSON).map(({ id }) => id))
}
