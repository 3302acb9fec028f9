import { agentOf } from '../../agents/agents.ts'
import { whyHeld } from '../../courier/gates.ts'
import { resolveAddress } from '../../protocol/address.ts'
import type { Card } from '../../protocol/card.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { excerpt, harmless } from '../../protocol/frame.ts'
import { isId } from '../../protocol/id.ts'
import { KINDS, type State } from '../../protocol/layout.ts'
import type { Message } from '../../protocol/message.ts'
import { listCards } from '../../spool/cards.ts'
import { claim } from '../../spool/moves.ts'
import { readAnywhere } from '../../spool/scan.ts'
import type { Tree } from '../../spool/tree.ts'
import { handOver } from '../../verbs/given.ts'
import { type Letter, lookInbox, unanswered } from '../../verbs/inbox.ts'
import { say, sayJson, table } from './print.ts'
import { type Speaker, whoSpeaks } from './speaker.ts'

/** What lies in a mailbox, one's own by default, and why it waits; moves nothing. */
export async function inboxCommand(peer: string | undefined, options: { json: boolean }): Promise<number> {
  const { tree, me } = whoSpeaks()
  const cards = listCards(tree)
  const address =
    peer === undefined
      ? me.address
      : resolveAddress(
          peer,
          cards.map((card) => card.address),
          tree.host,
        )
  const card = cards.find((known) => known.address === address) as Card
  const letters = lookInbox(tree, address)
  const asked = unanswered(tree, address)
  const held = agentOf(card.agent) === undefined ? undefined : await whyHeld(card)
  if (options.json) sayJson({ address, held, letters, asked })
  else
    say(
      letters.length + asked.length === 0
        ? `No mail waits for ${address}.`
        : table([...letters.map(row), ...asked.map(askedRow)]),
    )
  if (!options.json && held !== undefined && letters.some((letter) => letter.state === 'new'))
    say(`It waits because ${held}.`)
  return 0
}

function row({ state, message }: Letter): string[] {
  return [state, message.id, message.kind, `from ${message.from}`, excerpt(message.body)]
}

function askedRow(ask: { id: string; to: string; state: string }): string[] {
  return [ask.state, ask.id, 'asked', `to ${ask.to}`, '']
}

/** Every message of one id, wherever it lies. A reply or notice in one's own new/ is read by this: it is finished. */
export function showCommand(id: string, options: { json: boolean }): number {
  const speaker = whoSpeaks()
  if (!isId(id))
    throw new RepowireError(
      'bad-input',
      `"${id}" is no message id.`,
      'An id looks like 20261122t094012412z-k3v9x2p8; inbox and log show them.',
    )
  const found = listCards(speaker.tree).flatMap((card) => lettersOf(speaker.tree, card.address, id))
  if (found.length === 0)
    throw new RepowireError(
      'no-such-message',
      `No mailbox has a message ${id}.`,
      'repowire log shows the ids of what happened here.',
    )
  if (options.json) sayJson(found)
  else say(found.map(page).join('\n\n'))
  finishOwn(speaker, found)
  return 0
}

type Placed = { mailbox: string; state: State; message: Message }

function lettersOf(tree: Tree, mailbox: string, id: string): Placed[] {
  return KINDS.flatMap((kind) => {
    const found = readAnywhere(tree, mailbox, id, kind)
    return found === undefined ? [] : [{ mailbox, ...found }]
  })
}

function page({ mailbox, state, message }: Placed): string {
  const outcome = message.outcome === undefined ? '' : ` (${message.outcome})`
  return `${message.kind}${outcome} from ${message.from} to ${message.to}, ${message.sent}\ninbox/${mailbox}/${state}/${message.id}.${message.kind}.json\n\n${harmless(message.body)}`
}

function finishOwn({ tree, me }: Speaker, found: Placed[]): void {
  const own = found.filter(
    ({ mailbox, state, message }) => mailbox === me.address && state === 'new' && message.kind !== 'query',
  )
  if (me.agent !== 'person') return
  for (const { message } of own) {
    if (claim(tree, me.address, `${message.id}.${message.kind}.json`)) handOver(tree, me, message.id, 'shell')
  }
}
