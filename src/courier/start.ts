/** Starting the courier from wherever it is needed: a hook, a server, the command line. */

import type { SpawnSyncOptionsWithStringEncoding } from 'node:child_process'
import * as path from 'node:path'
import { RepowireError } from '../protocol/errors.ts'
import { makeDirectory } from '../spool/disk.ts'
import { markOf } from '../spool/process.ts'
import { besideMe } from '../spool/program.ts'
import { inState, type Tree } from '../spool/tree.ts'
import { announce, isToBeReplaced, livingCourier, startingCourier } from './courier-file.ts'
import { STDERR } from './log.ts'

let tried: string | undefined

/**
 * Starts a courier where none lives, or where the living one is to be replaced (tried once per process: it may be this
 * program that is out of date), and names it in courier.starting. It is started through a shell that exits at once, in a
 * session of its own: as a descendant of an agent's session it would inherit that session's rights. Does not wait; two
 * starts at once are harmless. Errors: courier-start.
 */
export function ensureCourier(tree: Tree): void {
  const living = livingCourier(tree)
  if (living !== undefined && (living.build === tried || !isToBeReplaced(living))) return
  if (living === undefined && startingCourier(tree) !== undefined) return
  tried = living?.build
  start(tree)
}

function start(tree: Tree): void {
  makeDirectory(tree.state)
  const program = besideMe('repowire.js')
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const script = 'umask 077; ("$@" </dev/null >/dev/null 2>>"$REPOWIRE_STDERR" & echo $!)'
  const done = spawnSync('/bin/sh', ['-c', script, 'sh', process.execPath, program, 'daemon', 'run'], {
    cwd: '/',
    env: courierEnvironment(tree),
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  } as SpawnSyncOptionsWithStringEncoding)
  if (done.status !== 0)
    throw new RepowireError(
      'courier-start',
      `The courier could not be started (${done.error?.message ?? `exit ${done.status}`}).`,
      'Run: repowire daemon run, and read what it says.',
    )
  announce(tree, markOf(Number(done.stdout)))
}

/** Short: nothing of a session's environment may reach it. */
function courierEnvironment(tree: Tree): Record<string, string> {
  const kept = ['HOME', 'PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TMPDIR', 'XDG_STATE_HOME', 'USER', 'LOGNAME']
  const own = kept.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name] as string] as const],
  )
  return {
    ...Object.fromEntries(own),
    REPOWIRE_HOME: tree.root,
    REPOWIRE_STATE: path.resolve(tree.state),
    REPOWIRE_STDERR: inState(tree, STDERR),
    REPOWIRE_STARTED_BY: path.basename(process.argv[1] ?? 'node'),
  }
}
