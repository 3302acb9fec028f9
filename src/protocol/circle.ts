/** Circles: which agents belong together. Order and no wall: nothing here is secret. mailbox-spec §5.6 */

import type { Card } from './card.ts'

/** True for a peer in whose circle this one is; a person, and whoever has no card yet, is in every one. */
export function sharesCircle(me: Card | undefined, peer: Pick<Card, 'agent' | 'circle'>): boolean {
  return me === undefined || me.agent === 'person' || peer.agent === 'person' || me.circle === peer.circle
}

/** A directory of `circles` as its owner means it: `~/` is `home`. */
export function atHome(directory: string, home: string): string {
  return directory.startsWith('~/') ? `${home}${directory.slice(1)}` : directory
}

export function isCircleDirectory(text: string): boolean {
  return text.startsWith('/') || text.startsWith('~/')
}
