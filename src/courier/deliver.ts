/**
 * Paste, prove, or put back. A message is in cur/ from before its first byte is typed until a hook has seen its id; the
 * journal has the intent, so that a courier that starts after a kill -9 goes on where this one stopped. mailbox-spec §8.2
 *
 * Refused here: waiting a fixed time before Enter, escape keys, stashing a draft, and Enter on a box that holds anything else.
 */

import type { Agent } from '../agents/agent.ts'
import type { Card } from '../protocol/card.ts'
import type { Frame } from '../protocol/frame.ts'
import type { Message } from '../protocol/message.ts'
import { whoWants } from '../spool/asks.ts'
import { removeFile, replaceFile } from '../spool/disk.ts'
import { record } from '../spool/journal.ts'
import { claim, putBack } from '../spool/moves.ts'
import { findMessage } from '../spool/publish.ts'
import { type Mail, readAnywhere } from '../spool/scan.ts'
import { inState, stateTemporaryPath, type Tree } from '../spool/tree.ts'
import { frameFor } from '../verbs/exchange.ts'
import { given } from '../verbs/given.ts'
import { returnToNew } from '../verbs/put-back.ts'
import { inOffice } from './courier-file.ts'
import { approach, type Held, STATUS_MS, whyNotEmpty } from './gates.ts'
import { type Pane, paste, pressEnter, type View } from './tmux.ts'

/** What this courier knows of a message that it types, beside what the disk says. Times in ms; 0: never, or before its start. */
type Attempt = {
  typedAt: number
  enteredAt: number
  enters: number
  missing?: { at: number; since?: number }
}
export type Attempts = Map<string, Attempt>

/** By a clock that is never set. */
const NEVER = Number.NEGATIVE_INFINITY
const LOOK_MS = 15
/** How long one call stays with a message that it has just typed before the loop looks at everything else again. */
const PATIENCE_MS = 2_000
/** After this long without a sign of a message Enter may be pressed again, or the message be taken to be lost. */
const SILENCE_MS = 1_500
/** A message is lost when it is missing at both ends of this time, and the client has done nothing in between. */
const MISSING_MS = 500
const MAX_ENTERS = 3

/**
 * new → cur → typed → Enter, and waits a while for the hook's proof. Returns why it is held, or undefined when it was
 * given. Writes `claimed`, `typing` (fsync'd, before the first byte), `entered` or `put-back` to the journal.
 */
export async function deliver(
  tree: Tree,
  card: Card,
  message: Message,
  attempts: Attempts,
): Promise<Held | undefined> {
  const mail = { id: message.id, kind: message.kind, file: `${message.id}.${message.kind}.json` }
  const frame = frameFor(tree, message)
  const found = await approach(card)
  if ('why' in found) return found
  const held = whyNotEmpty(found.composer) ?? whyNoRoom(found.agent, found.view, frame)
  if (held !== undefined) return held
  if (!inOffice(tree)) return { why: 'another courier has taken over' }
  if (!claim(tree, card.address, mail.file)) return undefined
  if (isWaitedFor(tree, card, mail)) return void putBack(tree, card.address, mail.file)
  record(tree, 'claimed', card.address, mail.id)
  return await type(tree, card, found.pane, mail, frame, attempts)
}

/** True for a reply that a living process waits for: it is theirs to take, also when they began to wait only now. */
export function isWaitedFor(tree: Tree, card: Card, { id, kind }: Mail): boolean {
  return kind === 'reply' && whoWants(tree, card.address, id) === 'waiting'
}

function whyNoRoom(agent: Agent, { width, height }: View, frame: Frame): Held | undefined {
  if (agent.fits(frame, width, height)) return undefined
  return { why: `its pane is too small (${width}x${height}) to see what is typed`, again: 1_000 }
}

async function type(
  tree: Tree,
  card: Card,
  pane: Pane,
  mail: Mail,
  frame: Frame,
  attempts: Attempts,
): Promise<Held | undefined> {
  record(tree, 'typing', card.address, mail.id, { kind: mail.kind, door: 'tmux', ...pane })
  const attempt = { typedAt: performance.now(), enteredAt: NEVER, enters: 0 }
  attempts.set(mail.file, attempt)
  if ((await pasteFrame(tree, pane, mail.id, frame)) !== 'refused')
    return await prove(tree, card, mail, frame, attempts)
  attempts.delete(mail.file)
  returnToNew(tree, card, mail, 'the pane refused the paste')
  return { why: 'its pane refused the paste', again: 1_000 }
}

async function pasteFrame(tree: Tree, pane: Pane, id: string, frame: Frame) {
  const file = inState(tree, `typing/${id}.txt`)
  replaceFile(stateTemporaryPath(tree), file, frame.body)
  const pasted = await paste(pane, id, frame.header, file)
  removeFile(file)
  return pasted
}

/** Goes on with a message in cur/ whose typing was begun, by this courier or by one before it. mailbox-spec §8.2 */
export async function resume(
  tree: Tree,
  card: Card,
  mail: Mail,
  attempts: Attempts,
): Promise<Held | undefined> {
  const message = readAnywhere(tree, card.address, mail.id, mail.kind)?.message
  if (message === undefined) return undefined
  if (!attempts.has(mail.file)) attempts.set(mail.file, { typedAt: NEVER, enteredAt: NEVER, enters: 0 })
  return await prove(tree, card, mail, frameFor(tree, message), attempts)
}

/** Stays with what was typed just now; of what has stood for longer it takes one look. */
async function prove(
  tree: Tree,
  card: Card,
  mail: Mail,
  frame: Frame,
  attempts: Attempts,
): Promise<Held | undefined> {
  const attempt = attempts.get(mail.file) as Attempt
  const inCur = () => findMessage(tree, card.address, mail.file) === 'cur'
  const stay = () => performance.now() - Math.max(attempt.typedAt, attempt.enteredAt) < PATIENCE_MS
  let held: Held | undefined = { why: 'it was typed, and no hook has seen it yet', again: STATUS_MS }
  do {
    // After an Enter the file is watched, not the screen, until the silence is long enough to wonder.
    if (inCur() && performance.now() - attempt.enteredAt > SILENCE_MS)
      held = await step(tree, card, mail, frame, attempt)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  } while (inCur() && stay())
  if (inCur()) return held
  // Nowhere: its peer was renamed just now, and the next round finds it under the new name.
  if (findMessage(tree, card.address, mail.file) !== undefined) attempts.delete(mail.file)
  return undefined
}

/** One row of the table in mailbox-spec §8.2: press Enter, believe the transcript, put back, or wait. */
async function step(
  tree: Tree,
  card: Card,
  mail: Mail,
  frame: Frame,
  attempt: Attempt,
): Promise<Held | undefined> {
  const found = await approach(card)
  if ('why' in found) return found
  const { composer, agent } = found
  const ours = composer.state === 'holds' && agent.holdsExactly(composer.text, frame)
  if (ours) return await enter(tree, card, mail, found.pane, attempt)
  if (performance.now() - attempt.typedAt < SILENCE_MS || composer.state !== 'empty')
    return whyNotEmpty(composer)
  if (agent.hasTaken(card, mail.id)) return believeTranscript(tree, card, mail, frame)
  return missing(tree, card, mail, attempt, agent.activity(card).since)
}

async function enter(
  tree: Tree,
  card: Card,
  mail: Mail,
  pane: Pane,
  attempt: Attempt,
): Promise<Held | undefined> {
  if (attempt.enters >= MAX_ENTERS)
    return { why: `its client did not take the text after ${MAX_ENTERS} Enters`, again: 1_000 }
  if (!inOffice(tree)) return { why: 'another courier has taken over' }
  attempt.enters += 1
  attempt.enteredAt = performance.now()
  const pressed = await pressEnter(pane)
  record(tree, 'entered', card.address, mail.id, { pressed, enters: attempt.enters })
  return { why: 'Enter was pressed, and no hook has seen it yet', again: STATUS_MS }
}

/** The client took the prompt and its hook did not run: it counts as given, and only reply_peer can answer it. */
function believeTranscript(tree: Tree, card: Card, mail: Mail, frame: Frame): undefined {
  record(tree, 'held', card.address, mail.id, { why: 'the prompt hook did not run: see repowire status' })
  given(tree, card, { text: `${frame.header}\n(by the transcript)`, hook: 'transcript' })
}

/** Nowhere to be seen. A prompt that was taken up just now is, for a moment, neither in the box nor anywhere else. */
function missing(
  tree: Tree,
  card: Card,
  mail: Mail,
  attempt: Attempt,
  since: number | undefined,
): Held | undefined {
  const first = attempt.missing
  if (first !== undefined && first.since === since && performance.now() - first.at >= MISSING_MS) {
    return void returnToNew(tree, card, mail, 'it was typed and did not arrive')
  }
  if (first?.since !== since || first === undefined) attempt.missing = { at: performance.now(), since }
  return { why: 'it was typed and has not arrived yet', again: STATUS_MS }
}
