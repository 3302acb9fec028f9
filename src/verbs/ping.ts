/**
 * Whether mail reaches another host and comes back, and how soon: a question to its courier, which answers it itself. Both ends are the reserved
 * address courier@<host>, so that no peer is disturbed. mailbox-spec §3
 */

import { courierOf } from '../protocol/address.ts'
import type { ProcessMark } from '../protocol/card.ts'
import { fileName, mailboxPath, SPEC } from '../protocol/layout.ts'
import { blockOn, forgetAsk, listAsks, whoWants } from '../spool/asks.ts'
import { isThere } from '../spool/disk.ts'
import { makeHints } from '../spool/hints.ts'
import { otherHosts } from '../spool/hosts.ts'
import { record, tell } from '../spool/journal.ts'
import { finish, finishUnclaimed, giveQueryUnclaimed } from '../spool/moves.ts'
import { newId, timestamp } from '../spool/new-id.ts'
import { forgetSent } from '../spool/outbox.ts'
import { liveness } from '../spool/process.ts'
import { makeMailbox, publish } from '../spool/publish.ts'
import { type Mail, scan } from '../spool/scan.ts'
import { inRoot, type Tree } from '../spool/tree.ts'
import { watchForWaiter } from '../spool/watch.ts'
import { awaitReply } from './await-reply.ts'
import { cancel, obeyCancel } from './cancel.ts'
import { endQuery } from './end-query.ts'
import { fileUnwanted } from './inbox.ts'
import { receive } from './receive.ts'

const QUESTION = 'Does this reach you?'
const ANSWER = 'It does.'

export type Pong = { outcome: string; ms: number }

/**
 * Asks the courier of `host`; how it ended, and after how many ms. Undefined where no answer came in time or the signal aborted: the
 * question is taken back. On disk: what `ask` writes, in the mailbox of this host's own courier.
 */
export async function ping(
  tree: Tree,
  waiter: ProcessMark,
  host: string,
  { milliseconds, signal }: { milliseconds: number; signal: AbortSignal },
): Promise<Pong | undefined> {
  const me = courierOf(tree.host)
  makeMailbox(tree, me)
  const hints = makeHints()
  const watch = watchForWaiter(tree, me, hints.poke)
  const start = performance.now()
  const id = askCourier(tree, me, waiter, courierOf(host))
  try {
    const reply = await awaitReply(tree, me, waiter, id, { milliseconds, hints, signal })
    const ms = Math.round(performance.now() - start)
    if (reply === undefined) return void cancel(tree, me, id)
    record(tree, 'consumed', me, id, { hook: 'doctor' })
    finish(tree, me, fileName(id, 'reply'))
    return { outcome: reply.outcome ?? 'answered', ms }
  } finally {
    await watch.close()
  }
}

function askCourier(tree: Tree, me: string, process: ProcessMark, to: string): string {
  const [id, sent] = [newId(), timestamp()]
  blockOn(tree, me, { id, to, process, since: sent })
  publish(tree, { spec: SPEC, id, kind: 'query', from: me, to, sent, thread: id, body: QUESTION })
  tell(tree, 'asked', me, id, { to, body: QUESTION })
  return id
}

/** True where the courier of this host is asked, or may be: then it has a mailbox, which is made. A host that is alone has none. */
export function hasCouriersMailbox(tree: Tree): boolean {
  const me = courierOf(tree.host)
  if (isThere(inRoot(tree, mailboxPath(me)))) return true
  if (otherHosts(tree).length === 0) return false
  makeMailbox(tree, me)
  return true
}

/**
 * The courier sees to its own mail: a query is answered (new → open → done), after all the checks that mail gets; a cancel is obeyed; everything
 * else is filed. What a process asked that is over is taken back.
 */
export function answerPings(tree: Tree): void {
  const me = courierOf(tree.host)
  for (const mail of scan(tree, me, 'new')) sortOut(tree, me, mail)
  for (const mail of scan(tree, me, 'open'))
    endQuery(tree, me, mail, 'open', { outcome: 'answered', body: ANSWER, by: 'courier' })
  for (const { id, process } of listAsks(tree, me)) if (liveness(process) === 'dead') cancel(tree, me, id)
}

function sortOut(tree: Tree, me: string, mail: Mail): void {
  if (mail.kind === 'cancel') return void obeyCancel(tree, me, mail)
  if (mail.kind === 'reply') return void fileReply(tree, me, mail)
  if (receive(tree, me, mail) === undefined) return
  if (mail.kind === 'query') giveQueryUnclaimed(tree, me, mail.file)
  else finishUnclaimed(tree, me, mail.file)
}

/** Left to the process that waits for it; where that is over nobody reads it. */
function fileReply(tree: Tree, me: string, mail: Mail): void {
  if (whoWants(tree, me, mail.id) === 'late') {
    forgetSent(tree, mail.id, 'query') // what it keeps is asked
    forgetAsk(tree, me, mail.id)
  }
  fileUnwanted(tree, me, mail)
}
