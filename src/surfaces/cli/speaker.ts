/** Who the command line speaks for: the agent whose process tree it runs in, else the person. */

import * as os from 'node:os'
import type { Card, ProcessMark } from '../../protocol/card.ts'
import { explain } from '../../protocol/errors.ts'
import { lookConfig } from '../../spool/config.ts'
import { markOf } from '../../spool/process.ts'
import { lookTree, openTree, type Tree } from '../../spool/tree.ts'
import { cardOfPerson, registerPerson } from '../../verbs/register-person.ts'
import { agentAbove } from '../../verbs/sender.ts'

export type Speaker = { tree: Tree; me: Card; process: ProcessMark }

/** Opens the tree (creating it where it is missing) and finds or registers the speaker. Says on stderr what is wrong with config.json. */
export function whoSpeaks(): Speaker {
  const tree = openTree(process.env)
  for (const wrong of lookConfig(tree).complaints) process.stderr.write(`repowire: ${explain(wrong)}\n`)
  const mark = markOf(process.pid) as ProcessMark
  const me =
    agentAbove(tree, process.ppid) ?? registerPerson(tree, os.userInfo().username, mark, process.cwd())
  return { tree, me, process: mark }
}

/** The same for a command that only looks: creates nothing. `me` is undefined for a person who has never spoken. */
export function whoLooks(): { tree: Tree; me?: Card } {
  const tree = lookTree(process.env)
  return { tree, me: agentAbove(tree, process.ppid) ?? cardOfPerson(tree, os.userInfo().username) }
}
