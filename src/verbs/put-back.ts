import type { Card } from '../protocol/card.ts'
import { forgetAsk, markLate } from '../spool/asks.ts'
import { record } from '../spool/journal.ts'
import { putBack } from '../spool/moves.ts'
import { timestamp } from '../spool/new-id.ts'
import { findMessage } from '../spool/publish.ts'
import { type Mail, readAnywhere } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'

/**
 * cur → new: what was claimed and not given waits again, and a reply is mail from now on (asks/<id>.late.json, written
 * first: without it nobody would want the reply any more). Writes `put-back` to the journal. mailbox-spec §8.2, §9.1
 */
export function returnToNew(tree: Tree, card: Card, mail: Mail, why: string): void {
  const { address } = card
  if (mail.kind === 'reply') rememberLate(tree, card, mail)
  if (putBack(tree, address, mail.file)) record(tree, 'put-back', address, mail.id, { why })
  else if (mail.kind === 'reply' && findMessage(tree, address, mail.file) === 'done')
    forgetAsk(tree, address, mail.id) // it was consumed meanwhile
}

function rememberLate(tree: Tree, { address, process }: Card, { id }: Mail): void {
  const found = readAnywhere(tree, address, id, 'reply')
  if (found?.state === 'cur')
    markLate(tree, address, { id, to: found.message.from, process, since: timestamp() })
}
