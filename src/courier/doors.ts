import { agentOf } from '../agents/agents.ts'
import type { Card } from '../protocol/card.ts'
import { readConfig } from '../spool/config.ts'
import type { Tree } from '../spool/tree.ts'
import type { Door, DoorName, Held, Parcel, Seen } from './door.ts'
import { whyPaused } from './gates.ts'
import { inboxSocket } from './inbox-socket.ts'
import { terminal } from './terminal.ts'

const DOORS: Record<DoorName, Door> = { tmux: terminal, socket: inboxSocket }

export function doorNamed(name: DoorName): Door {
  return DOORS[name]
}

/** What who asks about many peers has asked for all of them: how a pane is looked at, and the order of config.json. */
type Known = { seen?: Seen; order?: DoorName[] }

/**
 * The first door that a parcel fits through now, in the order of config.json; where there is none, why the first one that
 * this peer has is shut. Looks, and changes nothing. mailbox-spec §8.4
 */
export async function openDoor(
  tree: Tree,
  card: Card,
  parcel?: Parcel,
  { seen, order }: Known = {},
): Promise<Door | Held> {
  let first: Held | undefined
  for (const door of doorsOf(card, order ?? readConfig(tree).doors)) {
    const held = await door.whyShut(card, parcel, seen)
    if (held === undefined) return door
    first ??= held
  }
  const { why, again } = first ?? { why: 'config.json opens no other door to it' }
  const bare = card.tmux === undefined && agentOf(card.agent) !== undefined
  return { why: bare ? `it runs in no tmux pane, and ${why}` : why, again }
}

function doorsOf(card: Card, order: DoorName[]): Door[] {
  return order.map(doorNamed).filter(({ name }) => name !== 'tmux' || card.tmux !== undefined)
}

/** The whole question: why a new message would not be handed over now, or undefined. */
export async function whyHeld(tree: Tree, card: Card, known?: Known): Promise<string | undefined> {
  const paused = whyPaused(tree, card)
  if (paused !== undefined) return paused.why
  const found = await openDoor(tree, card, someParcel(card), known)
  return 'why' in found ? found.why : undefined
}

/** Of the size that most messages have. */
function someParcel({ address }: Card): Parcel {
  const header = `[repowire:20261122t094012412z-k3v9x2p8 question from ${address}]`
  return { id: '', urgent: false, frame: { header, body: '' } }
}
