import type { Card } from '../../protocol/card.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { harmless } from '../../protocol/frame.ts'
import { isId } from '../../protocol/id.ts'
import { fileName, KINDS, messagePath, type State } from '../../protocol/layout.ts'
import type { Message } from '../../protocol/message.ts'
import { listCards } from '../../spool/cards.ts'
import { claim } from '../../spool/moves.ts'
import { readAnywhere } from '../../spool/scan.ts'
import type { Tree } from '../../spool/tree.ts'
import { handOver } from '../../verbs/given.ts'
import { say, sayJson } from './print.ts'
import { whoLooks } from './speaker.ts'

type Placed = { mailbox: string; state: State; message: Message }

/**
 * Every message of one id, wherever it lies. A person's own reply or notice in new/ is read by this: it goes new → cur →
 * done. Errors: bad-input, no-such-message.
 */
export function showCommand(id: string, options: { json: boolean }): number {
  refuseNoId(id)
  const { tree, me } = whoLooks()
  const found = listCards(tree).flatMap(({ address }) => placesOf(tree, address, id))
  if (found.length === 0) throw noSuchMessage(id)
  if (options.json) sayJson(found)
  else say(found.map(page).join('\n\n'))
  if (me?.agent === 'person') finishOwn(tree, me, found)
  return 0
}

function placesOf(tree: Tree, mailbox: string, id: string): Placed[] {
  return KINDS.flatMap((kind) => {
    const found = readAnywhere(tree, mailbox, id, kind)
    return found === undefined ? [] : [{ mailbox, ...found }]
  })
}

function page({ mailbox, state, message }: Placed): string {
  const { id, kind, outcome, from, to, sent, body } = message
  const head = `${kind}${outcome === undefined ? '' : ` (${outcome})`} from ${from} to ${to}, ${sent}`
  return `${head}\n${messagePath(mailbox, state, fileName(id, kind))}\n\n${harmless(body)}`
}

function finishOwn(tree: Tree, me: Card, found: Placed[]): void {
  for (const { mailbox, state, message } of found) {
    const own = mailbox === me.address && state === 'new' && message.kind !== 'query'
    if (own && claim(tree, me.address, fileName(message.id, message.kind)))
      handOver(tree, me, message.id, 'shell')
  }
}

function refuseNoId(id: string): void {
  if (isId(id)) return
  const next = 'An id looks like 20261122t094012412z-k3v9x2p8; inbox and log show them.'
  throw new RepowireError('bad-input', `"${id}" is no message id.`, next)
}

function noSuchMessage(id: string): RepowireError {
  return new RepowireError(
    'no-such-message',
    `No mailbox has a message ${id}.`,
    'repowire log shows what happened here.',
  )
}
