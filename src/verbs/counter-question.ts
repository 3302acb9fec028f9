import type { Message } from '../protocol/message.ts'
import { listAsks } from '../spool/asks.ts'
import { currentAddress } from '../spool/cards.ts'
import { pauseOf } from '../spool/pause.ts'
import { presence } from '../spool/presence.ts'
import { read, scan } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { openByTool } from './inbox.ts'
import { receive } from './receive.ts'

/**
 * A question in new/ that a peer must be given although it waits: from one that it waits for, directly or through others
 * (both would wait for ever), or an urgent one. Takes it (new → open) so that the blocked call can return with it;
 * undefined where there is none. mailbox-spec §8.5, §9.3
 */
export function takeCounterQuestion(tree: Tree, address: string): Message | undefined {
  const queries = scan(tree, address, 'new').filter((mail) => mail.kind === 'query')
  if (queries.length === 0) return undefined
  const waitedFor = everyoneWaitedFor(tree, address, new Set())
  for (const mail of queries) {
    const parsed = read(tree, address, 'new', mail)
    if (parsed === undefined || 'fault' in parsed) continue
    // Whoever wrote it is looked at only then: this runs twenty times a second.
    const pressing = parsed.message.urgent === true && pauseOf(tree, address) === undefined
    if (!pressing && !waitedFor.has(currentAddress(tree, parsed.message.from))) continue
    const message = receive(tree, address, mail)?.message
    if (message !== undefined && openByTool(tree, address, mail)) return message
  }
  return undefined
}

/** The urgent questions in cur/: in its client's queue, which the agent is given when the call that blocks it returns. Only looks. */
export function urgentOnTheirWay(tree: Tree, address: string): Message[] {
  const queries = scan(tree, address, 'cur').filter((mail) => mail.kind === 'query')
  return queries.flatMap((mail) => {
    const parsed = read(tree, address, 'cur', mail)
    return parsed !== undefined && 'message' in parsed && parsed.message.urgent === true
      ? [parsed.message]
      : []
  })
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
