/** What a service manager is told: which program it starts, and with what environment. */

import * as os from 'node:os'
import * as path from 'node:path'
import { isExecutable } from '../../spool/foreign.ts'
import { besideMe } from '../../spool/program.ts'
import { inState, locateTree, type Tree } from '../../spool/tree.ts'
import { STDERR } from '../log.ts'

export type Environment = Record<string, string | undefined>

/** `words`: the command, its executable first. `stderr`: where that goes if the manager keeps no log of its own. */
export type Launch = { words: string[]; environment: Record<string, string>; stderr: string }

/** Stands in every file of ours. No two hyphens: it is a comment in XML, too. */
export const MARK =
  'Written by repowire setup. It is replaced by the next one and removed by repowire uninstall.'

/** The courier of this tree, by this very program. */
export function launchOf(tree: Tree, env: Environment): Launch {
  return {
    words: [process.execPath, besideMe('repowire.js'), 'daemon', 'run', '--stay'],
    environment: { PATH: pathOf(env), ...placesOf(tree, env) },
    stderr: inState(tree, STDERR),
  }
}

const SYSTEM = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']

/** A manager knows only the system's own directories; tmux may lie elsewhere. */
function pathOf(env: Environment): string {
  const directories = (env.PATH ?? '').split(path.delimiter).filter((dir) => path.isAbsolute(dir))
  const tmux = directories.find((dir) => isExecutable(path.join(dir, 'tmux')))
  return [...new Set([...(tmux === undefined ? [] : [tmux]), ...SYSTEM])].join(path.delimiter)
}

/** Where the tree is and whose, as far as a process that only knows its user would not find it. */
function placesOf(tree: Tree, { HOME }: Environment): Record<string, string> {
  const home = homeOfUser()
  const usual = locateTree({ HOME: home })
  const moved = tree.root !== usual.root || tree.state !== usual.state
  return {
    ...(HOME && HOME !== home ? { HOME } : {}),
    ...(moved ? { REPOWIRE_HOME: tree.root, REPOWIRE_STATE: tree.state } : {}),
  }
}

function homeOfUser(): string {
  try {
    return os.userInfo().homedir
  } catch {
    return '/' // a user without an entry in the system's list
  }
}
