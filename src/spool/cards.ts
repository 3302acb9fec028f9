/** The cards in peers/, and by-pid/, which is a cache of them. mailbox-spec §5. */

import { parseAddress } from '../protocol/address.ts'
import { type Card, type ProcessMark, parseCard, sameProcess } from '../protocol/card.ts'
import { cardPath } from '../protocol/layout.ts'
import {
  createWhole,
  linkOnce,
  listDirectory,
  readJson,
  readText,
  removeFile,
  renameFile,
  replaceFile,
  writeNew,
} from './disk.ts'
import { liveness } from './process.ts'
import { inRoot, inState, type Tree, temporaryPath } from './tree.ts'

/** Links the card into peers/; false when the name is taken. */
export function createCard(tree: Tree, card: Card): boolean {
  const temporary = temporaryPath(tree)
  writeNew(temporary, format(card), true)
  try {
    return linkOnce(temporary, inRoot(tree, cardPath(card.address)))
  } finally {
    removeFile(temporary)
  }
}

/** Replaces a card of this host by rename. */
export function replaceCard(tree: Tree, card: Card): void {
  const temporary = temporaryPath(tree)
  writeNew(temporary, format(card), true)
  renameFile(temporary, inRoot(tree, cardPath(card.address)))
}

/** True for the one process that may take over this registration; true again for the same process. */
export function winTakeOver(tree: Tree, dead: Card, taker: ProcessMark): boolean {
  const name = `${dead.address}.${dead.process.pid}-${dead.process.start.replace(/\W/g, '')}-${dead.process.boot.slice(0, 8)}`
  const file = inState(tree, `take-over/${name}.json`)
  if (createWhole(file, JSON.stringify(taker))) return true
  const winner = readJson(file) as ProcessMark | undefined
  if (winner !== undefined && sameProcess(winner, taker)) return true
  if (winner !== undefined && liveness(winner) !== 'dead') return false
  replaceFile(file, JSON.stringify(taker)) // the winner died before it replaced the card
  return true
}

export function readCard(tree: Tree, address: string): Card | undefined {
  const text = readText(inRoot(tree, cardPath(address)))
  const card = text === undefined ? undefined : parseCard(text)
  return card?.address === address ? card : undefined
}

/** All cards, by address. */
export function listCards(tree: Tree): Card[] {
  const names = listDirectory(inRoot(tree, 'peers')).filter((file) => file.endsWith('.json'))
  return names.flatMap((file) => readCard(tree, file.slice(0, -'.json'.length)) ?? [])
}

export function cardsOfHost(tree: Tree): Card[] {
  return listCards(tree).filter((card) => parseAddress(card.address)?.host === tree.host)
}

/** Remembers which address a process has, so that a hook need not read every card. */
export function rememberProcess(tree: Tree, card: Card): void {
  replaceFile(
    inState(tree, `by-pid/${card.process.pid}.json`),
    JSON.stringify({ process: card.process, address: card.address }),
  )
}

/** The card of this very process, or undefined: another process that has the same pid now does not count. */
export function cardOfProcess(tree: Tree, mark: ProcessMark): Card | undefined {
  const known = readJson(inState(tree, `by-pid/${mark.pid}.json`)) as { address?: string } | undefined
  const card = known?.address === undefined ? undefined : readCard(tree, known.address)
  return card !== undefined && sameProcess(card.process, mark) ? card : undefined
}

function format(card: Card): string {
  return `${JSON.stringify(card)}\n`
}
