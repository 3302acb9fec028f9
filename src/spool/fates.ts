/** What the journal says became of a message. It beats the directories: those can be rolled back. mailbox-spec §7.4 */

import type { State } from '../protocol/layout.ts'
import { currentAddress } from './cards.ts'
import { type Entry, readAbout } from './journal.ts'
import type { Mail } from './scan.ts'
import type { Tree } from './tree.ts'

/** Where it belongs; `replied`: its reply was written down, and nobody has said that it ended. Undefined: nothing was done to it yet. */
export type Fate = Extract<State, 'open' | 'done' | 'dead'> | 'replied'

/** Of a message in this mailbox. `about`: what the journal has about it, where that was read before. */
export function fateOf(
  tree: Tree,
  address: string,
  { id, kind }: Pick<Mail, 'id' | 'kind'>,
  about: Entry[] = readAbout(tree, [id]),
): Fate | undefined {
  const mine = about.filter((entry) => entry.id === id)
  const peer = mine.length === 0 ? address : currentAddress(tree, address)
  const events = mine.filter((entry) => currentAddress(tree, entry.peer) === peer)
  const has = (event: string) => events.some((entry) => entry.event === event)
  if (kind === 'reply') return has('consumed') ? 'done' : undefined
  if (kind === 'notice') return has('given') ? 'done' : has('ended') ? 'dead' : undefined
  if (kind === 'cancel') return undefined
  // What was refused may be a cancel of this name.
  const end = events.find(({ event, kind: of = kind }) => event === 'ended' && of === kind)
  if (end !== undefined) return end.outcome === 'answered' || end.outcome === 'unanswered' ? 'done' : 'dead'
  return has('replied') ? 'replied' : has('given') ? 'open' : undefined
}
