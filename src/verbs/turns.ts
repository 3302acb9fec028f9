/**
 * Two agents that wake each other again and again burn their users' money. How many turns a pair causes in an hour is
 * counted where they are sent, and limited. A person is not: whoever types has a hand on it. mailbox-spec §9.5
 */

import type { Card } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import { readCard } from '../spool/cards.ts'
import { readConfig } from '../spool/config.ts'
import type { Tree } from '../spool/tree.ts'
import { HOUR_MS, noteTurn, turnsOfLastHour } from '../spool/turns.ts'

/** Refuses what would cause one turn too many between `me` and `to`. Writes nothing. Errors: too-many-turns. */
export function refuseTooManyTurns(tree: Tree, me: string, to: Card): void {
  const most = readConfig(tree).turns_per_hour
  if (most === 0 || !isCounted(tree, me, to)) return
  const turns = turnsOfLastHour(tree, me, to.address)
  const first = turns[turns.length - most]
  if (first !== undefined) throw tooMany(to.address, most, first + HOUR_MS)
}

/** Counts a turn that was caused: a query, or a notice that wakes. What cannot be counted (a full disk) was sent all the same. */
export function countTurn(tree: Tree, me: string, to: Card): void {
  try {
    if (isCounted(tree, me, to)) noteTurn(tree, me, to.address)
  } catch (error) {
    process.stderr.write(`repowire: a turn is not counted (${(error as Error).message})\n`)
  }
}

function isCounted(tree: Tree, me: string, to: Card): boolean {
  return to.agent !== 'person' && readCard(tree, me)?.agent !== 'person'
}

function tooMany(to: string, most: number, next: number): RepowireError {
  const minutes = Math.max(1, Math.ceil((next - Date.now()) / 60_000))
  return new RepowireError(
    'too-many-turns',
    `You and ${to} have caused each other ${most} turns within an hour, and more are not allowed.`,
    `Go on without it, or leave a notice that does not wake (wake: false). The next is possible in ${minutes} min, at ${new Date(next).toISOString()}. "turns_per_hour" in config.json is the limit.`,
  )
}
