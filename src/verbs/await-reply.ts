import { type ProcessMark, sameProcess } from '../protocol/card.ts'
import { RepowireError } from '../protocol/errors.ts'
import { isId } from '../protocol/id.ts'
import { fileName, messagePath, statePath } from '../protocol/layout.ts'
import type { Message } from '../protocol/message.ts'
import { askOf, blockOn, forgetAsk, goLate, isAsked, isBlocked, listAsks } from '../spool/asks.ts'
import { currentAddress, namesSince, underAnyName } from '../spool/cards.ts'
import { isPassing, isThere, listDirectory } from '../spool/disk.ts'
import { isRemote } from '../spool/file-system.ts'
import type { Hints } from '../spool/hints.ts'
import { claim } from '../spool/moves.ts'
import { timestamp } from '../spool/new-id.ts'
import { readSent } from '../spool/outbox.ts'
import { QUICK_MS } from '../spool/poll.ts'
import { findMessage } from '../spool/publish.ts'
import { readAnywhere } from '../spool/scan.ts'
import { inRoot, type Tree } from '../spool/tree.ts'
import { takeCounterQuestion, urgentOnTheirWay } from './counter-question.ts'
import { receive } from './receive.ts'
import { isNowhere } from './stale-asks.ts'

/**
 * `counter`: the asker is an agent that can answer; its wait ends early with a question that would close a cycle, or an urgent one.
 * `queued`: asked of an urgent question that lies in its client's queue; true ends the wait, as if its time were up. `tend`: called
 * every second, for what must go on while one waits.
 */
export type Wait = {
  counter?: boolean
  queued?: (query: Message) => boolean
  milliseconds: number
  hints: Hints
  signal?: AbortSignal
  progress?: (waited: number) => void
  tend?: () => void
}

// The watch tells at once; a name is looked up this often in case it does not. mailbox-spec §9.1
const LOOK_MS = 50
const PROGRESS_MS = 5_000
const TEND_MS = 1_000

/**
 * Waits for the reply to a question of `asker` and claims it (new → cur). Undefined when the time is up or the signal
 * aborted; after the time is up the answer comes as mail (asks/<id>.late.json). A reply that was claimed before is
 * returned again. Returns a query (new → open) that cannot wait for this answer: it is to be
 * answered first. The asker may be renamed meanwhile. Errors: no-such-query. mailbox-spec §9.1, §9.3
 */
export async function awaitReply(
  tree: Tree,
  asker: string,
  waiter: ProcessMark,
  id: string,
  wait: Wait,
): Promise<Message | undefined> {
  const me = () => currentAddress(tree, asker)
  const here = isId(id) ? take(tree, me(), id) : undefined
  if (here !== undefined) return here
  const giveUp = () => stopWaiting(tree, asker, waiter, id)
  const waitNow = async () => {
    blockAgain(tree, asker, waiter, id)
    return await look(tree, me, waiter, id, wait)
  }
  const found = await waitNow().catch((error) => {
    giveUp() // nobody waits any more: let it come as mail
    throw error
  })
  if (found?.kind === 'reply' || (found === undefined && wait.signal?.aborted)) return found
  giveUp()
  if (found !== undefined) return found
  return take(tree, me(), id) // it may have come between the last look and the line above
}

/** blocked → late, under whatever name; another process that waits for the same answer waits on. */
function stopWaiting(tree: Tree, asker: string, waiter: ProcessMark, id: string): void {
  for (const name of namesSince(tree, asker)) {
    const ask = askOf(tree, name, id)
    if (ask === undefined || sameProcess(ask.process, waiter)) goLate(tree, name, id)
  }
}

async function look(
  tree: Tree,
  me: () => string,
  waiter: ProcessMark,
  id: string,
  wait: Wait,
): Promise<Message | undefined> {
  const start = performance.now() // a clock may be set back meanwhile
  const pace = isRemote(tree.root) ? QUICK_MS : LOOK_MS
  const find = pace === LOOK_MS ? () => lookOnce(tree, me(), id, wait) : () => lookFar(tree, me, id, wait)
  let told = start
  let tended = start
  for (let now = start; now - start < wait.milliseconds && !wait.signal?.aborted; now = performance.now()) {
    const found = find()
    if (found === 'urgent') break
    if (found !== undefined) return found
    if (now - told >= PROGRESS_MS) {
      told = now
      wait.progress?.(now - start)
    }
    if (now - tended >= TEND_MS) {
      tended = now
      keepAsking(tree, me(), waiter, id)
      wait.tend?.()
    }
    await wait.hints.wait(Math.min(pace, wait.milliseconds - (now - start)), wait.signal)
  }
  return wait.signal?.aborted ? undefined : take(tree, me(), id)
}

/** `urgent`: a question that ends the wait lies in its client's queue. */
function lookOnce(tree: Tree, me: string, id: string, wait: Wait): Message | 'urgent' | undefined {
  const found = take(tree, me, id) ?? (wait.counter ? takeCounterQuestion(tree, me) : undefined)
  if (found !== undefined) return found
  return wait.queued !== undefined && urgentOnTheirWay(tree, me).some(wait.queued) ? 'urgent' : undefined
}

/**
 * The same where another machine writes. It lists first: what a name was found to be is remembered there for long, and renewed with
 * the listing. What fails for a moment is looked at again. mailbox-spec §2.2
 */
function lookFar(tree: Tree, me: () => string, id: string, wait: Wait): Message | 'urgent' | undefined {
  try {
    listDirectory(inRoot(tree, statePath(me(), 'new')))
    return lookOnce(tree, me(), id, wait)
  } catch (error) {
    if (isPassing(error)) return undefined
    throw error
  }
}

/** A tree that was rolled back has lost the file in asks/, or has an older one; what was taken back has left the outbox. mailbox-spec §6.1 */
function keepAsking(tree: Tree, asker: string, waiter: ProcessMark, id: string): void {
  if (namesSince(tree, asker).some((name) => isBlocked(tree, name, id))) return
  const query = readSent(tree, id, 'query')
  const taken = findMessage(tree, asker, fileName(id, 'reply')) !== undefined
  if (query !== undefined && !taken)
    blockOn(tree, asker, { id, to: query.to, process: waiter, since: timestamp() })
}

/** new → cur, or what an earlier waiter has claimed. What the courier has claimed is on its way to the agent already. */
function take(tree: Tree, me: string, id: string): Message | undefined {
  const claimed =
    isThere(inRoot(tree, messagePath(me, 'new', fileName(id, 'reply')))) && claimReply(tree, me, id)
  const found = readAnywhere(tree, me, id, 'reply')
  const mine = found?.state === 'done' || (found?.state === 'cur' && (claimed || !isAsked(tree, me, id)))
  if (found === undefined || !mine) return undefined
  forgetAsk(tree, me, id)
  return found.message
}

function claimReply(tree: Tree, me: string, id: string): boolean {
  const mail = { id, kind: 'reply' as const, file: fileName(id, 'reply') }
  return receive(tree, me, mail) !== undefined && claim(tree, me, mail.file)
}

function blockAgain(tree: Tree, asker: string, waiter: ProcessMark, id: string): void {
  const askIn = (me: string) => {
    const ask = listAsks(tree, me).find((one) => one.id === id)
    return ask && { ...ask, me }
  }
  const known = isId(id) ? underAnyName(tree, asker, askIn) : undefined
  if (known === undefined || isNowhere(tree, known.me, known)) throw noSuchQuery(id)
  if (known.state === 'blocked' && sameProcess(known.process, waiter)) return
  blockOn(tree, known.me, { id, to: known.to, process: waiter, since: timestamp() })
}

function noSuchQuery(id: string): RepowireError {
  return new RepowireError(
    'no-such-query',
    `You have no open question ${id}.`,
    'Use the id that ask_peer (or: repowire ask) gave you, or ask again.',
  )
}
