import * as path from 'node:path'
import { nthName, toName } from '../protocol/address.ts'
import { type AgentKind, type Card, type ProcessMark, sameProcess } from '../protocol/card.ts'
import { SPEC } from '../protocol/layout.ts'
import {
  cardOfProcess,
  createCard,
  listCards,
  readCard,
  rememberProcess,
  replaceCard,
  winTakeOver,
} from '../spool/cards.ts'
import { record } from '../spool/journal.ts'
import { timestamp } from '../spool/new-id.ts'
import { liveness } from '../spool/process.ts'
import { makeMailbox } from '../spool/publish.ts'
import { topLevel } from '../spool/repository.ts'
import type { Tree } from '../spool/tree.ts'
import { settle } from './settle.ts'

export type Applicant = {
  agent: AgentKind
  process: ProcessMark
  directory: string
  tmux?: { socket: string; pane: string }
  session_file?: string
  name?: string
}

/**
 * Gives this process an address and publishes its card in peers/: its own card if it has one, else the first free name
 * of its directory. A dead process's name of the same directory is taken over after what it held is settled. Creates
 * the mailbox, writes by-pid/. Harmless when repeated, also by two processes at once. mailbox-spec §5
 */
export function register(tree: Tree, applicant: Applicant): Card {
  const remembered = cardOfProcess(tree, applicant.process)
  if (remembered !== undefined) return complete(tree, remembered, applicant)
  const known = listCards(tree).find((card) => sameProcess(card.process, applicant.process))
  const card = known === undefined ? enter(tree, applicant) : complete(tree, known, applicant)
  rememberProcess(tree, card)
  return card
}

function enter(tree: Tree, applicant: Applicant): Card {
  const directory = topLevel(applicant.directory)
  const base = applicant.name ?? toName(path.basename(directory), 'peer')
  for (let n = 1; ; n++) {
    const address = `${nthName(base, n)}@${tree.host}`
    const card = tryName(tree, cardFor(applicant, address, directory))
    if (card !== undefined) return card
  }
}

function cardFor(applicant: Applicant, address: string, directory: string): Card {
  const { agent, process, tmux, session_file } = applicant
  const place = { ...(tmux && { tmux }), ...(session_file !== undefined && { session_file }) }
  return { spec: SPEC, address, agent, directory, process, ...place, registered: timestamp() }
}

function tryName(tree: Tree, card: Card): Card | undefined {
  makeMailbox(tree, card.address)
  if (createCard(tree, card)) return entered(tree, card)
  const holder = readCard(tree, card.address)
  if (holder === undefined) return undefined
  if (sameProcess(holder.process, card.process)) return holder
  return mayTakeOver(tree, holder, card) ? takeOver(tree, holder, card) : undefined
}

function mayTakeOver(tree: Tree, holder: Card, card: Card): boolean {
  const same = holder.directory === card.directory && holder.agent !== 'person'
  return same && liveness(holder.process) === 'dead' && winTakeOver(tree, holder, card.process)
}

function takeOver(tree: Tree, holder: Card, card: Card): Card | undefined {
  settle(tree, holder)
  const now = readCard(tree, card.address)
  if (now !== undefined && sameProcess(now.process, holder.process)) replaceCard(tree, card)
  const winner = readCard(tree, card.address)
  return winner !== undefined && sameProcess(winner.process, card.process) ? entered(tree, winner) : undefined
}

function entered(tree: Tree, card: Card): Card {
  record(tree, 'registered', card.address, undefined, { pid: card.process.pid, directory: card.directory })
  return card
}

/** A card that was written by whoever came first and knew less (a server before the first hook) is completed. */
function complete(tree: Tree, card: Card, applicant: Applicant): Card {
  const tmux = card.tmux ?? applicant.tmux
  const session_file = card.session_file ?? applicant.session_file
  const agent = card.agent === 'other' ? applicant.agent : card.agent
  if (tmux === card.tmux && session_file === card.session_file && agent === card.agent) return card
  const more = { ...card, agent, ...(tmux && { tmux }), ...(session_file !== undefined && { session_file }) }
  replaceCard(tree, more)
  return more
}
