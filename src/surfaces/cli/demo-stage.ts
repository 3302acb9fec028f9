/** Where the demonstration plays: a temporary directory with a HOME, a tree, a state directory and a tmux of its own. */

import * as os from 'node:os'
import * as path from 'node:path'
import { stopCourier } from '../../courier/stop.ts'
import { cardsOfHost } from '../../spool/cards.ts'
import { makeDirectory, makeTemporaryDirectory, removeDirectory } from '../../spool/disk.ts'
import { liveness } from '../../spool/process.ts'
import { openTree, type Tree } from '../../spool/tree.ts'
import { type Environment, type Panes, panesAt } from './demo-panes.ts'
import { until } from './demo-until.ts'

export type Stage = { directory: string; tree: Tree; env: Environment; panes: Panes }

// A socket's path may have about a hundred bytes.
const LONGEST_PARENT = 60
const END_MS = 5_000

/** Makes the directory and everything in it. Nothing of the caller's environment but `more` gets onto the stage. */
export function setStage(more: Environment): Stage {
  const parent = os.tmpdir().length > LONGEST_PARENT ? '/tmp' : os.tmpdir()
  const directory = makeTemporaryDirectory(parent, 'repowire-')
  const env = environment(directory, more)
  makeDirectory(env.HOME as string)
  makeDirectory(env.TMPDIR as string)
  return { directory, tree: openTree(env), env, panes: panesAt(path.join(directory, 'tmux'), env) }
}

function environment(directory: string, more: Environment): Environment {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    SHELL: '/bin/sh',
    TERM: 'xterm-256color',
    HOME: path.join(directory, 'home'),
    TMPDIR: path.join(directory, 'tmp'),
    REPOWIRE_HOME: path.join(directory, 'home/.repowire'),
    REPOWIRE_STATE: path.join(directory, 'state'),
    ...more,
  }
}

/** Ends the agents and the courier, then removes the directory unless it is to be kept. */
export async function clearStage({ directory, tree, panes }: Stage, keep: boolean): Promise<void> {
  await panes.kill()
  const agents = () => cardsOfHost(tree).filter(({ agent }) => agent !== 'person')
  const left = () => agents().every((card) => liveness(card.process) === 'dead')
  await until('the end of the agents', left, { within: END_MS }).catch(() => {})
  await stopCourier(tree)
  if (!keep) removeDirectory(directory)
}
