import { RepowireError } from '../protocol/errors.ts'
import { isId } from '../protocol/id.ts'
import { fileName, type State } from '../protocol/layout.ts'
import { readCard } from '../spool/cards.ts'
import { giveQuery, giveQueryUnclaimed } from '../spool/moves.ts'
import { findMessage } from '../spool/publish.ts'
import { readAnywhere } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { refuseEmpty } from './ask.ts'
import { endQuery } from './end-query.ts'
import { reopenLost } from './reconcile.ts'
import { fetchMail } from './rename.ts'

/**
 * Answers one open question by its id: publishes the reply into the asker's new/, then moves the query to done/.
 * Returns the asker. A question that no hook saw yet counts as given: the agent knows its id. Errors: no-such-query,
 * bad-input, too-large. mailbox-spec §4.5, §7.1
 */
export function reply(tree: Tree, me: string, id: string, answer: string): string {
  refuseEmpty(answer)
  const card = readCard(tree, me)
  if (card !== undefined) fetchMail(tree, card)
  reopenLost(tree)
  const query = isId(id) ? readAnywhere(tree, me, id, 'query') : undefined
  if (query === undefined || !open(tree, me, id, query.state)) throw notOpen(id, query?.state)
  const mail = { id, kind: 'query' as const, file: fileName(id, 'query') }
  endQuery(tree, me, mail, 'open', { outcome: 'answered', body: answer, by: 'reply_peer' })
  return query.message.from
}

function open(tree: Tree, me: string, id: string, state: State): boolean {
  const file = fileName(id, 'query')
  if (state === 'cur') giveQuery(tree, me, file)
  if (state === 'new') giveQueryUnclaimed(tree, me, file)
  return findMessage(tree, me, file) === 'open'
}

function notOpen(id: string, state: State | undefined): RepowireError {
  const what =
    state === undefined
      ? `You were not asked a question ${id}.`
      : `The question ${id} is closed: it is in ${state}/.`
  const next =
    state === undefined
      ? 'Use the id from the header of the question; inbox lists what is open.'
      : 'Nothing is to be done.'
  return new RepowireError('no-such-query', what, next)
}
