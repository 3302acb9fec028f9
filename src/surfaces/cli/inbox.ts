import { whyHeld } from '../../courier/doors.ts'
import { named } from '../../courier/gates.ts'
import { whereIs } from '../../courier/where.ts'
import { hostOf } from '../../protocol/address.ts'
import type { Card } from '../../protocol/card.ts'
import { excerpt } from '../../protocol/frame.ts'
import type { State } from '../../protocol/layout.ts'
import type { Tree } from '../../spool/tree.ts'
import { cardNamed } from '../../verbs/address-peer.ts'
import { type Letter, lookInbox, unanswered } from '../../verbs/inbox.ts'
import { heldIn, type Held as NotAllowed } from '../../verbs/vouch.ts'
import { saysNotAllowed } from './not-allowed.ts'
import { say, sayJson, table } from './print.ts'
import { whoLooks } from './speaker.ts'

/** What lies in a mailbox, one's own by default, and why it waits; moves nothing. */
export async function inboxCommand(peer: string | undefined, options: { json: boolean }): Promise<number> {
  const { tree, me } = whoLooks()
  const card = peer === undefined ? me : cardNamed(tree, peer)
  const address = card?.address
  const letters = address === undefined ? [] : lookInbox(tree, address).filter((it) => isFor(me, it.state))
  const asked = await Promise.all(address === undefined ? [] : unanswered(tree, address).map(located(tree)))
  const held = card === undefined || card.agent === 'person' ? undefined : await whyNotDelivered(tree, card)
  const notAllowed = (address === undefined ? [] : heldIn(tree, address)).filter(
    (it) => it.message === undefined,
  )
  if (options.json) sayJson({ address, held, letters, asked, notAllowed })
  else say(page(tree, address ?? 'you', letters, asked, notAllowed, held))
  return 0
}

/** What its user must let through is not an agent's to read, wherever it runs this. mailbox-spec §11.2 */
function isFor(me: Card | undefined, state: State): boolean {
  return state !== 'held' || me?.agent === 'person' || me === undefined
}

async function whyNotDelivered(tree: Tree, card: Card): Promise<string | undefined> {
  const why = await whyHeld(tree, card)
  return why && named(why, card.address)
}

type Asked = { id: string; to: string; state: string; where: string }

/** With the words for where a question is and for what it waits. */
function located(tree: Tree): (ask: Omit<Asked, 'where'>) => Promise<Asked> {
  return async (ask) => ({ ...ask, where: await whereIs(tree, ask.id, ask.to) })
}

function page(
  tree: Tree,
  address: string,
  letters: Letter[],
  asked: Asked[],
  notAllowed: NotAllowed[],
  held: string | undefined,
): string {
  const replied = (id: string) => letters.some(({ message }) => message.kind === 'reply' && message.id === id)
  const rows = [...letters.map(letterRow), ...asked.filter(({ id }) => !replied(id)).map(askedRow)]
  rows.push(...notAllowed.map((one) => heldRow(tree, one)))
  if (rows.length === 0) return `No mail waits for ${address}.`
  const waits = held !== undefined && letters.some(({ state }) => state === 'new' || state === 'cur')
  const why = waits ? `\nIt waits because ${held}.` : ''
  const first = letters[0]?.message.id ?? asked[0]?.id
  return `${table(rows)}${why}${first === undefined ? '' : `\nRead one: repowire show ${first}`}`
}

function letterRow({ state, message }: Letter): string[] {
  return [state, message.id, message.kind, `from ${message.from}`, excerpt(message.body)]
}

/** Nothing of its text: nobody vouches for it. */
function heldRow(tree: Tree, { mail, from = 'nobody' }: NotAllowed): string[] {
  return ['held', mail.id, mail.kind, `from ${from}`, saysNotAllowed(tree, hostOf(from))]
}

function askedRow({ id, to, state, where }: Asked): string[] {
  return [state === 'late' ? 'asked' : 'waiting', id, 'query', `to ${to}`, where]
}
