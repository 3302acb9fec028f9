import { agentOf } from '../../agents/agents.ts'
import { whyHeld } from '../../courier/gates.ts'
import { excerpt } from '../../protocol/frame.ts'
import { cardNamed } from '../../verbs/address-peer.ts'
import { type Letter, lookInbox, unanswered } from '../../verbs/inbox.ts'
import { say, sayJson, table } from './print.ts'
import { whoLooks } from './speaker.ts'

/** What lies in a mailbox, one's own by default, and why it waits; moves nothing. */
export async function inboxCommand(peer: string | undefined, options: { json: boolean }): Promise<number> {
  const { tree, me } = whoLooks()
  const card = peer === undefined ? me : cardNamed(tree, peer)
  const address = card?.address
  const letters = address === undefined ? [] : lookInbox(tree, address)
  const asked = address === undefined ? [] : unanswered(tree, address)
  const held = card === undefined || agentOf(card.agent) === undefined ? undefined : await whyHeld(tree, card)
  if (options.json) sayJson({ address, held, letters, asked })
  else say(page(address ?? 'you', letters, asked, held))
  return 0
}

type Asked = { id: string; to: string; state: string }

function page(address: string, letters: Letter[], asked: Asked[], held: string | undefined): string {
  const replied = (id: string) => letters.some(({ message }) => message.kind === 'reply' && message.id === id)
  const rows = [...letters.map(letterRow), ...asked.filter(({ id }) => !replied(id)).map(askedRow)]
  if (rows.length === 0) return `No mail waits for ${address}.`
  const waits = held !== undefined && letters.some(({ state }) => state === 'new' || state === 'cur')
  const why = waits ? `\nIt waits because ${held}.` : ''
  return `${table(rows)}${why}\nRead one: repowire show ${letters[0]?.message.id ?? asked[0]?.id}`
}

function letterRow({ state, message }: Letter): string[] {
  return [state, message.id, message.kind, `from ${message.from}`, excerpt(message.body)]
}

function askedRow({ id, to, state }: Asked): string[] {
  return [state === 'late' ? 'unanswered' : 'waiting', id, 'query', `to ${to}`]
}
