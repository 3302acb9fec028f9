/**
 * One round at one mailbox: ends what is over, moves what nobody waits for, and hands the next message to its agent.
 * Every decision is made from the directories, so that any round may be the first one after a crash.
 */

import type { Activity } from '../agents/agent.ts'
import { agentOf } from '../agents/agents.ts'
import type { Card } from '../protocol/card.ts'
import type { Message } from '../protocol/message.ts'
import { whoWants } from '../spool/asks.ts'
import { elapsed } from '../spool/clock.ts'
import { liveness } from '../spool/process.ts'
import { findMessage } from '../spool/publish.ts'
import { type Mail, read, scan, timeInState } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { hasUnripe } from '../spool/unripe.ts'
import { obeyCancel } from '../verbs/cancel.ts'
import { endOpen, interrupted, openQueries } from '../verbs/end-open.ts'
import { fileUnwanted } from '../verbs/inbox.ts'
import { leave } from '../verbs/leave.ts'
import { publishHeld } from '../verbs/provisional.ts'
import { returnToNew } from '../verbs/put-back.ts'
import { expire, receive } from '../verbs/receive.ts'
import { finishRename, forwardMail } from '../verbs/rename.ts'
import { type Attempts, deliver, isWaitedFor, resume } from './deliver.ts'
import type { Held } from './door.ts'
import { STATUS_MS, whyPaused } from './gates.ts'
import { nextTogether, type Waiting, waitingOf } from './parcel.ts'

/**
 * What the courier remembers of one peer between rounds; all of it can be lost. `attempts` and `typedBefore` (files that the
 * journal says were being typed) are those of all peers: a peer may get another name meanwhile. `known`: what was read
 * of each message in new/.
 */
export type Memory = {
  attempts: Attempts
  typedBefore: Set<string>
  known: Map<string, Waiting>
  givenAt?: number
  reason?: string
}

/** `again`: in how many ms to look again; undefined where an event will tell. `id`: the message that `why` is about. */
export type Round = { again?: number; why?: string; id?: string }

// A prompt that a hook saw shows as busy within 50 ms (measured), much later only on a machine that stands still.
const TAKEN_UP_MS = 10_000
// A turn that ended without a Stop hook shows as idle for this long with a question still open.
const SETTLED_MS = 1_000

/** One round. Reads two or three directories where nothing waits, and writes nothing then. */
export async function attend(tree: Tree, card: Card, memory: Memory): Promise<Round> {
  if (card.renamed !== undefined) return passOn(tree, card)
  finishRename(tree, card)
  if (card.agent === 'person') return sortPersonsMail(tree, card, memory)
  if (liveness(card.process) === 'dead') return settleDead(tree, card)
  const activity = agentOf(card.agent)?.activity(card)
  if (activity !== undefined && isQuiet(activity)) endInterrupted(tree, card, activity)
  publishHeld(tree, card)
  const waiting = scan(tree, card.address, 'new')
  const together = nextTogether(forAgent(tree, card, memory, waiting))
  const claimed = scan(tree, card.address, 'cur')
  const held = await handle(tree, card, memory, claimed, together, activity)
  const [next] = together
  const waits = next !== undefined || claimed.length > 0 || openQueries(tree, card.address).length > 0
  const { id } = claimed[0] ?? next ?? {}
  const again = waits ? nextLook(activity, held) : waiting.length > 0 ? othersNextLook(tree, card) : undefined
  return { why: held?.why, id, again }
}

/** A cancel is there an instant before its asker has taken the question back, and no event tells of that, nor that a message has become whole. */
function othersNextLook(tree: Tree, { address }: Card): number | undefined {
  const cancels = scan(tree, address, 'new').filter(({ kind }) => kind === 'cancel')
  const ages = cancels.map(({ file }) => timeInState(tree, address, 'new', file) ?? 0)
  if (ages.length === 0) return hasUnripe(tree, address) ? SETTLED_MS : undefined
  return Math.min(...ages) < SETTLED_MS ? STATUS_MS : SETTLED_MS
}

/** The end of a process that has mail is told by no event either. */
function nextLook(activity: Activity | undefined, held: Held | undefined): number {
  if (activity === undefined) return SETTLED_MS
  return held === undefined ? STATUS_MS : (held.again ?? SETTLED_MS)
}

/** Its notices and replies stay in new/ for its next session. */
function settleDead(tree: Tree, card: Card): Round {
  leave(tree, card, 'its process ended')
  return {}
}

/** What was sent to the former name of a peer goes where the peer is. */
function passOn(tree: Tree, card: Card): Round {
  forwardMail(tree, card.address)
  return {}
}

/** A person's mail is read at the shell: it is sorted out, and what a shell claimed and did not print comes back. */
function sortPersonsMail(tree: Tree, card: Card, memory: Memory): Round {
  for (const mail of scan(tree, card.address, 'cur')) returnUnshown(tree, card, mail)
  forAgent(tree, card, memory, scan(tree, card.address, 'new'))
  return {}
}

async function handle(
  tree: Tree,
  card: Card,
  memory: Memory,
  claimed: Mail[],
  together: Waiting[],
  activity: Activity | undefined,
): Promise<Held | undefined> {
  const typed = claimed.find(({ file }) => memory.attempts.has(file) || memory.typedBefore.has(file))
  if (typed !== undefined && expire(tree, card.address, typed, 'cur')) return undefined
  if (typed !== undefined)
    return noteGiven(tree, card, memory, typed, await resume(tree, card, typed, memory.attempts))
  const quiet = activity !== undefined && isQuiet(activity)
  // Waited for, and claimed: its waiter died between two moves, and another one took its place.
  for (const mail of claimed) if (quiet || isWaitedFor(tree, card, mail)) returnUnshown(tree, card, mail)
  const [next] = together
  if (next === undefined || claimed.length > 0) return undefined
  const soon = next.urgent ? undefined : whyTooSoon(tree, card, memory, activity)
  const held = whyPaused(tree, card) ?? soon
  if (held !== undefined) return held
  const messages = together.flatMap((mail) => messageIn(tree, card, memory, mail))
  if (messages.length === 0) return undefined
  return noteGiven(tree, card, memory, next, await deliver(tree, card, messages, memory.attempts))
}

/** Read once more, for it may have been replaced since: then it is received anew, and holds nothing up. mailbox-spec §11.1 */
function messageIn(tree: Tree, card: Card, memory: Memory, mail: Mail): Message[] {
  const parsed = read(tree, card.address, 'new', mail)
  if (parsed !== undefined && 'message' in parsed) return [parsed.message]
  memory.known.delete(mail.file)
  return []
}

function noteGiven(
  tree: Tree,
  card: Card,
  memory: Memory,
  { file }: Mail,
  held: Held | undefined,
): Held | undefined {
  const state = findMessage(tree, card.address, file)
  if (state === 'open' || state === 'done') memory.givenAt = Date.now()
  return held
}

/** A client says busy only some time after its hook saw the prompt: until then its idle is that of before. */
function whyTooSoon(
  tree: Tree,
  card: Card,
  memory: Memory,
  activity: Activity | undefined,
): Held | undefined {
  const since = activity?.since
  const opened = openQueries(tree, card.address).map(
    ({ file }) => timeInState(tree, card.address, 'open', file) ?? 0,
  )
  const given = Math.max(memory.givenAt ?? 0, ...opened.map((open) => Date.now() - open))
  if (since === undefined || given < since || Date.now() - given > TAKEN_UP_MS) return undefined
  return { why: 'it has just been given a message', again: STATUS_MS }
}

/** What is in new/ for the agent, oldest first; everything else there is sorted out on the way. */
function forAgent(tree: Tree, card: Card, memory: Memory, waiting: Mail[]): Waiting[] {
  const files = new Set(waiting.map(({ file }) => file))
  for (const file of memory.known.keys()) if (!files.has(file)) memory.known.delete(file)
  return waiting.flatMap((mail) => ifForAgent(tree, card, mail, memory) ?? [])
}

/** Undefined for a cancel, a reply that a process waits for or nobody wants, and what is not readable or has expired. */
function ifForAgent(tree: Tree, card: Card, mail: Mail, memory: Memory): Waiting | undefined {
  if (mail.kind === 'cancel') return void obeyCancel(tree, card.address, mail)
  if (mail.kind === 'reply' && whoWants(tree, card.address, mail.id) !== 'late')
    return void fileUnwanted(tree, card.address, mail)
  // Read once: a message never changes.
  const received = memory.known.has(mail.file) ? undefined : receive(tree, card.address, mail)
  const known = memory.known.get(mail.file) ?? (received && waitingOf(mail, received))
  if (known === undefined) return undefined
  memory.known.set(mail.file, known)
  if (Date.now() >= known.expires && expire(tree, card.address, mail, 'new')) return undefined
  return known
}

/** Idle, or out of reach, for a while: whatever turn there was is over, and all its hooks have run. */
function isQuiet({ state, since }: Activity): boolean {
  const over = state === 'idle' || state === 'shell' || state === 'parked'
  return over && since !== undefined && elapsed(since) >= SETTLED_MS
}

/**
 * A question that was given before the agent fell idle had its turn, and no Stop hook answered it: Esc fires none. One
 * that was given long ago to an agent that has been idle ever since never had a turn: another hook refused the prompt.
 */
function endInterrupted(tree: Tree, card: Card, { state, since = 0 }: Activity): void {
  const idleFor = elapsed(since)
  const ages = openQueries(tree, card.address).map(
    ({ file }) => timeInState(tree, card.address, 'open', file) ?? 0,
  )
  const why = state === 'parked' ? 'its session was moved to the background' : 'its turn was stopped'
  if (ages.length > 0 && ages.every((open) => open > idleFor || open > TAKEN_UP_MS)) {
    endOpen(tree, card, interrupted(card, why, 'courier'))
  }
}

/** Claimed by the peer's own server or shell, and not shown when its time was over: it comes again, as mail. */
function returnUnshown(tree: Tree, card: Card, mail: Mail): void {
  if ((timeInState(tree, card.address, 'cur', mail.file) ?? 0) < SETTLED_MS) return
  returnToNew(tree, card, mail, 'claimed, and not shown')
}
