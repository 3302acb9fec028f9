import type { Card } from '../protocol/card.ts'
import { frameText, idsIn } from '../protocol/frame.ts'
import { fileName, type Kind } from '../protocol/layout.ts'
import { forgetAsk, isAsked } from '../spool/asks.ts'
import { currentAddress, namesSince } from '../spool/cards.ts'
import { fileSize } from '../spool/disk.ts'
import { writeGrant } from '../spool/grants.ts'
import { record } from '../spool/journal.ts'
import { finish, finishUnclaimed, giveQuery, giveQueryUnclaimed } from '../spool/moves.ts'
import { forgetSent, readSent } from '../spool/outbox.ts'
import { findMessage } from '../spool/publish.ts'
import { readAnywhere, textOf } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { frameFor } from './exchange.ts'

/** What the prompt hook saw. `transcript`: the file in which the session records its turns. */
export type Prompted = { text: string; transcript?: string; hook: string }

/**
 * The agent has been given every message whose header stands in this prompt and that is on its way to it: a query
 * moves cur → open, with given/<id>.json saying where its turn begins; a notice or a late reply moves cur → done.
 * Returns the ids of questions that the prompt holds although they are closed: somebody submitted an old text.
 * mailbox-spec §7.1, §8.2
 */
export function given(tree: Tree, card: Card, prompted: Prompted): string[] {
  return idsIn(prompted.text).filter((id) => {
    if (giveOpen(tree, card, id, prompted) || handOver(tree, card, id, prompted.hook)) return false
    return isClosed(tree, card, id)
  })
}

/**
 * cur → done for a reply or a notice that the agent was shown; false when there is none on its way. A reply whose file a tree
 * that was rolled back has lost since it was claimed is consumed all the same: that is written down. mailbox-spec §7.4
 */
export function handOver(tree: Tree, card: Card, id: string, hook: string): boolean {
  const kinds: Kind[] = ['reply', 'notice']
  const kind = kinds.find((kind) => onItsWay(tree, card, id, kind) !== undefined)
  if (kind === undefined) return consumeLost(tree, card, id, hook)
  record(tree, kind === 'reply' ? 'consumed' : 'given', card.address, id, { hook })
  const end = onItsWay(tree, card, id, kind) === 'cur' ? finish : finishUnclaimed
  end(tree, card.address, fileName(id, kind))
  if (kind === 'reply') forgetAsk(tree, card.address, id)
  return true
}

/** Only of a question of its own that is not over: the outbox has it until its reply is in. */
function consumeLost(tree: Tree, card: Card, id: string, hook: string): boolean {
  const from = readSent(tree, id, 'query')?.from
  if (from === undefined || currentAddress(tree, from) !== card.address) return false
  if (findMessage(tree, card.address, fileName(id, 'reply')) !== undefined || isAskedBy(tree, from, id))
    return false
  record(tree, 'consumed', card.address, id, { hook })
  forgetSent(tree, id, 'query')
  return true
}

/** A reply is claimed before its question counts as asked no more. */
function isAskedBy(tree: Tree, from: string, id: string): boolean {
  return namesSince(tree, from).some((name) => isAsked(tree, name, id))
}

/** cur → open for a query that was on its way; false when there is none. */
function giveOpen(tree: Tree, card: Card, id: string, { text, transcript, hook }: Prompted): boolean {
  const state = onItsWay(tree, card, id, 'query')
  if (state === undefined) return false
  const offset = transcript === undefined ? 0 : fileSize(transcript)
  const alone = isAlone(tree, card, id, text)
  const isSound = readAnywhere(tree, card.address, id, 'query') !== undefined
  const query = isSound ? textOf(tree, card.address, state, fileName(id, 'query')) : undefined
  writeGrant(tree, { id, transcript, offset, alone, size: sizeOf(text), reminded: false, query })
  record(tree, 'given', card.address, id, { hook })
  const give = state === 'cur' ? giveQuery : giveQueryUnclaimed
  return give(tree, card.address, fileName(id, 'query'))
}

/** True when the prompt is this query's text and nothing else; white space is the terminal's to change. */
function isAlone(tree: Tree, card: Card, id: string, text: string): boolean {
  const query = readAnywhere(tree, card.address, id, 'query')?.message
  return query !== undefined && squeeze(text) === squeeze(frameText(frameFor(tree, query)))
}

/** The length of a prompt, by which a longer one is known that holds it. */
export function sizeOf(text: string): number {
  return squeeze(text).length
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, '')
}

/** In cur/; or in new/, where a courier that gave a slow prompt up for lost has just put it back: seen is given. */
function onItsWay(tree: Tree, card: Card, id: string, kind: Kind): 'cur' | 'new' | undefined {
  const state = findMessage(tree, card.address, fileName(id, kind))
  return state === 'cur' || state === 'new' ? state : undefined
}

function isClosed(tree: Tree, card: Card, id: string): boolean {
  const state = findMessage(tree, card.address, fileName(id, 'query'))
  return state === 'done' || state === 'dead'
}
