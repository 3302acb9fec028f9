/**
 * A way into a session. Two of them exist, behind this one interface: its terminal, and its client's own inbox. What was
 * handed in at one door goes to the other only after the first was shown not to have delivered it. mailbox-spec §8.2, §8.4
 */

import type { Card } from '../protocol/card.ts'
import type { Frame } from '../protocol/frame.ts'
import type { Tree } from '../spool/tree.ts'
import type { View } from './tmux.ts'

export type DoorName = 'tmux' | 'socket'

/** `again`: in how many ms another look is worth it; undefined where no time will change it. */
export type Held = { why: string; again?: number }

/** What is handed in at once: one message, or several notices. `id`: of the first, which the frame begins with. */
export type Parcel = { id: string; urgent: boolean; frame: Frame }

/** What this courier knows of a parcel beside what the disk says. Times in ms by a clock that is never set; NEVER: before its start. */
export type Attempt = {
  door: DoorName
  /** Of all messages that were handed in together. */
  ids: string[]
  typedAt: number
  enteredAt: number
  enters: number
  /** `read`: its client is known to have read it; else it has once its state is newer than `since` (ms, this host's clock). */
  read?: boolean
  since?: number
  missing?: { at: number; since?: number }
}

/** What a look at a handed parcel found, where no hook has seen it: wait; its prompt is in the transcript; it is nowhere. */
export type Sign = Held | 'taken' | 'nowhere'

export type Seen = (pane: { socket: string; pane: string }) => Promise<View | undefined>

export type Door = {
  name: DoorName
  /** Why nothing can be handed in now, or undefined. Without a parcel: anything small. Looks, and changes nothing. */
  whyShut(card: Card, parcel?: Parcel, seen?: Seen): Promise<Held | undefined>
  /** `refused`: shown not to be inside. `unknown`: it may be. */
  hand(tree: Tree, card: Card, parcel: Parcel): Promise<'handed' | 'refused' | 'unknown'>
  /** One look, and at the terminal perhaps one Enter. */
  look(tree: Tree, card: Card, parcel: Parcel, attempt: Attempt): Promise<Sign>
}

/** By a clock that is never set. */
export const NEVER = Number.NEGATIVE_INFINITY
/** After this long without a sign of a message Enter may be pressed again, or the message be taken to be lost. */
export const SILENCE_MS = 1_500
