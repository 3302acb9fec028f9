/**
 * Pairing: which question a turn's final text answers. By id, and a mixed turn pairs nothing by itself: so the answer
 * that a human gets can never be sent to a peer. The tempting way, "the text after the question is its answer", is what
 * sends one user's words to another's agent.
 */

import type { Card } from '../protocol/card.ts'
import { idsIn } from '../protocol/frame.ts'
import { MAX_MESSAGE_BYTES } from '../protocol/message.ts'
import { type Answered, forgetAnswer, type Grant, readGrant, writeGrant } from '../spool/grants.ts'
import { type Mail, readAnywhere } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { amend, noteAnswer } from './amend.ts'
import { openQueries } from './end-open.ts'
import { type End, endQuery } from './end-query.ts'
import { sizeOf } from './given.ts'
import { hold } from './provisional.ts'
import { reopenLost } from './reconcile.ts'
import { sortOutOpen } from './vouch.ts'

/**
 * `absorbed`: taken up in the middle of a turn that another prompt had begun. `ofTask`: nobody's words: the client tells
 * that a task of this kind has ended which was begun since the grant.
 */
export type Prompt = { text: string; absorbed: boolean; ofTask?: TaskKind }
export type TaskKind = 'shell' | 'other'

/**
 * A turn that ended, by the client's own record since a place in it: the prompts that it took up, and its whole final
 * text. Undefined prompts: the record did not tell in time. `pending`: a task that was begun since then still runs, and
 * the client starts a turn when it ends; a shell, which may never end, is no such task.
 */
export type Turn = {
  text(grant: Grant): string | undefined
  prompts(grant: Grant): Prompt[] | undefined
  pending?(grant: Grant): boolean
}

type Verdict = 'answers' | 'owes' | 'not-seen'

/**
 * The Stop hook. A question that was the turn's only prompt is answered with the turn's final text (the reply is
 * published, then open → done), or the text is held while a task of that turn runs. Any other open question of the turn is
 * owed: the ids returned are to be put to the agent once; when it is asked the second time the outcome is `unanswered`.
 * A turn that goes on after its answer amends it. mailbox-spec §4.5, §8.3
 */
export function endTurn(tree: Tree, card: Card, turn: Turn): string[] {
  amend(tree, card, (last) => amendment(turn, last))
  reopenLost(tree)
  sortOutOpen(tree, card.address)
  const seen = openQueries(tree, card.address).flatMap((mail) => look(tree, turn, mail))
  const owed = seen.filter((one) => endOne(tree, card, turn, one, seen)).map(({ mail }) => mail.id)
  // What the turn says after our own reminder is no amendment of what it said before.
  if (owed.length > 0) forgetAnswer(tree, card.process.pid)
  return owed
}

/** The turn failed: the open questions that it had end with this outcome; one that is still queued stays open. */
export function failTurn(tree: Tree, card: Card, turn: Turn, end: End): void {
  reopenLost(tree)
  sortOutOpen(tree, card.address)
  for (const mail of openQueries(tree, card.address)) {
    if (judge(grantOf(tree, mail), turn) !== 'not-seen') endQuery(tree, card.address, mail, 'open', end)
  }
}

/** What the turn says now of a question that it has answered; undefined where other prompts have joined it. */
function amendment(turn: Turn, { grant, text }: Answered): string | undefined {
  if (judge(grant, turn) !== 'answers') return undefined
  return isOfShell(turn, grant) ? text : finalText(turn, grant)
}

/** The client has told of a shell's end last: what the turn says of that is no part of an answer. */
function isOfShell(turn: Turn, grant: Grant): boolean {
  return turn.prompts(grant)?.at(-1)?.ofTask === 'shell'
}

type Seen = { mail: Mail; grant: Grant; answers: boolean }

/** Nothing for a question that this turn has not seen. */
function look(tree: Tree, turn: Turn, mail: Mail): Seen[] {
  const grant = grantOf(tree, mail)
  const verdict = judge(grant, turn)
  return verdict === 'not-seen' ? [] : [{ mail, grant, answers: verdict === 'answers' }]
}

/** True when the agent is to be reminded of this question. */
function endOne(tree: Tree, card: Card, turn: Turn, { mail, grant, answers }: Seen, seen: Seen[]): boolean {
  // Who was told that its text is not sent, and ends its turn all the same, says nothing to the asker.
  const text = answers && !grant.reminded && !isJoined(grant, seen) ? finalText(turn, grant) : undefined
  const pending = turn.pending?.(grant) ?? false
  // Somebody has spoken while the task runs: the agent is asked for its answer when that has ended.
  const stale = text === undefined || isOfShell(turn, grant)
  if (pending && grant.held !== undefined && stale)
    return stays(() => hold(tree, grant, grant.held?.text ?? ''))
  if (text !== undefined && pending) return stays(() => hold(tree, grant, text))
  if (text !== undefined) return answer(tree, card, mail, grant, text)
  if (!grant.reminded) {
    writeGrant(tree, { ...grant, reminded: true })
    return true
  }
  const body = `${card.address} ended its turn without an answer.`
  return stays(() => endQuery(tree, card.address, mail, 'open', { outcome: 'unanswered', body, by: 'stop' }))
}

/** Two questions may come so close together that the record of the second begins behind the first. */
function isJoined({ id }: Grant, seen: Seen[]): boolean {
  return seen.some(
    ({ grant }) => grant.id !== id && grant.transcript !== undefined && grant.held === undefined,
  )
}

function stays(act: () => unknown): false {
  act()
  return false
}

/** What was given as a tool's result has no place in the record, and was never alone. */
function grantOf(tree: Tree, mail: Mail): Grant {
  return readGrant(tree, mail.id) ?? { id: mail.id, offset: 0, alone: false, reminded: false }
}

/** Where the record does not tell, the question is owed: the agent is asked, and nothing is sent by itself. */
function judge(grant: Grant, turn: Turn): Verdict {
  const prompts = grant.transcript === undefined ? undefined : turn.prompts(grant)
  if (prompts === undefined) return 'owes'
  const said = prompts.filter(({ ofTask }) => ofTask === undefined)
  if (!said.some(({ text }) => idsIn(text).includes(grant.id))) return 'not-seen'
  const [prompt, more] = said
  const only = grant.alone && more === undefined && prompt !== undefined && !prompt.absorbed
  return only && isWhole(grant, prompt.text) ? 'answers' : 'owes'
}

/** The client makes one prompt of several that were queued. */
function isWhole({ size }: Grant, text: string): boolean {
  return size === undefined || sizeOf(text) === size
}

function answer(tree: Tree, card: Card, mail: Mail, grant: Grant, text: string): false {
  const query = readAnywhere(tree, card.address, mail.id, 'query')?.message
  const end = { outcome: 'answered' as const, body: text, by: 'stop' }
  if (endQuery(tree, card.address, mail, 'open', end)) noteAnswer(tree, card, grant, query, text)
  return false
}

function finalText(turn: Turn, grant: Grant): string | undefined {
  const text = turn.text(grant)
  return text === undefined ? undefined : fit(text)
}

const ROOM = MAX_MESSAGE_BYTES - 2_048

/** The text whole, or as much as one message holds and a line that says so. */
function fit(text: string): string {
  const size = (part: string) => Buffer.byteLength(JSON.stringify(part))
  if (size(text) <= ROOM) return text
  let kept = Math.floor((text.length * ROOM) / size(text))
  while (size(text.slice(0, kept)) > ROOM) kept = Math.floor(kept * 0.9)
  return `${text.slice(0, kept).toWellFormed()}\n[cut: the answer has ${text.length} characters, and one message holds ${kept} of them]`
}
