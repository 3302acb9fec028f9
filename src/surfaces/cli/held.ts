import { ensureCourier } from '../../courier/start.ts'
import { excerpt } from '../../protocol/frame.ts'
import { openTree } from '../../spool/tree.ts'
import { approve, type Decided, listHeld, refuseHeld } from '../../verbs/approve.ts'
import { refuseAgent } from '../../verbs/sender.ts'
import type { Held } from '../../verbs/vouch.ts'
import { checkedId } from './message-id.ts'
import { say, sayJson, table } from './print.ts'
import { whoLooks } from './speaker.ts'

/** What waits for its user, in all mailboxes of this machine. An agent must not read it. mailbox-spec §11.2 */
export function heldCommand({ json }: { json: boolean }): number {
  const { tree } = whoLooks()
  refuseAgent(tree, process.ppid, 'read what waits for its user')
  const held = listHeld(tree)
  if (json) sayJson(held.map(view))
  else if (held.length === 0) say('Nothing is held.')
  else say(`${table(held.map(row))}\nLet one through: repowire approve <id>. Refuse it: repowire refuse <id>`)
  return 0
}

export function approveCommand(id: string, { json }: { json: boolean }): number {
  const tree = openTree(process.env)
  const done = approve(tree, process.ppid, checkedId(id))
  ensureCourier(tree)
  return tell(done, `goes to ${done.address}`, json)
}

export function refuseCommand(id: string, reason: string, { json }: { json: boolean }): number {
  const tree = openTree(process.env)
  const done = refuseHeld(tree, process.ppid, checkedId(id), reason)
  return tell(done, `is refused: ${done.address} is not given it`, json)
}

function tell(done: Decided, what: string, json: boolean): number {
  if (json) sayJson(done)
  else say(`${done.id} ${what}${done.again ? ' (said before)' : ''}.`)
  return 0
}

/** Nothing of the text of what nobody vouches for. */
function view({ address, mail, from, message }: Held) {
  const why = message === undefined ? 'host-not-allowed' : 'weaker'
  const more = message && { mode: message.sender_mode, body: message.body }
  return { id: mail.id, kind: mail.kind, from, to: address, why, ...more }
}

function row({ address, mail, from = 'nobody', message }: Held): string[] {
  const host = from.slice(from.indexOf('@') + 1)
  const mode =
    message?.sender_mode === undefined ? 'an unknown mode' : `mode ${excerpt(message.sender_mode, 40)}`
  const what =
    message === undefined
      ? `its host is not allowed: repowire hosts allow ${host}`
      : `${mode}: ${excerpt(message.body)}`
  return [mail.id, mail.kind, `from ${from}`, `to ${address}`, what]
}
