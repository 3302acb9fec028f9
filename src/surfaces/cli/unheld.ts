/** What an agent at a shell is shown of what its user must let through: that it is there, and none of its text. mailbox-spec §11.2 */

import type { Card } from '../../protocol/card.ts'
import type { Entry } from '../../spool/journal.ts'
import type { Tree } from '../../spool/tree.ts'
import { listHeld } from '../../verbs/approve.ts'
import type { Placed } from '../../verbs/find.ts'

/** Lines of the journal for whoever looks. */
export function withoutHeld(tree: Tree, me: Card | undefined, entries: Entry[]): Entry[] {
  if (isPerson(me)) return entries
  const held = new Set<unknown>(listHeld(tree).map(({ mail }) => mail.id))
  return entries.map((entry) => (held.has(entry.id) && 'body' in entry ? { ...entry, body: HIDDEN } : entry))
}

/** Messages for whoever looks. */
export function withoutHeldText(me: Card | undefined, places: Placed[]): Placed[] {
  if (isPerson(me)) return places
  return places.map((one) =>
    one.state === 'held' ? { ...one, message: { ...one.message, body: HIDDEN } } : one,
  )
}

const HIDDEN = '(held for the user)'

function isPerson(me: Card | undefined): boolean {
  return me === undefined || me.agent === 'person'
}
