/** config.json in the root and, of this host alone, in the state directory; read whenever it is needed: a change counts at once. mailbox-spec §2.1 */

import {
  type Config,
  fieldsIn,
  parseConfig,
  type ReadConfig,
  standardConfig,
  withoutConfig,
} from '../protocol/config.ts'
import { codeOf } from '../protocol/errors.ts'
import { CONFIG } from '../protocol/layout.ts'
import { readRegular, replaceFile } from './disk.ts'
import { inRoot, inState, stateTemporaryPath, type Tree, temporaryPath } from './tree.ts'

/** What counts now. Missing, unreadable or wrong: the standard values, and of what keeps somebody out the strictest. Never throws. */
export function readConfig(tree: Tree): Config {
  return lookConfig(tree).config
}

/** The same, with what is wrong in the files, for whoever can say it. Never throws. */
export function lookConfig(tree: Tree): ReadConfig {
  const all = lookAt(inRoot(tree, CONFIG), false, standardConfig())
  const own = lookAt(inState(tree, CONFIG), true, all.config)
  return { config: own.config, complaints: [...all.complaints, ...own.complaints] }
}

function lookAt(file: string, own: boolean, config: Config): ReadConfig {
  try {
    const bytes = readRegular(file)
    return bytes === undefined ? { config, complaints: [] } : parseConfig(bytes.toString('utf8'), own, config)
  } catch (error) {
    return withoutConfig(`cannot be read as a file (${codeOf(error)})`, own, config)
  }
}

/** All that is in a file, as it is; nothing where there is none. `own`: in that of this host alone. Errors: bad-config, and those of the system. */
export function readFields(tree: Tree, own = false): Record<string, unknown> {
  const bytes = readRegular(own ? inState(tree, CONFIG) : inRoot(tree, CONFIG))
  return bytes === undefined ? {} : fieldsIn(bytes.toString('utf8'))
}

/** Replaces that file at once, or creates it; nobody else can read it. */
export function writeFields(tree: Tree, fields: Record<string, unknown>, own = false): void {
  const text = `${JSON.stringify(fields, undefined, 2)}\n`
  if (own) replaceFile(stateTemporaryPath(tree), inState(tree, CONFIG), text, true)
  else replaceFile(temporaryPath(tree), inRoot(tree, CONFIG), text, true)
}
