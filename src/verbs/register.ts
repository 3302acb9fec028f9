import * as path from 'node:path'
import { nthName, toName } from '../protocol/address.ts'
import { type AgentKind, type Card, type ProcessMark, sameProcess } from '../protocol/card.ts'
import { SPEC } from '../protocol/layout.ts'
import {
  cardOfProcess,
  cardsOfHost,
  createCard,
  readCard,
  rememberProcess,
  replaceCard,
  winTakeOver,
} from '../spool/cards.ts'
import { circleOfDirectory } from '../spool/circles.ts'
import { record } from '../spool/journal.ts'
import { timestamp } from '../spool/new-id.ts'
import { liveness } from '../spool/process.ts'
import { makeMailbox } from '../spool/publish.ts'
import { hasMoved, isSamePlace, type Place, placeOf } from '../spool/repository.ts'
import { hasMail } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { finishRename } from './rename.ts'
import { settle } from './settle.ts'

/** `name`, `circle`: what its user said that the session is to be called and belongs to (REPOWIRE_NAME, REPOWIRE_CIRCLE). */
export type Applicant = {
  agent: AgentKind
  process: ProcessMark
  directory: string
  tmux?: { socket: string; pane: string }
  session_file?: string
  inbox?: string
  /** The server that registers its client. */
  server?: ProcessMark
  name?: string
  circle?: string
}

/**
 * Gives this process an address and publishes its card in peers/: its own card if it has one, else the name that its
 * directory was given by a rename or had before it was moved, else the first free name. A dead process's name of the
 * same directory is taken over after what it held is settled. Creates the mailbox, writes by-pid/. Harmless when
 * repeated, also by two processes at once. mailbox-spec §5.2
 */
export function register(tree: Tree, applicant: Applicant): Card {
  const remembered = cardOfProcess(tree, applicant.process)
  if (remembered !== undefined) return complete(tree, remembered, applicant)
  const cards = cardsOfHost(tree)
  const known = cards.find(
    (card) => card.renamed === undefined && sameProcess(card.process, applicant.process),
  )
  const card = known === undefined ? enter(tree, applicant, cards) : complete(tree, known, applicant)
  rememberProcess(tree, card)
  return card
}

function enter(tree: Tree, applicant: Applicant, cards: Card[]): Card {
  const place = placeOf(applicant.directory)
  const base = toName(applicant.name ?? path.basename(place.directory), 'peer')
  const dead = cards.filter((card) => isSamePlace(card, place) && isVacant(card))
  for (const card of dead) finishRename(tree, card)
  const given = applicant.name === undefined ? givenAddresses(dead, place) : []
  const circle = circleOf(tree, applicant)
  const kept = [...new Set([...given, ...numberedAddresses(dead, base)])]
  for (let n = 1 - kept.length; ; n++) {
    const address = kept.shift() ?? `${nthName(base, n)}@${tree.host}`
    const card = tryName(tree, cardFor(applicant, address, place, circle))
    if (card !== undefined) return card
  }
}

/** What this directory was called by a rename, or before it was moved. */
function givenAddresses(dead: Card[], place: Place): string[] {
  return dead
    .filter((card) => card.formerly !== undefined || hasMoved(card, place))
    .map(({ address }) => address)
}

/** Which of name, name-2, name-3 it had, the lowest first: its mail is there, also where a lower one is free by now. */
function numberedAddresses(dead: Card[], base: string): string[] {
  const rest = (address: string) => address.slice(base.length, address.indexOf('@'))
  const numbered = dead.filter(({ address }) => address.startsWith(base) && /^(-\d+)?$/.test(rest(address)))
  return numbered.map(({ address }) => address).sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
}

/** What its user said, else what config.json says of its directory. mailbox-spec §5.6 */
function circleOf(tree: Tree, { circle, directory }: Applicant): string | undefined {
  const said = circle === undefined ? '' : toName(circle, '')
  return said || circleOfDirectory(tree, directory)
}

function cardFor(applicant: Applicant, address: string, place: Place, circle: string | undefined): Card {
  const { agent, process, tmux, session_file, server, inbox } = applicant
  const more = defined({ tmux, session_file, inbox, server, circle })
  return { spec: SPEC, address, agent, ...place, process, ...more, registered: timestamp() }
}

function tryName(tree: Tree, card: Card): Card | undefined {
  // Without its card nobody can tell whose mail it is: the name stays kept.
  if (readCard(tree, card.address) === undefined && hasMail(tree, card.address)) return undefined
  makeMailbox(tree, card.address)
  if (createCard(tree, card)) return entered(tree, card)
  const holder = readCard(tree, card.address)
  return holder && join(tree, holder, card)
}

function join(tree: Tree, holder: Card, card: Card): Card | undefined {
  if (holder.renamed === undefined && sameProcess(holder.process, card.process)) return holder
  const mine = isVacant(holder) && isSamePlace(holder, card)
  return mine && winTakeOver(tree, holder, card.process) ? takeOver(tree, holder, card) : undefined
}

/** Of a process that is over, and neither a person's nor an alias. */
function isVacant(card: Card): boolean {
  return card.renamed === undefined && card.agent !== 'person' && liveness(card.process) === 'dead'
}

function takeOver(tree: Tree, holder: Card, card: Card): Card | undefined {
  settle(tree, holder)
  const kept = holder.formerly === undefined ? card : { ...card, formerly: holder.formerly }
  const now = readCard(tree, card.address)
  if (now?.renamed === undefined && now !== undefined && sameProcess(now.process, holder.process))
    replaceCard(tree, kept)
  const winner = readCard(tree, card.address)
  return winner !== undefined && sameProcess(winner.process, card.process) ? entered(tree, winner) : undefined
}

function entered(tree: Tree, card: Card): Card {
  record(tree, 'registered', card.address, undefined, { pid: card.process.pid, directory: card.directory })
  return card
}

/**
 * A card that was written by whoever came first and knew less (a server before the first hook) is completed. Its circle is
 * what a hook finds now: a server may lack the client's environment, and asks all the time.
 */
function complete(tree: Tree, card: Card, applicant: Applicant): Card {
  const tmux = card.tmux ?? applicant.tmux
  const session_file = card.session_file ?? applicant.session_file
  const agent = card.agent === 'other' ? applicant.agent : card.agent
  const inbox = card.inbox ?? applicant.inbox
  const server = serverOf(card, applicant)
  const { circle: before, ...rest } = card
  const circle = applicant.server === undefined ? circleOf(tree, applicant) : before
  const more = { ...rest, agent, ...defined({ tmux, session_file, inbox, server, circle }) }
  // Not by an import: of node:util that loads all that it offers, which costs a command 3 ms.
  const { isDeepStrictEqual } = process.getBuiltinModule('node:util')
  if (isDeepStrictEqual(more, card)) return card
  replaceCard(tree, more)
  return more
}

function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>
}

/** A client may start several servers: the first that lives counts. */
function serverOf({ server }: Card, applicant: Applicant): ProcessMark | undefined {
  if (server === undefined || applicant.server === undefined) return server ?? applicant.server
  const stays = sameProcess(server, applicant.server) || liveness(server) !== 'dead'
  return stays ? server : applicant.server
}
