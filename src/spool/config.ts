/** config.json in the root, read whenever it is needed: a change counts at once. mailbox-spec §2.1 */

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
import { inRoot, type Tree, temporaryPath } from './tree.ts'

/** What counts now. Missing, unreadable or wrong: the standard values. Never throws. */
export function readConfig(tree: Tree): Config {
  return lookConfig(tree).config
}

/** The same, with what is wrong in the file, for whoever can say it. Never throws. */
export function lookConfig(tree: Tree): ReadConfig {
  try {
    const bytes = readRegular(inRoot(tree, CONFIG))
    return bytes === undefined
      ? { config: standardConfig(), complaints: [] }
      : parseConfig(bytes.toString('utf8'))
  } catch (error) {
    return withoutConfig(`cannot be read as a file (${codeOf(error)})`)
  }
}

/** All that is in the file, as it is; nothing where there is none. Errors: bad-config, and those of the system. */
export function readFields(tree: Tree): Record<string, unknown> {
  const bytes = readRegular(inRoot(tree, CONFIG))
  return bytes === undefined ? {} : fieldsIn(bytes.toString('utf8'))
}

/** Replaces the file at once, or creates it; nobody else can read it. */
export function writeFields(tree: Tree, fields: Record<string, unknown>): void {
  const text = `${JSON.stringify(fields, undefined, 2)}\n`
  replaceFile(temporaryPath(tree), inRoot(tree, CONFIG), text, true)
}
