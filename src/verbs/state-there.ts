/**
 * Where a message to a peer of another host is, for who sent it. That host moves it, and a synchroniser shows the moves late, with gaps, and
 * as a loss between two: so what was seen once counts until something further on is seen. mailbox-spec §6.1
 */

import { fileName, type Kind, type State } from '../protocol/layout.ts'
import { namesSince, underAnyName } from '../spool/cards.ts'
import { readAbout, tell } from '../spool/journal.ts'
import { findMessage } from '../spool/publish.ts'
import { readAnywhere } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'

const FAR: Record<State, number> = { new: 0, held: 0, cur: 1, open: 2, done: 3, dead: 3 }

/** `from`: this host's peer, who sent it. */
type Sent = { id: string; kind: Kind; from: string; to: string }

/**
 * The most advanced directory that this host has seen it in, now or before; `new` where it has seen it in none. Writes `seen` where it is further on than
 * the journal says.
 */
export function stateThere(tree: Tree, sent: Sent): State {
  const before = stateBefore(tree, sent)
  const now = stateNow(tree, sent)
  if (now === undefined || FAR[now] < FAR[before]) return before
  if (FAR[now] > FAR[before]) tell(tree, 'seen', sent.from, sent.id, { kind: sent.kind, state: now })
  return now
}

function stateNow(tree: Tree, { id, kind, from, to }: Sent): State | undefined {
  // Read, not only found: anybody may have put a file of this name there.
  const reply =
    kind === 'query' ? underAnyName(tree, from, (name) => readAnywhere(tree, name, id, 'reply')) : undefined
  if (reply !== undefined && reply.state !== 'dead') return 'done'
  return underAnyName(tree, to, (name) => findMessage(tree, name, fileName(id, kind)))
}

/** A question whose answer was consumed is over, whatever is shown of it. */
function stateBefore(tree: Tree, { id, kind, from }: Sent): State {
  const names = namesSince(tree, from)
  const lines = readAbout(tree, [id]).filter(({ peer }) => names.includes(peer))
  if (kind === 'query' && lines.some(({ event }) => event === 'consumed')) return 'done'
  const seen = lines.filter((line) => line.event === 'seen' && line.kind === kind)
  return seen.reduce<State>(
    (far, { state }) => (FAR[state as State] > FAR[far] ? (state as State) : far),
    'new',
  )
}
