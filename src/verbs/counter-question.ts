import type { Message } from '../protocol/message.ts'
import { listAsks } from '../spool/asks.ts'
import { currentAddress } from '../spool/cards.ts'
import { presence } from '../spool/presence.ts'
import { read, scan } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { openByTool } from './inbox.ts'
import { receive } from './receive.ts'

/**
 * A question in new/ from a peer that this one waits for, directly or through others: both would wait for ever. Takes it
 * (new → open) so that the blocked call can return with it; undefined where there is none. mailbox-spec §9.3
 */
export function takeCounterQuestion(tree: Tree, address: string): Message | undefined {
  const queries = scan(tree, address, 'new').filter((mail) => mail.kind === 'query')
  if (queries.length === 0) return undefined
  const waitedFor = everyoneWaitedFor(tree, address, new Set())
  for (const mail of queries) {
    const parsed = read(tree, address, 'new', mail)
    if (parsed === undefined || 'fault' in parsed) continue
    // Whoever wrote it is looked at only then: this runs twenty times a second.
    if (!waitedFor.has(currentAddress(tree, parsed.message.from))) continue
    const message = receive(tree, address, mail)?.message
    if (message !== undefined && openByTool(tree, address, mail)) return message
  }
  return undefined
}

/** Whom this peer waits for, whom they wait for, and so on: the edges are the asks whose waiting process lives. */
function everyoneWaitedFor(tree: Tree, address: string, found: Set<string>): Set<string> {
  for (const ask of listAsks(tree, address)) {
    const waits = ask.state === 'blocked' && presence(tree, address, ask.process) !== 'dead'
    const to = currentAddress(tree, ask.to)
    if (!waits || found.has(to)) continue
    found.add(to)
    everyoneWaitedFor(tree, to, found)
  }
  return found
}
