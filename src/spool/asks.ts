/** asks/: one file per unanswered query of a peer; who waits for it, or that nobody does any more. mailbox-spec §9.1. */

import { parseAddress } from '../protocol/address.ts'
import { isProcessMark, type ProcessMark } from '../protocol/card.ts'
import { isId } from '../protocol/id.ts'
import { type AskState, askPath, mailboxPath } from '../protocol/layout.ts'
import { isThere, listDirectory, readStrangersJson, removeFile, renameFile, replaceFile } from './disk.ts'
import { sentBytes } from './outbox.ts'
import { liveness } from './process.ts'
import { inRoot, type Tree, temporaryPath } from './tree.ts'

export type Ask = { id: string; to: string; process: ProcessMark; since: string }
export type AskFile = { id: string; state: AskState }

/** Says that this process is blocked on a query; replaces what stood there. A later wait replaces `late`. */
export function blockOn(tree: Tree, address: string, ask: Ask): void {
  replaceFile(temporaryPath(tree), path(tree, address, ask.id, 'blocked'), `${JSON.stringify(ask)}\n`)
  removeFile(path(tree, address, ask.id, 'late'))
}

/** blocked → late: the answer will come as mail. */
export function goLate(tree: Tree, address: string, id: string): void {
  renameFile(path(tree, address, id, 'blocked'), path(tree, address, id, 'late'))
}

/** Makes the answer of `id` come as mail although no file says so any more. */
export function markLate(tree: Tree, address: string, ask: Ask): void {
  replaceFile(temporaryPath(tree), path(tree, address, ask.id, 'late'), `${JSON.stringify(ask)}\n`)
}

/** A peer has a new name: its questions are asked under that from now on. */
export function forwardAsk(tree: Tree, from: string, to: string, { id, state }: AskFile): void {
  renameFile(path(tree, from, id, state), path(tree, to, id, state))
}

/** The query is answered, or nobody wants its answer. */
export function forgetAsk(tree: Tree, address: string, id: string): void {
  removeFile(path(tree, address, id, 'blocked'))
  removeFile(path(tree, address, id, 'late'))
}

/**
 * `waiting`: a living process takes the reply itself. `late`: deliver it as mail. `unwanted`: file it. A question that this host keeps
 * in its outbox is asked although a tree that was rolled back has lost the file: until that is made anew its reply waits.
 */
export function whoWants(tree: Tree, address: string, id: string): 'waiting' | 'late' | 'unwanted' {
  const ask = readAsk(tree, address, id, 'blocked')
  if (ask !== undefined && liveness(ask.process) !== 'dead') return 'waiting'
  // A file that a power cut left empty still says that somebody asked.
  if (isAsked(tree, address, id)) return 'late'
  return sentBytes(tree, id, 'query') === undefined ? 'unwanted' : 'waiting'
}

/** Who waits for the answer of `id`, or gave up waiting; undefined where nobody asks. */
export function askOf(tree: Tree, address: string, id: string): Ask | undefined {
  return readAsk(tree, address, id, 'blocked') ?? readAsk(tree, address, id, 'late')
}

/** True while a file says that this peer asked `id` and has no answer yet, whatever is in it. */
export function isAsked(tree: Tree, address: string, id: string): boolean {
  return (['blocked', 'late', 'blocked'] as const).some((state) => isThere(path(tree, address, id, state)))
}

/** True while a file says that a process waits for the answer of `id`. */
export function isBlocked(tree: Tree, address: string, id: string): boolean {
  return isThere(path(tree, address, id, 'blocked'))
}

/** True while this peer has any question that is not over. */
export function hasAsks(tree: Tree, address: string): boolean {
  return listAskFiles(tree, address).length > 0
}

/** What the names in asks/ say, oldest first; whatever is in the files: a power cut may have left one empty. */
export function listAskFiles(tree: Tree, address: string): AskFile[] {
  return listDirectory(inRoot(tree, `${mailboxPath(address)}/asks`)).flatMap((file) => {
    const [id, state, json, more] = file.split('.')
    const named = isId(id) && (state === 'blocked' || state === 'late')
    return named && json === 'json' && more === undefined ? [{ id, state }] : []
  })
}

/** The asks of a peer, oldest first. */
export function listAsks(tree: Tree, address: string): (Ask & { state: AskState })[] {
  return listAskFiles(tree, address).flatMap(({ id, state }) => {
    const ask = readAsk(tree, address, id, state)
    return ask === undefined ? [] : [{ ...ask, state }]
  })
}

function readAsk(tree: Tree, address: string, id: string, state: AskState): Ask | undefined {
  const ask = readStrangersJson(path(tree, address, id, state)) as Partial<Ask> | undefined
  const { process: mark, to, since = '' } = ask ?? {}
  return isProcessMark(mark) && parseAddress(to) !== undefined
    ? { id, to: to as string, process: mark, since }
    : undefined
}

function path(tree: Tree, address: string, id: string, state: AskState): string {
  return inRoot(tree, askPath(address, id, state))
}
