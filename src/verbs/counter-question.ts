import type { Card } from '../protocol/card.ts'
import type { Message } from '../protocol/message.ts'
import { listAsks } from '../spool/asks.ts'
import { liveness } from '../spool/process.ts'
import { read, scan } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { openByTool } from './inbox.ts'

/**
 * A question in new/ from a peer that this one waits for, directly or through others: both would wait for ever. Takes it
 * (new → open) so that the blocked call can return with it; undefined where there is none. mailbox-spec §9
 */
export function takeCounterQuestion(tree: Tree, card: Card): Message | undefined {
  const queries = scan(tree, card.address, 'new').filter((mail) => mail.kind === 'query')
  if (queries.length === 0) return undefined
  const waitedFor = everyoneWaitedFor(tree, card.address, new Set())
  for (const mail of queries) {
    const parsed = read(tree, card.address, 'new', mail)
    if (parsed === undefined || !('message' in parsed) || !waitedFor.has(parsed.message.from)) continue
    if (openByTool(tree, card, mail)) return parsed.message
  }
  return undefined
}

/** Whom this peer waits for, whom they wait for, and so on: the edges are the asks whose waiting process lives. */
function everyoneWaitedFor(tree: Tree, address: string, found: Set<string>): Set<string> {
  for (const ask of listAsks(tree, address)) {
    const waits = ask.state === 'blocked' && liveness(ask.process) !== 'dead'
    if (!waits || found.has(ask.to)) continue
    found.add(ask.to)
    everyoneWaitedFor(tree, ask.to, found)
  }
  return found
}
