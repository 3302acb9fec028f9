/**
 * The door through the terminal: paste, look, Enter.
 *
 * Refused here: waiting a fixed time before Enter, escape keys, stashing a draft, and Enter on a box that holds anything else.
 */

import type { Agent, Composer } from '../agents/agent.ts'
import type { Card } from '../protocol/card.ts'
import { type Frame, idIn } from '../protocol/frame.ts'
import { removeFile, replaceFile } from '../spool/disk.ts'
import { record } from '../spool/journal.ts'
import { readAnywhere } from '../spool/scan.ts'
import { inState, stateTemporaryPath, type Tree } from '../spool/tree.ts'
import { frameFor } from '../verbs/exchange.ts'
import { inOffice } from './courier-file.ts'
import type { Attempt, Door, Held, Parcel, Seen, Sign } from './door.ts'
import { SILENCE_MS } from './door.ts'
import { approach, type Look, STATUS_MS, whyNotEmpty } from './gates.ts'
import { clearRows, type Pane, paste, pressEnter, type View } from './tmux.ts'

const MAX_ENTERS = 3
/** A client that starts, or is short of time, reads its keys late; what is typed twice comes twice. */
const UNREAD_MS = 10_000

export const terminal: Door = { name: 'tmux', whyShut, hand, look }

async function whyShut(card: Card, parcel?: Parcel, seen?: Seen): Promise<Held | undefined> {
  const found = await approach(card, seen)
  if ('why' in found) return found
  return whyNotEmpty(found.composer) ?? (parcel && whyNoRoom(found.agent, found.view, parcel.frame))
}

function whyNoRoom(agent: Agent, { width, height }: View, frame: Frame): Held | undefined {
  if (agent.fits(frame, width, height)) return undefined
  return { why: `its pane is too small (${width}x${height}) to see what is typed`, again: 1_000 }
}

/** Pastes the header, then the body from a file in the state directory. */
async function hand(tree: Tree, card: Card, { id, frame }: Parcel) {
  const file = inState(tree, `typing/${id}.txt`)
  replaceFile(stateTemporaryPath(tree), file, frame.body)
  const pasted = await paste(card.tmux as Pane, id, frame.header, file)
  removeFile(file)
  return pasted === 'pasted' ? 'handed' : pasted
}

/** One row of the table in mailbox-spec §8.2: press Enter, believe the transcript, or wait. */
async function look(tree: Tree, card: Card, parcel: Parcel, attempt: Attempt): Promise<Sign> {
  const found = await approach(card)
  if ('why' in found) return found
  const { composer, agent } = found
  if (holds(agent, composer, parcel.frame)) return await enter(tree, card, parcel, found.pane, attempt)
  const silence = attempt.enters > 0 ? SILENCE_MS : UNREAD_MS
  if (composer.state !== 'empty' || performance.now() - attempt.typedAt < silence)
    return whyNotEmpty(composer) ?? { why: 'it was typed, and no hook has seen it yet', again: STATUS_MS }
  return agent.taken(card, parcel.id) === undefined ? 'nowhere' : 'taken'
}

function holds(agent: Agent, composer: Composer, frame: Frame): boolean {
  return composer.state === 'holds' && agent.holdsExactly(composer.text, frame)
}

async function enter(tree: Tree, card: Card, { id }: Parcel, pane: Pane, attempt: Attempt): Promise<Held> {
  if (attempt.enters >= MAX_ENTERS)
    return { why: `its client did not take the text after ${MAX_ENTERS} Enters`, again: 1_000 }
  if (!inOffice(tree)) return { why: 'another courier has taken over' }
  const at = performance.now()
  const pressed = await pressEnter(pane)
  if (pressed === 'refused') return { why: 'it was typed, and its pane took no Enter', again: STATUS_MS }
  attempt.enters += 1
  attempt.enteredAt = at
  record(tree, 'entered', card.address, id, { pressed: pressed === 'pressed', enters: attempt.enters })
  return { why: 'Enter was pressed, and no hook has seen it yet', again: STATUS_MS }
}

/**
 * The box may hold a text of ours that is not on its way: Esc puts a prompt back into it, or it was read late. It is
 * no draft of the user's; where it is shown to be that text and nothing else, it is taken out. True when it was.
 * mailbox-spec §8.2
 */
export async function clearStranded(tree: Tree, card: Card): Promise<boolean> {
  const found = await approach(card)
  if ('why' in found) return false
  const id = strandedIn(tree, card, found)
  if (id === undefined || !inOffice(tree)) return false
  const rows = 'text' in found.composer ? found.composer.text.split('\n').length : 1
  const cleared = (await clearRows(found.pane, rows)) === 'pressed'
  record(tree, 'cleared', card.address, id, { cleared })
  return cleared
}

/** The id of the message that the box holds exactly, where it is not on its way: over, or put back because it seemed lost. */
function strandedIn(tree: Tree, card: Card, { composer, agent }: Look): string | undefined {
  const id = composer.state === 'holds' ? idIn(composer.text) : undefined
  const kinds = ['query', 'reply', 'notice'] as const
  const found = id && kinds.map((kind) => readAnywhere(tree, card.address, id, kind)).find(Boolean)
  if (!id || !found || !['new', 'done', 'dead'].includes(found.state)) return undefined
  return holds(agent, composer, frameFor(tree, found.message)) ? id : undefined
}
