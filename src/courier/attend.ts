/**
 * One round at one mailbox: ends what is over, moves what nobody waits for, and hands the next message to its agent.
 * Every decision is made from the directories, so that any round may be the first one after a crash.
 */

import type { Agent } from '../agents/agent.ts'
import { agentOf } from '../agents/agents.ts'
import type { Card } from '../protocol/card.ts'
import { DEFAULT_TTL_SECONDS, type Message } from '../protocol/message.ts'
import { markLate, whoWants } from '../spool/asks.ts'
import { record } from '../spool/journal.ts'
import { putBack } from '../spool/moves.ts'
import { timestamp } from '../spool/new-id.ts'
import { liveness } from '../spool/process.ts'
import { type Mail, read, scan, timeInState } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { obeyCancel } from '../verbs/cancel.ts'
import { endOpen, interrupted, openQueries } from '../verbs/end-open.ts'
import { endQuery } from '../verbs/end-query.ts'
import { fileUnwanted } from '../verbs/inbox.ts'
import { refuse } from '../verbs/refuse.ts'
import { settle } from '../verbs/settle.ts'
import { type Attempt, deliver, resume } from './deliver.ts'

/** What the courier remembers of one peer between rounds; all of it can be lost. */
export type Memory = { attempts: Map<string, Attempt>; typed: Set<string>; held?: string }

/** `soon`: something waits that no event will announce, so look again shortly. */
export type Round = { soon: boolean; held?: string }

// A turn that ended without a Stop hook shows as idle for this long with a question still open.
const SETTLED_MS = 1_000

/** One round; never throws for what a message holds. */
export async function attend(tree: Tree, card: Card, memory: Memory): Promise<Round> {
  const dead = liveness(card.process) === 'dead'
  if (card.agent === 'person') return { soon: sortPersonsMail(tree, card) }
  if (dead) return settleDead(tree, card)
  const agent = agentOf(card.agent)
  const next = scan(tree, card.address, 'new').filter((mail) => isForAgent(tree, card, mail))
  const quiet = agent !== undefined && isQuiet(agent, card)
  if (quiet) endInterrupted(tree, card, agent)
  const claimed = scan(tree, card.address, 'cur')
  const held = await handle(tree, card, memory, claimed, next[0], quiet)
  const waits = next.length > 0 || claimed.length > 0 || openQueries(tree, card.address).length > 0
  return { soon: waits && agent !== undefined, held }
}

/** Its notices and replies stay in new/ for its next session. */
function settleDead(tree: Tree, card: Card): Round {
  settle(tree, card)
  return { soon: false }
}

async function handle(
  tree: Tree,
  card: Card,
  memory: Memory,
  claimed: Mail[],
  next: Mail | undefined,
  quiet: boolean,
) {
  const typed = claimed.find((mail) => memory.typed.has(mail.id) || memory.attempts.has(mail.id))
  if (typed !== undefined) return await resume(tree, card, typed, memory.attempts)
  if (quiet) for (const mail of claimed) returnUnshown(tree, card, mail)
  if (next === undefined || claimed.length > 0) return undefined
  const parsed = read(tree, card.address, 'new', next)
  if (parsed === undefined || !('message' in parsed)) return undefined
  return await deliver(tree, card, next, parsed.message, memory.attempts)
}

/** Sorts out of new/ what no agent is to be given: cancels, unwanted replies, what is broken or has expired. */
function isForAgent(tree: Tree, card: Card, mail: Mail): boolean {
  if (mail.kind === 'cancel') {
    obeyCancel(tree, card.address, mail.id)
    return false
  }
  if (
    mail.kind === 'reply' &&
    (fileUnwanted(tree, card.address, mail) || whoWants(tree, card.address, mail.id) === 'waiting')
  )
    return false
  const parsed = read(tree, card.address, 'new', mail)
  if (parsed === undefined) return false
  if ('fault' in parsed) refuse(tree, card.address, mail, parsed.fault, parsed.why)
  return 'message' in parsed && !expire(tree, card, mail, parsed.message)
}

function expire(tree: Tree, card: Card, mail: Mail, message: Message): boolean {
  const seconds = message.ttl_seconds ?? DEFAULT_TTL_SECONDS
  const age = timeInState(tree, card.address, 'new', mail.file) ?? 0
  if (mail.kind !== 'query' || age < seconds * 1_000) return false
  return endQuery(tree, card.address, mail, 'new', {
    outcome: 'expired',
    body: `It waited for ${seconds} s, and ${card.address} was never free.`,
    by: 'courier',
  })
}

/** Idle for a while: whatever turn there was is over, and all its hooks have run. */
function isQuiet(agent: Agent, card: Card): boolean {
  const { state, since } = agent.activity(card)
  return (state === 'idle' || state === 'shell') && since !== undefined && Date.now() - since >= SETTLED_MS
}

/** A question that was given before the agent fell idle had its turn, and no Stop hook answered it: Esc fires none. */
function endInterrupted(tree: Tree, card: Card, agent: Agent): void {
  const idleFor = Date.now() - (agent.activity(card).since ?? Date.now())
  const given = openQueries(tree, card.address).map(
    (mail) => timeInState(tree, card.address, 'open', mail.file) ?? 0,
  )
  if (given.length > 0 && given.every((age) => age > idleFor))
    endOpen(tree, card, interrupted(card, 'its turn was stopped', 'courier'))
}

/** Claimed by the peer's own server, and its agent is idle without having been shown it: it comes again, as mail. */
function returnUnshown(tree: Tree, card: Card, mail: Mail): void {
  const age = timeInState(tree, card.address, 'cur', mail.file) ?? 0
  if (age < SETTLED_MS) return
  if (mail.kind === 'reply')
    markLate(tree, card.address, { id: mail.id, to: '', process: card.process, since: timestamp() })
  if (putBack(tree, card.address, mail.file))
    record(tree, 'put-back', card.address, mail.id, { why: 'claimed, and not shown' })
}

/** A person's mail is read at the shell; only what nobody wants is filed. */
function sortPersonsMail(tree: Tree, card: Card): false {
  for (const mail of scan(tree, card.address, 'new')) fileUnwanted(tree, card.address, mail)
  return false
}
