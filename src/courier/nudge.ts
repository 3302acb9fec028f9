/**
 * Telling Syncthing of what this host has published, which it would find by itself ten seconds later. Only of new messages to other
 * hosts: between two batches of changes it pauses for a quarter of a second, and an answer must not queue behind moves that nobody
 * waits for. Nothing waits for a nudge; where it fails, Syncthing's own watcher is there. mailbox-spec §6.2
 */

import * as path from 'node:path'
import { hostOf } from '../protocol/address.ts'
import type { RepowireError } from '../protocol/errors.ts'
import { messagePath, parseFileName } from '../protocol/layout.ts'
import { isThere } from '../spool/disk.ts'
import { listSent, readSent, sentBytes } from '../spool/outbox.ts'
import { listMailboxes } from '../spool/scan.ts'
import { readShare, type Share } from '../spool/share.ts'
import { inRoot, type Tree } from '../spool/tree.ts'
import { type Watch, watchMail } from '../spool/watch.ts'
import { complain } from './log.ts'

const PATIENCE_MS = 10_000

/** `look`: at whether there is a share, and whom to watch; often enough is once a pass. */
export type Nudger = { look(): void; close(): Promise<void> }

/**
 * Watches the new/ of the mailboxes of other hosts while share.json is there, and looks through the outbox for what no event has told
 * of. Writes nothing but what goes wrong, once. `unwatched`: as for `watchMail`.
 */
export function makeNudger(tree: Tree, unwatched: (error: RepowireError) => void): Nudger {
  const send = makeSender(tree)
  const watched = new Set<string>()
  const told = new Set<string>()
  let watching: Watch | undefined
  const came = (file: string) => {
    const name = path.basename(file)
    if (told.has(name) || !isOurs(tree, name)) return
    told.add(name)
    send(file)
  }
  const look = () => {
    if (readShare(tree) === undefined) return
    const fresh = listMailboxes(tree).filter((name) => hostOf(name) !== tree.host && !watched.has(name))
    for (const address of fresh) watched.add(address)
    if (watching === undefined) watching = watchMail(tree, fresh, came, { unwatched })
    else for (const address of fresh) watching.add(address)
    for (const file of untold(tree, told)) came(file)
  }
  return { look, close: async () => void (await watching?.close()) }
}

/** What Syncthing itself has put there is not in our outbox. */
function isOurs(tree: Tree, name: string): boolean {
  const named = parseFileName(name)
  return named !== undefined && sentBytes(tree, named.id, named.kind) !== undefined
}

/** The paths of what this host has published to others, lies in new/ still, and was not told of. `told` forgets what is over. */
function untold(tree: Tree, told: Set<string>): string[] {
  const sent = listSent(tree)
  const kept = new Set(sent.map(({ file }) => file))
  for (const file of told) if (!kept.has(file)) told.delete(file)
  return sent.flatMap(({ id, kind, file }) => {
    const to = told.has(file) ? undefined : readSent(tree, id, kind)?.to
    if (to === undefined || hostOf(to) === tree.host) return []
    const path = inRoot(tree, messagePath(to, 'new', file))
    return isThere(path) ? [path] : []
  })
}

/** One request at a time; what comes meanwhile goes with the next. */
function makeSender(tree: Tree): (file: string) => void {
  const waiting = new Set<string>()
  let busy = false
  let failed = false
  const sendAll = async () => {
    busy = true
    for (let share = readShare(tree); waiting.size > 0 && share !== undefined; share = readShare(tree)) {
      const files = [...waiting]
      waiting.clear()
      try {
        await scanNow(
          share,
          files.map((file) => share.prefix + path.relative(tree.root, file)),
        )
        failed = false
      } catch (error) {
        if (!failed) complain(tree, undefined, error)
        failed = true
      }
    }
    busy = false
  }
  return (file) => {
    waiting.add(file)
    if (!busy) void sendAll()
  }
}

/** Has these files scanned, by their paths in the folder. Rejects where Syncthing does not take it. */
async function scanNow({ api, key, folder }: Share, files: string[]): Promise<void> {
  const query = new URLSearchParams({ folder })
  for (const file of files) query.append('sub', file)
  const response = await fetch(`${api}/rest/db/scan?${query}`, {
    method: 'POST',
    headers: { 'X-API-Key': key },
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((error: Error) => {
    throw new Error(`Syncthing at ${api} was not told of new messages: ${String(error.cause ?? error)}.`)
  })
  if (!response.ok)
    throw new Error(`Syncthing at ${api} was not told of new messages: it says ${response.status}.`)
  await response.arrayBuffer()
}
