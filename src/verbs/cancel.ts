import { fileName, SPEC, type State } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { isOneHost } from '../spool/allowed.ts'
import { askOf, forgetAsk, isAsked } from '../spool/asks.ts'
import { currentAddress, namesSince } from '../spool/cards.ts'
import { finishUnclaimed } from '../spool/moves.ts'
import { timestamp } from '../spool/new-id.ts'
import { forgetSent } from '../spool/outbox.ts'
import { publish } from '../spool/publish.ts'
import { type Mail, read, readAnywhere } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { endQuery } from './end-query.ts'
import { refuse } from './refuse.ts'

/**
 * The asker takes its question back: a cancel is published to the peer, then asks/ forgets the question; at that instant
 * it is taken back, and an answer that comes all the same is filed. Repeating it after a crash in between finishes it.
 * False where `me` has no such open question. mailbox-spec §9.2
 */
export function cancel(tree: Tree, me: string, id: string): boolean {
  const names = namesSince(tree, me)
  const ask = names.flatMap((name) => askOf(tree, name, id) ?? [])[0]
  if (ask === undefined) return false
  const to = currentAddress(tree, ask.to)
  const from = currentAddress(tree, me)
  publish(tree, { spec: SPEC, id, kind: 'cancel', from, to, sent: timestamp(), in_reply_to: id, body: '' })
  forgetSent(tree, id, 'query') // first: what is in the outbox is asked
  for (const name of names) forgetAsk(tree, name, id)
  return true
}

/**
 * The peer's courier obeys a cancel in new/: a query that nobody was given ends as `withdrawn`, and the cancel is filed
 * (new → done). It waits while the asker's asks/ still has the question, for anybody could have written the cancel; and
 * while the query is being typed, for it may be put back. mailbox-spec §9.2
 */
export function obeyCancel(tree: Tree, address: string, mail: Mail): void {
  const cancel = read(tree, address, 'new', mail)
  if (cancel === undefined) return
  if ('fault' in cancel) return void refuse(tree, address, mail, cancel.fault, cancel.why)
  const query = readAnywhere(tree, address, mail.id, 'query')
  if (query !== undefined && !sameAsker(tree, cancel.message, query.message))
    return void refuse(tree, address, mail, 'wrong-sender', `${query.message.from} asked it`)
  if (mayComeYet(query?.state) && isAskedStill(tree, cancel.message)) return
  if (query?.state === 'cur') return
  if (query?.state === 'new' || query?.state === 'held')
    withdraw(tree, address, { ...mail, kind: 'query', file: fileName(mail.id, 'query') }, query.state)
  finishUnclaimed(tree, address, mail.file)
}

/** True when the asker of this query has taken it back, also before it came. */
export function isWithdrawn(tree: Tree, address: string, query: Message): boolean {
  const cancel = readAnywhere(tree, address, query.id, 'cancel')
  if (cancel === undefined || cancel.state === 'dead') return false
  return sameAsker(tree, cancel.message, query) && !isAskedStill(tree, query)
}

function sameAsker(tree: Tree, a: Message, b: Message): boolean {
  return isOneHost(tree, a.from, b.from) && currentAddress(tree, a.from) === currentAddress(tree, b.from)
}

/** Only the asker removes its file in asks/: that is what takes a question back. */
function isAskedStill(tree: Tree, { from, id }: Message): boolean {
  return namesSince(tree, from).some((name) => isAsked(tree, name, id))
}

function mayComeYet(state: State | undefined): boolean {
  return state !== 'open' && state !== 'done' && state !== 'dead'
}

/** Ends a query in new/ or held/ whose asker took it back. new, held → dead. mailbox-spec §4.5 */
export function withdraw(tree: Tree, address: string, mail: Mail, state: State = 'new'): boolean {
  const body = 'The asker withdrew the question.'
  return endQuery(tree, address, mail, state, { outcome: 'withdrawn', body, by: 'cancel' })
}
