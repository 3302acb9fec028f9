/** config.json in the root, read whenever it is needed: a change counts at once. mailbox-spec §2.1 */

import {
  type Config,
  parseConfig,
  type ReadConfig,
  standardConfig,
  withoutConfig,
} from '../protocol/config.ts'
import { codeOf } from '../protocol/errors.ts'
import { CONFIG } from '../protocol/layout.ts'
import { readRegular } from './disk.ts'
import { inRoot, type Tree } from './tree.ts'

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
