/** Starting the courier from wherever it is needed: a hook, a server, the command line. */

import * as path from 'node:path'
import { RepowireError } from '../protocol/errors.ts'
import { BUILD } from '../protocol/version.ts'
import { makeDirectory } from '../spool/disk.ts'
import { besideMe } from '../spool/program.ts'
import { inState, type Tree } from '../spool/tree.ts'
import { livingCourier } from './courier-file.ts'

/**
 * Starts a courier unless the living one is of this build. It is started through a shell that exits at once, in a
 * session of its own: as a descendant of an agent's session it would inherit that session's rights. Does not wait; two
 * starts at once are harmless. Errors: courier-start.
 */
export function ensureCourier(tree: Tree): void {
  if (livingCourier(tree)?.build === BUILD) return
  makeDirectory(tree.state)
  const log = inState(tree, 'courier.log')
  const program = besideMe('repowire.js')
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const script = '("$@" </dev/null >/dev/null 2>>"$REPOWIRE_LOG" &)'
  const done = spawnSync('/bin/sh', ['-c', script, 'sh', process.execPath, program, 'daemon', 'run'], {
    cwd: '/',
    env: courierEnvironment(tree, log),
    detached: true,
    stdio: 'ignore',
  } as object)
  if (done.status === 0) return
  throw new RepowireError(
    'courier-start',
    `The courier could not be started (${done.error?.message ?? `exit ${done.status}`}).`,
    'Run: repowire daemon run, and read what it says.',
  )
}

/** Short: nothing of a session's environment may reach it. */
function courierEnvironment(tree: Tree, log: string): Record<string, string> {
  const kept = ['HOME', 'PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TMPDIR', 'XDG_STATE_HOME', 'USER', 'LOGNAME']
  const own = kept.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name] as string] as const],
  )
  return {
    ...Object.fromEntries(own),
    REPOWIRE_HOME: tree.root,
    REPOWIRE_STATE: path.resolve(tree.state),
    REPOWIRE_LOG: log,
  }
}
