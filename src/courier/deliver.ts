/**
 * Hand over, prove, or put back. A message is in cur/ from before its first byte is handed in until a hook has seen its
 * id; the journal has the intent, so that a courier that starts after a kill -9 goes on where this one stopped.
 * mailbox-spec §8.2
 */

import { agentOf } from '../agents/agents.ts'
import type { Card } from '../protocol/card.ts'
import { isId } from '../protocol/id.ts'
import { fileName } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { whoWants } from '../spool/asks.ts'
import { type Entry, readJournal, record } from '../spool/journal.ts'
import { claim, putBack } from '../spool/moves.ts'
import { findMessage } from '../spool/publish.ts'
import { type Mail, readAnywhere } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { given } from '../verbs/given.ts'
import { keepFromAgent } from '../verbs/hold.ts'
import { returnToNew } from '../verbs/put-back.ts'
import { inOffice } from './courier-file.ts'
import { type Attempt, type Door, type DoorName, type Held, NEVER, type Parcel, SILENCE_MS } from './door.ts'
import { doorNamed, openDoor } from './doors.ts'
import { STATUS_MS } from './gates.ts'
import { parcelOf } from './parcel.ts'
import { clearStranded } from './terminal.ts'

/** Of each file that is being handed over, or was. */
export type Attempts = Map<string, Attempt>

const LOOK_MS = 15
/** How long one call stays with a message that it has just handed in before the loop looks at everything else again. */
const PATIENCE_MS = 2_000
/** A message is lost when it is missing at both ends of this time, and the client has done nothing in between. */
const MISSING_MS = 500

/**
 * new → cur → handed in, and waits a while for the hook's proof. Several messages: notices that share one delivery.
 * Returns why it is held, or undefined when it was given. Writes `claimed`, `typing` (fsync'd, before the first byte),
 * `entered` or `put-back` to the journal.
 */
export async function deliver(
  tree: Tree,
  card: Card,
  messages: Message[],
  attempts: Attempts,
): Promise<Held | undefined> {
  const whole = parcelOf(tree, messages)
  const found = await openDoor(tree, card, whole)
  if ('why' in found) return (await clearStranded(tree, card)) ? { ...found, again: STATUS_MS } : found
  if (!inOffice(tree)) return { why: 'another courier has taken over' }
  const claimed = messages.filter((message) => claimOne(tree, card, message))
  if (claimed.length === 0) return undefined
  for (const { id } of claimed) record(tree, 'claimed', card.address, id)
  const parcel = claimed.length === messages.length ? whole : parcelOf(tree, claimed)
  return await handIn(tree, card, found, claimed.map(mailOf), parcel, attempts)
}

function mailOf({ id, kind }: Message): Mail {
  return { id, kind, file: fileName(id, kind) }
}

function claimOne(tree: Tree, card: Card, message: Message): boolean {
  const mail = mailOf(message)
  // What both may do, and who may reach whom, can be another thing than when it came. mailbox-spec §11.2
  if (keepFromAgent(tree, card.address, mail, message)) return false
  if (!claim(tree, card.address, mail.file)) return false
  if (!isWaitedFor(tree, card, mail)) return true
  putBack(tree, card.address, mail.file)
  return false
}

/** True for a reply that a living process waits for: it is theirs to take, also when they began to wait only now. */
export function isWaitedFor(tree: Tree, card: Card, { id, kind }: Mail): boolean {
  return kind === 'reply' && whoWants(tree, card.address, id) === 'waiting'
}

async function handIn(
  tree: Tree,
  card: Card,
  door: Door,
  mails: Mail[],
  parcel: Parcel,
  attempts: Attempts,
): Promise<Held | undefined> {
  const also = mails.length > 1 ? { with: mails.slice(1).map(({ id }) => id) } : {}
  const place = door.name === 'tmux' ? card.tmux : {}
  record(tree, 'typing', card.address, parcel.id, {
    kind: mails[0]?.kind,
    door: door.name,
    ...place,
    ...also,
  })
  const attempt = begun(
    door.name,
    mails.map(({ id }) => id),
  )
  for (const { file } of mails) attempts.set(file, attempt)
  const handed = await door.hand(tree, card, parcel)
  attempt.read = handed === 'handed'
  if (handed !== 'refused') return await prove(tree, card, mails, parcel, attempts)
  for (const mail of mails) {
    attempts.delete(mail.file)
    returnToNew(tree, card, mail, `its ${NAMES[door.name]} refused it`)
  }
  return { why: `its ${NAMES[door.name]} refused it`, again: 1_000 }
}

/** Nothing is entered after it was handed in but at the terminal. */
function begun(door: DoorName, ids: string[]): Attempt {
  const typedAt = performance.now()
  return { door, ids, typedAt, enteredAt: door === 'tmux' ? NEVER : typedAt, enters: 0, since: Date.now() }
}

const NAMES: Record<DoorName, string> = { tmux: 'pane', socket: "client's inbox" }

/** Goes on with a message in cur/ whose delivery was begun, by this courier or by one before it. mailbox-spec §8.2 */
export async function resume(
  tree: Tree,
  card: Card,
  mail: Mail,
  attempts: Attempts,
): Promise<Held | undefined> {
  const attempt = attempts.get(mail.file) ?? begunBefore(tree, mail)
  const messages = attempt.ids.flatMap((id) => readAnywhere(tree, card.address, id, mail.kind)?.message ?? [])
  if (messages.length === 0) return undefined
  const mails = messages.map(mailOf)
  for (const { file } of mails) attempts.set(file, attempt)
  return await prove(tree, card, mails, parcelOf(tree, messages), attempts)
}

/** By the last line of the journal that says at which door, and with what, it was about to be handed over. */
function begunBefore(tree: Tree, { id, kind }: Mail): Attempt {
  const lines = readJournal(tree, 2, id).filter(({ event }) => event === 'typing')
  const line = lines.findLast((one) => one.id === id || isWith(one, id))
  const ids = line !== undefined && kind === 'notice' ? [String(line.id), ...withOf(line)] : [id]
  const door = line?.door === 'socket' ? 'socket' : 'tmux'
  return { door, ids, typedAt: NEVER, enteredAt: NEVER, enters: 0, since: line && Date.parse(line.at) }
}

function isWith(line: Entry, id: string): boolean {
  return withOf(line).includes(id)
}

function withOf(line: Entry): string[] {
  return Array.isArray(line.with) ? line.with.filter(isId) : []
}

/** Stays with what was handed in just now; of what has stood for longer it takes one look. */
async function prove(
  tree: Tree,
  card: Card,
  mails: Mail[],
  parcel: Parcel,
  attempts: Attempts,
): Promise<Held | undefined> {
  const attempt = attempts.get(mails[0]?.file ?? '') as Attempt
  const left = () => mails.filter(({ file }) => findMessage(tree, card.address, file) === 'cur')
  const stay = () => performance.now() - Math.max(attempt.typedAt, attempt.enteredAt) < PATIENCE_MS
  let held: Held | undefined = { why: 'it was handed over, and no hook has seen it yet', again: STATUS_MS }
  do {
    // After an Enter the file is watched, not the screen, until the silence is long enough to wonder.
    if (left().length > 0 && performance.now() - attempt.enteredAt > SILENCE_MS)
      held = await step(tree, card, left(), parcel, attempt)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  } while (left().length > 0 && stay())
  if (left().length > 0) return held
  // Nowhere: its peer was renamed just now, and the next round finds it under the new name.
  for (const { file } of mails) if (findMessage(tree, card.address, file) !== undefined) attempts.delete(file)
  return undefined
}

/** Believe the transcript, put back, or wait. */
async function step(
  tree: Tree,
  card: Card,
  left: Mail[],
  parcel: Parcel,
  attempt: Attempt,
): Promise<Held | undefined> {
  const sign = await doorNamed(attempt.door).look(tree, card, parcel, attempt)
  if (sign === 'taken') return void believeTranscript(tree, card, left)
  if (sign !== 'nowhere') return sign
  return missing(tree, card, left, attempt, agentOf(card.agent)?.activity(card).since)
}

/** The client took the prompt and its hook did not run: it counts as given, and only reply_peer can answer it. */
function believeTranscript(tree: Tree, card: Card, left: Mail[]): void {
  const why = 'the prompt hook did not run: see repowire status'
  for (const { id } of left) record(tree, 'held', card.address, id, { why })
  const headers = left.map(
    ({ id, kind }) =>
      `[repowire:${id} ${kind === 'query' ? 'question' : kind === 'reply' ? 'answer' : 'notice'}`,
  )
  given(tree, card, { text: `${headers.join('\n')}\n(by the transcript)`, hook: 'transcript' })
}

/** Nowhere to be seen. A prompt that was taken up just now is, for a moment, neither in the box nor anywhere else. */
function missing(
  tree: Tree,
  card: Card,
  left: Mail[],
  attempt: Attempt,
  since: number | undefined,
): Held | undefined {
  const first = attempt.missing
  if (first !== undefined && first.since === since && performance.now() - first.at >= MISSING_MS) {
    for (const mail of left) returnToNew(tree, card, mail, 'it was handed over and did not arrive')
    return undefined
  }
  if (first?.since !== since || first === undefined) attempt.missing = { at: performance.now(), since }
  return { why: 'it was handed over and has not arrived yet', again: STATUS_MS }
}
