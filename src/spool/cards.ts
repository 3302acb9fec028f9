/** The cards in peers/, and by-pid/, which is a cache of them. mailbox-spec §5.1, §10. */

import { hostOf, isAddress } from '../protocol/address.ts'
import { type Card, type ProcessMark, parseCard, sameProcess } from '../protocol/card.ts'
import { cardPath } from '../protocol/layout.ts'
import {
  createWhole,
  isExhausted,
  isPassing,
  listByKind,
  listDirectory,
  readJson,
  readRegular,
  removeFile,
  replaceFile,
  touchFile,
  writtenAt,
} from './disk.ts'
import { isRemote } from './file-system.ts'
import { isOwnLabel } from './own-label.ts'
import { liveness } from './process.ts'
import { inRoot, inState, stateTemporaryPath, type Tree, temporaryPath } from './tree.ts'

/** Links the card into peers/; false when the name is taken. */
export function createCard(tree: Tree, card: Card): boolean {
  return createWhole(temporaryPath(tree), inRoot(tree, cardPath(card.address)), format(card))
}

/** Replaces a card of this host by rename. */
export function replaceCard(tree: Tree, card: Card): void {
  replaceFile(temporaryPath(tree), inRoot(tree, cardPath(card.address)), format(card), true)
}

/** When the file of a card was written, by the clock of its file system; undefined where there is none. */
export function cardWrittenAt(tree: Tree, address: string): number | undefined {
  return writtenAt(inRoot(tree, cardPath(address)))
}

/** Dates the file of a card anew, and leaves its text to whoever replaces it meanwhile. */
export function touchCard(tree: Tree, address: string): void {
  touchFile(inRoot(tree, cardPath(address)))
}

/**
 * True for the one process that may take over this registration; true again for the same process. A winner that died
 * before it replaced the card is followed by the one process that links its file behind the winner's.
 */
export function winTakeOver(tree: Tree, dead: Card, taker: ProcessMark): boolean {
  for (let name = `${dead.address}.${nameOf(dead.process)}`; ; ) {
    const file = inState(tree, `take-over/${name}.json`)
    if (createWhole(stateTemporaryPath(tree), file, JSON.stringify(taker))) return true
    const winner = readJson(file) as ProcessMark | undefined
    if (winner !== undefined && sameProcess(winner, taker)) return true
    if (winner === undefined || liveness(winner) !== 'dead') return false
    name = `${dead.address}.after-${nameOf(winner)}`
  }
}

function nameOf({ pid, start, boot }: ProcessMark): string {
  return `${pid}-${start.replace(/\W/g, '')}-${boot.slice(0, 8)}`
}

/** The card of an address, an alias too; undefined where there is none, or what lies there is no card that can be read. */
export function readCard(tree: Tree, address: string): Card | undefined {
  const text = readQuietly(tree, inRoot(tree, cardPath(address)))
  const card = text === undefined ? undefined : parseCard(text)
  return card?.address === address ? card : undefined
}

/** One bad entry must not hide the others; but what cannot be read for the moment is not no card: somebody would take its name. */
function readQuietly(tree: Tree, file: string): string | undefined {
  try {
    return readRegular(file)?.toString('utf8')
  } catch (error) {
    if (isExhausted(error) || (isPassing(error) && isRemote(tree.root))) throw error
    return undefined
  }
}

/** The card that mail for this address goes to: its own, or that of its new name. mailbox-spec §5.2 */
export function currentCard(tree: Tree, address: string): Card | undefined {
  const seen = new Set<string>()
  for (let at = address; !seen.has(at); ) {
    seen.add(at)
    const card = readCard(tree, at)
    if (card?.renamed === undefined) return card
    at = card.renamed
  }
  return undefined // in a circle
}

/**
 * This address and every later one of its peer, the latest last. While a peer gets another name its files go along this
 * line one by one: who looks in this order meets each of them. mailbox-spec §5.2
 */
export function namesSince(tree: Tree, address: string): string[] {
  const names = [address]
  for (let next = readCard(tree, address)?.renamed; next !== undefined && !names.includes(next); ) {
    names.push(next)
    next = readCard(tree, next)?.renamed
  }
  return names
}

/**
 * What `find` finds under the first of these names. A rename that is under way takes things from one to the next: there is nothing
 * when two looks in a row find it under none of the same names. mailbox-spec §5.2
 */
export function underAnyName<T>(
  tree: Tree,
  address: string,
  find: (name: string) => T | undefined,
): T | undefined {
  for (let before: string | undefined; ; ) {
    const names = namesSince(tree, address)
    for (const name of names) {
      const found = find(name)
      if (found !== undefined) return found
    }
    if (String(names) === before) return undefined
    before = String(names)
  }
}

/** Where mail for this address goes now; the address itself where no card says anything else. */
export function currentAddress(tree: Tree, address: string): string {
  return currentCard(tree, address)?.address ?? address
}

/**
 * True for mail that names `to` and lies in the mailbox of `address`: one peer's, under any of its names. What is on its
 * way while a peer is given its former name again lies in the mailbox of the other for a moment. mailbox-spec §5.2
 */
export function isFor(tree: Tree, to: string, address: string): boolean {
  if (to === address) return true
  const now = currentCard(tree, to)
  return now?.address === address || now?.formerly === address
}

/** Every address that has a card, by one readdir: no card is opened. */
export function listAddresses(tree: Tree): string[] {
  const files = listByKind(inRoot(tree, 'peers')).files.filter((file) => file.endsWith('.json'))
  return files.map((file) => file.slice(0, -'.json'.length)).filter(isAddress)
}

/** The cards of all peers, by address; without aliases. */
export function listCards(tree: Tree): Card[] {
  return allCards(tree).filter((card) => card.renamed === undefined)
}

/** This address, and those that its peer had before. */
export function namesOf(tree: Tree, address: string): string[] {
  const aliases = allCards(tree).filter(({ renamed }) => renamed !== undefined)
  const former = aliases.map((card) => card.address).filter((name) => currentAddress(tree, name) === address)
  return [address, ...former]
}

/** The cards of this host, aliases too. */
export function cardsOfHost(tree: Tree): Card[] {
  return allCards(tree).filter((card) => isOwnLabel(tree, hostOf(card.address)))
}

function allCards(tree: Tree): Card[] {
  return listAddresses(tree).flatMap((address) => readCard(tree, address) ?? [])
}

/** Retires a card: its name is free. Only where no mail remains. */
export function removeCard(tree: Tree, address: string): boolean {
  return removeFile(inRoot(tree, cardPath(address)))
}

const PUT_ASIDE = '.sync-conflict-'

/**
 * Removes from peers/ what Syncthing has put aside of the cards of this host. Only this host writes them: a lost index made two of a
 * card that was replaced, and the courier writes its card anew where the older one has won. Copies of other hosts' cards are theirs. mailbox-spec §7.4
 */
export function removeCardCopies(tree: Tree): void {
  for (const name of listByKind(inRoot(tree, 'peers')).files) {
    const address = name.slice(0, Math.max(0, name.indexOf(PUT_ASIDE)))
    if (isAddress(address) && isOwnLabel(tree, hostOf(address))) removeFile(inRoot(tree, `peers/${name}`))
  }
}

/** Remembers which address a process has, so that a hook need not read every card. */
export function rememberProcess(tree: Tree, card: Card): void {
  const file = inState(tree, `by-pid/${card.process.pid}.json`)
  const line = JSON.stringify({ process: card.process, address: card.address })
  replaceFile(stateTemporaryPath(tree), file, line)
}

/**
 * True where this host knows another living process that has the address of this card: a tree that was rolled back has brought back
 * the card of the one before it. Reads by-pid/, which is never shared. mailbox-spec §7.4
 */
export function hasLivingHeir(tree: Tree, { address, process: mark }: Card): boolean {
  return listDirectory(inState(tree, 'by-pid')).some((file) => {
    const known = readJson(inState(tree, `by-pid/${file}`)) as Partial<Remembered> | undefined
    if (known?.process === undefined || known.address === undefined) return false
    if (sameProcess(known.process, mark) || liveness(known.process) !== 'alive') return false
    return currentAddress(tree, known.address) === address
  })
}

type Remembered = { process: ProcessMark; address: string }

/** False where that was done before, or another process has the pid now. */
export function forgetProcess(tree: Tree, { process: mark }: Card): boolean {
  const file = inState(tree, `by-pid/${mark.pid}.json`)
  const known = readJson(file) as { process?: ProcessMark } | undefined
  return known?.process !== undefined && sameProcess(known.process, mark) && removeFile(file)
}

/** The card of this very process, or undefined: another process that has the same pid now does not count. */
export function cardOfProcess(tree: Tree, mark: ProcessMark): Card | undefined {
  const known = readJson(inState(tree, `by-pid/${mark.pid}.json`)) as { address?: string } | undefined
  const card = known?.address === undefined ? undefined : currentCard(tree, known.address)
  return card !== undefined && sameProcess(card.process, mark) ? card : undefined
}

// A reader over sshfs may see a new text cut to the length of the old one: with spaces nearly every card is of one length.
const CARD_BYTES = 1_024

function format(card: Card): string {
  const text = JSON.stringify(card)
  const short = CARD_BYTES - ((Buffer.byteLength(text) + 1) % CARD_BYTES)
  return `${text}${' '.repeat(short % CARD_BYTES)}\n`
}
