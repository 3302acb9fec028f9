import { type Card, type ProcessMark, sameProcess } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import { isId } from '../protocol/id.ts'
import { fileName, messagePath } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { blockOn, forgetAsk, goLate, listAsks } from '../spool/asks.ts'
import { isThere } from '../spool/disk.ts'
import type { Hints } from '../spool/hints.ts'
import { claim } from '../spool/moves.ts'
import { timestamp } from '../spool/new-id.ts'
import { readAnywhere } from '../spool/scan.ts'
import { inRoot, type Tree } from '../spool/tree.ts'
import { takeCounterQuestion } from './counter-question.ts'

/** `counter`: the card of an agent that can answer; its wait ends early with a question that would close a cycle. */
export type Wait = {
  counter?: Card
  milliseconds: number
  hints: Hints
  signal?: AbortSignal
  progress?: (waited: number) => void
}

// The watch tells at once; a name is looked up this often in case it does not. mailbox-spec §9
const LOOK_MS = 50
const PROGRESS_MS = 5_000

/**
 * Waits for the reply to a question of `me` and claims it (new → cur). Undefined when the time is up or the signal
 * aborted; after the time is up the answer comes as mail (asks/<id>.late.json). A reply that was claimed before is
 * returned again. Returns a query (new → open) where the peer that is waited for waits for `me`: it is to be answered
 * first. Errors: no-such-query. mailbox-spec §9
 */
export async function awaitReply(
  tree: Tree,
  me: string,
  waiter: ProcessMark,
  id: string,
  wait: Wait,
): Promise<Message | undefined> {
  const here = isId(id) ? take(tree, me, id) : undefined
  if (here !== undefined) return here
  blockAgain(tree, me, waiter, id)
  const found = await look(tree, me, id, wait).catch((error) => {
    goLate(tree, me, id) // nobody waits any more: let it come as mail
    throw error
  })
  if (found?.kind === 'reply' || (found === undefined && wait.signal?.aborted)) return found
  goLate(tree, me, id)
  if (found !== undefined) return found
  return take(tree, me, id) // it may have come between the last look and the line above
}

async function look(tree: Tree, me: string, id: string, wait: Wait): Promise<Message | undefined> {
  const start = Date.now()
  let told = start
  for (let now = start; now - start < wait.milliseconds && !wait.signal?.aborted; now = Date.now()) {
    const found = take(tree, me, id) ?? (wait.counter && takeCounterQuestion(tree, wait.counter))
    if (found !== undefined) return found
    if (now - told >= PROGRESS_MS) {
      told = now
      wait.progress?.(now - start)
    }
    await wait.hints.wait(Math.min(LOOK_MS, wait.milliseconds - (now - start)), wait.signal)
  }
  return wait.signal?.aborted ? undefined : take(tree, me, id)
}

/** new → cur, or what an earlier waiter has claimed. */
function take(tree: Tree, me: string, id: string): Message | undefined {
  const file = fileName(id, 'reply')
  if (isThere(inRoot(tree, messagePath(me, 'new', file)))) claim(tree, me, file)
  const found = readAnywhere(tree, me, id, 'reply')
  if (found === undefined || found.state === 'new') return undefined
  forgetAsk(tree, me, id)
  return found.message
}

function blockAgain(tree: Tree, me: string, waiter: ProcessMark, id: string): void {
  const known = isId(id) ? listAsks(tree, me).find((ask) => ask.id === id) : undefined
  if (known === undefined) {
    throw new RepowireError(
      'no-such-query',
      `You have no open question ${id}.`,
      'Use the id that ask_peer (or: repowire ask) gave you, or ask again.',
    )
  }
  if (known.state === 'blocked' && sameProcess(known.process, waiter)) return
  blockOn(tree, me, { id, to: known.to, process: waiter, since: timestamp() })
}
