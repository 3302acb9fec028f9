import type { Card } from '../protocol/card.ts'
import { isOnlyOurs } from '../protocol/frame.ts'
import { pauseOf } from '../spool/pause.ts'
import { type Mail, read, scan } from '../spool/scan.ts'
import { toldOf, writeTold } from '../spool/told.ts'
import type { Tree } from '../spool/tree.ts'

// A hook reads no more files than this; the rest is told of with the next prompt.
const MOST_READ = 100

/**
 * How many quiet notices wait in new/ for an agent that has just been given a prompt of its own; 0 where it was told of all of
 * them before, where the prompt is only ours, and while it is paused. Writes told/<address>.json. mailbox-spec §8.5
 */
export function waitingNotices(tree: Tree, card: Card, prompt: string): number {
  const notices = scan(tree, card.address, 'new').filter(({ kind }) => kind === 'notice')
  if (notices.length === 0 || isOnlyOurs(prompt) || pauseOf(tree, card.address) !== undefined) return 0
  const told = new Set(toldOf(tree, card.address))
  const newer = notices.filter(({ id }) => !told.has(id)).slice(0, MOST_READ)
  const quiet = newer.filter((mail) => isQuiet(tree, card.address, mail))
  if (quiet.length === 0) return 0
  const waiting = notices.filter((mail) => told.has(mail.id) || quiet.includes(mail))
  writeTold(
    tree,
    card.address,
    waiting.map(({ id }) => id),
  )
  return waiting.length
}

function isQuiet(tree: Tree, address: string, mail: Mail): boolean {
  const parsed = read(tree, address, 'new', mail)
  return parsed !== undefined && 'message' in parsed && parsed.message.wake === false
}
