import { hostOf } from '../protocol/address.ts'
import { fileName } from '../protocol/layout.ts'
import { type Ask, forgetAsk, listAskFiles, listAsks } from '../spool/asks.ts'
import { underAnyName } from '../spool/cards.ts'
import { readAbout } from '../spool/journal.ts'
import { readSent, sentBytes } from '../spool/outbox.ts'
import { isOwnLabel } from '../spool/own-label.ts'
import { liveness } from '../spool/process.ts'
import { findMessage } from '../spool/publish.ts'
import { mailboxesOfHost } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'

/**
 * Forgets the questions of this peer that are none: what it was about to ask when its process died, and what was
 * answered and consumed by a process that died before it said so. mailbox-spec §9.1
 */
export function forgetStaleAsks(tree: Tree, address: string): void {
  const consumed = listAskFiles(tree, address).filter(({ id }) => isConsumed(tree, address, id))
  const dead = listAsks(tree, address).filter(({ process }) => liveness(process) === 'dead')
  const nowhere = dead.filter((ask) => isNowhere(tree, address, ask))
  for (const { id } of [...consumed, ...nowhere]) forgetAsk(tree, address, id)
}

/** Files in asks/ that a tree which was rolled back brought back: this host knows that the answer was consumed. mailbox-spec §7.4 */
export function forgetReturnedAsks(tree: Tree): void {
  for (const address of mailboxesOfHost(tree))
    for (const { id } of listAskFiles(tree, address))
      if (isConsumed(tree, address, id) || readAbout(tree, [id]).some(({ event }) => event === 'consumed'))
        forgetAsk(tree, address, id)
}

function isConsumed(tree: Tree, address: string, id: string): boolean {
  return findMessage(tree, address, fileName(id, 'reply')) === 'done'
}

/**
 * True for a question that was never published. What is kept in the outbox and was published is only lost, and comes back. Of one to another
 * host, whose replica may be behind, this host's own records tell.
 */
export function isNowhere(tree: Tree, address: string, { id, to }: Ask): boolean {
  if (!isOwnLabel(tree, hostOf(to))) return isUnknown(tree, id)
  const query = underAnyName(tree, to, (name) => findMessage(tree, name, fileName(id, 'query')))
  if (query !== undefined || findMessage(tree, address, fileName(id, 'reply')) !== undefined) return false
  return !isKept(tree, id)
}

/** It is kept before it is published, and written down before it is forgotten. */
function isUnknown(tree: Tree, id: string): boolean {
  return sentBytes(tree, id, 'query') === undefined && readAbout(tree, [id]).length === 0
}

function isKept(tree: Tree, id: string): boolean {
  return (
    readSent(tree, id, 'query') !== undefined && readAbout(tree, [id]).some(({ event }) => event === 'asked')
  )
}
