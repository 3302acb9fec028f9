/**
 * Paste, prove, or put back. A message is in cur/ from before its first byte is typed until a hook has seen its id; the
 * journal has the intent, so that a courier that starts after a kill -9 goes on where this one stopped. mailbox-spec §8
 *
 * Refused here: waiting a fixed time before Enter, escape keys, stashing a draft, and Enter on a box that holds anything else.
 */

import * as path from 'node:path'
import type { Card } from '../protocol/card.ts'
import { type Frame, frameOf } from '../protocol/frame.ts'
import type { Message } from '../protocol/message.ts'
import { makeDirectory, removeFile, replaceFile } from '../spool/disk.ts'
import { record } from '../spool/journal.ts'
import { claim, putBack } from '../spool/moves.ts'
import { findMessage } from '../spool/publish.ts'
import { type Mail, readAnywhere } from '../spool/scan.ts'
import { inState, type Tree } from '../spool/tree.ts'
import { given } from '../verbs/given.ts'
import { inOffice } from './courier-file.ts'
import { approach, whyHeld, whyNotEmpty } from './gates.ts'
import { type Pane, paste, pressEnter } from './tmux.ts'

/** What this courier knows of a message that it types, beside what the disk says. */
export type Attempt = { typedAt: number; enteredAt: number; enters: number }

const LOOK_MS = 15
/** How long one call stays with a message before the loop looks at everything else again. */
const PATIENCE_MS = 2_000
/** After this long without a sign of a message it is taken to be lost, and Enter may be pressed again. */
const SILENCE_MS = 1_500
const MAX_ENTERS = 3

/**
 * new → cur → typed → Enter, and waits a while for the hook's proof. Returns why it is held, or undefined when it was
 * given. Writes `claimed`, `typing` (fsync'd, before the first byte), `entered` or `put-back` to the journal.
 */
export async function deliver(
  tree: Tree,
  card: Card,
  mail: Mail,
  message: Message,
  attempts: Map<string, Attempt>,
): Promise<string | undefined> {
  const held = await whyHeld(card)
  if (held !== undefined || card.tmux === undefined) return held ?? 'it runs in no tmux pane'
  if (!inOffice(tree)) return 'another courier has taken over'
  if (!claim(tree, card.address, mail.file)) return undefined
  record(tree, 'claimed', card.address, mail.id)
  return await type(tree, card, card.tmux, mail, frameFor(tree, message), attempts)
}

async function type(
  tree: Tree,
  card: Card,
  pane: Pane,
  mail: Mail,
  frame: Frame,
  attempts: Map<string, Attempt>,
) {
  record(tree, 'typing', card.address, mail.id, { door: 'tmux', ...pane })
  const attempt = { typedAt: Date.now(), enteredAt: 0, enters: 0 }
  attempts.set(mail.id, attempt)
  if (await pasteFrame(tree, pane, mail.id, frame)) return await prove(tree, card, mail, frame, attempt)
  giveUp(tree, card, mail, 'the pane refused the paste')
  return 'its pane refused the paste'
}

async function pasteFrame(tree: Tree, pane: Pane, id: string, frame: Frame): Promise<boolean> {
  const file = inState(tree, `typing/${id}.txt`)
  makeDirectory(path.dirname(file))
  replaceFile(file, frame.body)
  const pasted = await paste(pane, id, frame.header, file)
  removeFile(file)
  return pasted
}

/** Goes on with a message in cur/ whose typing was begun, by this courier or by one before it. mailbox-spec §8 */
export async function resume(
  tree: Tree,
  card: Card,
  mail: Mail,
  attempts: Map<string, Attempt>,
): Promise<string | undefined> {
  const message = readAnywhere(tree, card.address, mail.id, mail.kind)?.message
  if (message === undefined) return undefined
  const attempt = attempts.get(mail.id) ?? { typedAt: 0, enteredAt: 0, enters: 0 }
  attempts.set(mail.id, attempt)
  return await prove(tree, card, mail, frameFor(tree, message), attempt)
}

async function prove(
  tree: Tree,
  card: Card,
  mail: Mail,
  frame: Frame,
  attempt: Attempt,
): Promise<string | undefined> {
  const deadline = Date.now() + PATIENCE_MS
  let held: string | undefined = 'it was typed, and no hook has seen it yet'
  while (Date.now() < deadline && findMessage(tree, card.address, mail.file) === 'cur') {
    if (mayLook(attempt)) held = await step(tree, card, mail, frame, attempt)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return findMessage(tree, card.address, mail.file) === 'cur' ? held : undefined
}

/** After an Enter the file is watched, not the screen, until the silence is long enough to wonder. */
function mayLook(attempt: Attempt): boolean {
  return Date.now() - attempt.enteredAt > SILENCE_MS
}

/** One row of the table in mailbox-spec §8: press Enter, believe the transcript, put back, or wait. */
async function step(
  tree: Tree,
  card: Card,
  mail: Mail,
  frame: Frame,
  attempt: Attempt,
): Promise<string | undefined> {
  const found = await approach(card)
  if ('held' in found) return found.held
  const { composer, agent } = found
  const ours = composer.state === 'holds' && agent.holdsExactly(composer.text, frame)
  if (ours) return await enter(tree, card, mail, found.pane, attempt)
  if (Date.now() - attempt.typedAt < SILENCE_MS) return whyNotEmpty(composer)
  if (agent.hasTaken(card, mail.id)) return believeTranscript(tree, card, mail, frame)
  if (composer.state === 'empty') return giveUp(tree, card, mail, 'it was typed and did not arrive')
  return whyNotEmpty(composer)
}

async function enter(
  tree: Tree,
  card: Card,
  mail: Mail,
  pane: Pane,
  attempt: Attempt,
): Promise<string | undefined> {
  if (attempt.enters >= MAX_ENTERS) return `its client did not take the text after ${MAX_ENTERS} Enters`
  if (!inOffice(tree)) return 'another courier has taken over'
  attempt.enters += 1
  attempt.enteredAt = Date.now()
  const pressed = await pressEnter(pane)
  record(tree, 'entered', card.address, mail.id, { pressed, enters: attempt.enters })
  return 'Enter was pressed, and no hook has seen it yet'
}

/** The client took the prompt and its hook did not run: it counts as given, and only reply_peer can answer it. */
function believeTranscript(tree: Tree, card: Card, mail: Mail, frame: Frame): undefined {
  given(tree, card, { text: `${frame.header}\n(by the transcript)`, hook: 'transcript' })
  record(tree, 'held', card.address, mail.id, { why: 'the prompt hook did not run: see repowire status' })
}

function giveUp(tree: Tree, card: Card, mail: Mail, why: string): undefined {
  if (putBack(tree, card.address, mail.file)) record(tree, 'put-back', card.address, mail.id, { why })
}

/** A late reply quotes its question, which lies in the asker's own journal or in the mailbox that was asked. */
function frameFor(tree: Tree, message: Message): Frame {
  const question =
    message.kind === 'reply' ? readAnywhere(tree, message.from, message.id, 'query')?.message.body : undefined
  return frameOf(message, question)
}
