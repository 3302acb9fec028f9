/**
 * Questions that lead to questions: an agent that asks because it was asked. `depth` counts them, and a limit ends what
 * would go on all night. mailbox-spec §9.5
 */

import { RepowireError } from '../protocol/errors.ts'
import type { Message } from '../protocol/message.ts'
import { currentAddress } from '../spool/cards.ts'
import { readConfig } from '../spool/config.ts'
import { read } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { openQueries } from './end-open.ts'

/**
 * The depth of the next question of `me`: one more than that of the deepest question that it has open, 0 where it has
 * none. Reads open/. Errors: chain-too-deep.
 */
export function nextDepth(tree: Tree, me: string): number {
  const because = deepestOpen(tree, me)
  if (because === undefined) return 0
  const depth = depthOf(because) + 1
  const most = readConfig(tree).chain_depth
  if (depth > most) throw tooDeep(tree, me, because, most)
  return depth
}

function depthOf({ depth = 0 }: Message): number {
  return depth
}

/** The deepest question that this agent has open, of those less deep than `below`. */
function deepestOpen(tree: Tree, address: string, below = Number.POSITIVE_INFINITY): Message | undefined {
  const open = openQueries(tree, address).flatMap((mail) => {
    const parsed = read(tree, address, 'open', mail)
    return parsed !== undefined && 'message' in parsed ? [parsed.message] : []
  })
  return open.filter((query) => depthOf(query) < below).sort((a, b) => depthOf(b) - depthOf(a))[0]
}

function tooDeep(tree: Tree, me: string, because: Message, most: number): RepowireError {
  return new RepowireError(
    'chain-too-deep',
    `Each of these questions was asked because of the one before it, and at most ${most} may be open so: ${chainTo(tree, me, because)}.`,
    `Ask nobody: answer ${because.from} with what you know and say what is missing (reply_peer with id "${because.id}"). "chain_depth" in config.json is the limit.`,
  )
}

const MOST_SHOWN = 12

/** "a asked b, b asked c", as far back as the mailboxes tell. */
function chainTo(tree: Tree, me: string, because: Message): string {
  const links: string[] = []
  let to = me
  for (let next: Message | undefined = because; next !== undefined && links.length < MOST_SHOWN; ) {
    const from = currentAddress(tree, next.from)
    links.unshift(`${from} asked ${to}`)
    next = deepestOpen(tree, from, depthOf(next))
    to = from
  }
  return links.join(', ')
}
