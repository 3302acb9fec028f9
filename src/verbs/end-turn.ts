/**
 * Pairing: which question a turn's final text answers. By id, and a mixed turn pairs nothing by itself: so the answer
 * that a human gets can never be sent to a peer. The tempting way, "the text after the question is its answer", is what
 * sends one user's words to another's agent.
 */

import type { Card } from '../protocol/card.ts'
import { idsIn } from '../protocol/frame.ts'
import { MAX_MESSAGE_BYTES } from '../protocol/message.ts'
import { type Grant, readGrant, writeGrant } from '../spool/grants.ts'
import type { Mail } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { openQueries } from './end-open.ts'
import { type End, endQuery } from './end-query.ts'

/** `absorbed`: taken up in the middle of a turn that another prompt had begun. */
export type Prompt = { text: string; absorbed: boolean }

/**
 * A turn that ended, by the client's own record since a place in it: the prompts that it took up, and its whole final
 * text. Undefined prompts: the record did not tell in time.
 */
export type Turn = { text(grant: Grant): string | undefined; prompts(grant: Grant): Prompt[] | undefined }

type Verdict = 'answers' | 'owes' | 'not-seen'

/**
 * The Stop hook. A question that was the turn's only prompt is answered with the turn's final text (the reply is
 * published, then open → done). Any other open question of the turn is owed: the ids returned are to be put to the
 * agent once; when it is asked the second time the outcome is `unanswered`. mailbox-spec §4.5, §8
 */
export function endTurn(tree: Tree, card: Card, turn: Turn): string[] {
  const open = openQueries(tree, card.address)
  return open.filter((mail) => endOne(tree, card, turn, mail)).map((mail) => mail.id)
}

/** The turn failed: the open questions that it had end with this outcome; one that is still queued stays open. */
export function failTurn(tree: Tree, card: Card, turn: Turn, end: End): void {
  for (const mail of openQueries(tree, card.address)) {
    if (judge(grantOf(tree, mail), turn) !== 'not-seen') endQuery(tree, card.address, mail, 'open', end)
  }
}

/** True when the agent is to be reminded of this question. */
function endOne(tree: Tree, card: Card, turn: Turn, mail: Mail): boolean {
  const grant = grantOf(tree, mail)
  const verdict = judge(grant, turn)
  if (verdict === 'not-seen') return false
  const text = verdict === 'answers' ? turn.text(grant) : undefined
  if (text !== undefined) return close(tree, card, mail, 'answered', text)
  if (grant.reminded) {
    return close(tree, card, mail, 'unanswered', `${card.address} ended its turn without an answer.`)
  }
  writeGrant(tree, { ...grant, reminded: true })
  return true
}

/** What was given as a tool's result has no place in the record, and was never alone. */
function grantOf(tree: Tree, mail: Mail): Grant {
  return readGrant(tree, mail.id) ?? { id: mail.id, offset: 0, alone: false, reminded: false }
}

/** Where the record does not tell, the question is owed: the agent is asked, and nothing is sent by itself. */
function judge(grant: Grant, turn: Turn): Verdict {
  const prompts = grant.transcript === undefined ? undefined : turn.prompts(grant)
  if (prompts === undefined) return 'owes'
  const [prompt, more] = prompts
  if (!prompts.some(({ text }) => idsIn(text).includes(grant.id))) return 'not-seen'
  return grant.alone && more === undefined && prompt?.absorbed === false ? 'answers' : 'owes'
}

function close(tree: Tree, card: Card, mail: Mail, outcome: 'answered' | 'unanswered', text: string): false {
  endQuery(tree, card.address, mail, 'open', { outcome, body: fit(text), by: 'stop' })
  return false
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
