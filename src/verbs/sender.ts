/**
 * Who speaks. A process is the agent above it or, where there is none, the person: by ancestry, never by what it says.
 * Whoever reads mail of this host checks the writer by that, as far as the directories tell. mailbox-spec §11
 */

import { hostOf } from '../protocol/address.ts'
import { type Card, type ProcessMark, sameProcess } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import type { Message } from '../protocol/message.ts'
import { askOf, isAsked } from '../spool/asks.ts'
import { cardOfProcess, currentAddress, isFor, listCards, namesSince, readCard } from '../spool/cards.ts'
import { isOwnLabel } from '../spool/own-label.ts'
import { ancestryOf, liveness, markOf } from '../spool/process.ts'
import type { Tree } from '../spool/tree.ts'

/**
 * The nearest agent among this process and its ancestors; undefined for a person's shell. Reads the cards themselves of all
 * hosts where the cache knows none: which host this is, and where its cache is, a variable can say. mailbox-spec §11
 */
export function agentAbove(tree: Tree, pid: number): Card | undefined {
  const marks = ancestryOf(pid).flatMap((up) => markOf(up) ?? [])
  return nearest(marks, (mark) => cardOfProcess(tree, mark)) ?? nearestOf(marks, listCards(tree))
}

/** Throws where an agent is above this process: only a person may do that. `what`: in words. Errors: agent-may-not. mailbox-spec §11 */
export function refuseAgent(tree: Tree, pid: number, what: string): void {
  const agent = agentAbove(tree, pid)
  if (agent === undefined) return
  throw new RepowireError(
    'agent-may-not',
    `This runs inside of ${agent.address}: an agent must not ${what}.`,
    'Run it in a shell of your own.',
  )
}

function nearest(marks: ProcessMark[], find: (mark: ProcessMark) => Card | undefined): Card | undefined {
  return marks.flatMap((mark) => find(mark) ?? []).find((card) => card.agent !== 'person')
}

function nearestOf(marks: ProcessMark[], cards: Card[]): Card | undefined {
  return nearest(marks, (mark) => cards.find((card) => sameProcess(card.process, mark)))
}

/**
 * Why the `from` of a message in this mailbox cannot be its writer; undefined where nothing speaks against it. A query has
 * its asker's file in asks/, which names a process of the asker; a reply comes from whom was asked; a notice from a peer
 * that has a card. Of another host only its own courier can tell.
 */
export function whyForged(tree: Tree, address: string, message: Message): string | undefined {
  if (message.kind === 'reply') return whyNotAsked(tree, address, message)
  if (!isOwnLabel(tree, hostOf(message.from))) return undefined
  if (message.kind === 'query') return whyNotAsking(tree, address, message)
  return readCard(tree, message.from) === undefined ? `there is no peer ${message.from}` : undefined
}

function whyNotAsked(tree: Tree, address: string, { id, from }: Message): string | undefined {
  const to = askOf(tree, address, id)?.to
  const right = to === undefined || currentAddress(tree, to) === currentAddress(tree, from)
  return right ? undefined : `it was asked of ${to}`
}

function whyNotAsking(tree: Tree, address: string, { id, from }: Message): string | undefined {
  const now = currentAddress(tree, from)
  // While an asker gets another name its file is in asks/ of the former one still.
  const asker = namesSince(tree, from).find((address) => isAsked(tree, address, id))
  if (asker === undefined) return `${from} does not ask it`
  const ask = askOf(tree, asker, id)
  if (ask === undefined) return undefined // a power cut left the file empty
  if (!isFor(tree, ask.to, address)) return `${from} asks it of ${ask.to}`
  return isOf(tree, now, ask.process) ? undefined : `the process that asks is not one of ${from}`
}

/**
 * False for a process of another agent. One that is over is believed, and one that no agent is above: it has outlived its
 * client, or the shell that started it.
 */
function isOf(tree: Tree, address: string, mark: ProcessMark): boolean {
  if (liveness(mark) !== 'alive') return true
  const above = agentAbove(tree, mark.pid)
  return above === undefined || above.address === address
}
