import { fileName, SPEC } from '../protocol/layout.ts'
import { forgetAsk, listAsks } from '../spool/asks.ts'
import { finishUnclaimed } from '../spool/moves.ts'
import { timestamp } from '../spool/new-id.ts'
import { publish } from '../spool/publish.ts'
import { read, readAnywhere } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { endQuery } from './end-query.ts'
import { refuse } from './refuse.ts'

/** The asker takes its question back: asks/ forgets it, and a cancel is published to the peer. mailbox-spec §9 */
export function cancel(tree: Tree, me: string, id: string): void {
  const ask = listAsks(tree, me).find((known) => known.id === id)
  if (ask === undefined) return
  forgetAsk(tree, me, id)
  publish(tree, {
    spec: SPEC,
    id,
    kind: 'cancel',
    from: me,
    to: ask.to,
    sent: timestamp(),
    in_reply_to: id,
    body: '',
  })
}

/** The peer's courier obeys a cancel in new/: a query that nobody was given ends as `withdrawn`. new → done. */
export function obeyCancel(tree: Tree, address: string, id: string): void {
  const mail = { id, kind: 'cancel' as const, file: fileName(id, 'cancel') }
  const cancel = read(tree, address, 'new', mail)
  if (cancel === undefined) return
  if ('message' in cancel) {
    withdraw(tree, address, id, cancel.message.from)
    finishUnclaimed(tree, address, mail.file)
  } else refuse(tree, address, mail, cancel.fault, cancel.why)
}

function withdraw(tree: Tree, address: string, id: string, sender: string): void {
  const query = readAnywhere(tree, address, id, 'query')
  if (query?.state !== 'new' || query.message.from !== sender) return
  const mail = { id, kind: 'query' as const, file: fileName(id, 'query') }
  const body = 'The asker withdrew the question.'
  endQuery(tree, address, mail, 'new', { outcome: 'withdrawn', body, by: 'cancel' })
}
