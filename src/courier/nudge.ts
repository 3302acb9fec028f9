/**
 * Telling Syncthing of what this host has published, which it would find by itself ten seconds later. Only of new messages to other
 * hosts: between two batches of changes it pauses for a quarter of a second, and an answer must not queue behind moves that nobody
 * waits for. Nothing waits for a nudge; where it fails, Syncthing's own watcher is there. mailbox-spec §6.2
 */

import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hostOf } from '../protocol/address.ts'
import type { RepowireError } from '../protocol/errors.ts'
import { messagePath, parseFileName } from '../protocol/layout.ts'
import { isThere } from '../spool/disk.ts'
import { listSent, readSent } from '../spool/outbox.ts'
import { readShare, type Share } from '../spool/share.ts'
import { inRoot, type Tree } from '../spool/tree.ts'
import { type Watch, watchOutbox } from '../spool/watch.ts'
import { complain, quietly } from './log.ts'

const PATIENCE_MS = 10_000
// One readdir of the outbox; what waits there is looked for by its name.
const LOOK_MS = 1_000

/** `look`: at whether there is a share; often enough is once a pass. */
export type Nudger = { look(): void; close(): Promise<void> }

type Options = { unwatched?: (error: RepowireError) => void; lookMs?: number }

/**
 * Watches the outbox while share.json is there: a message lies there before it is published, into whatever mailbox. Looks through it every
 * `lookMs`, too, for what no event has told of. Writes nothing but what goes wrong, once. `unwatched`: as for `watchMail`.
 */
export function makeNudger(tree: Tree, { unwatched, lookMs = LOOK_MS }: Options = {}): Nudger {
  const { tell, tellAll } = makeTeller(tree, makeSender(tree))
  let watching: Watch | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const follow = async (file: string) => {
    // It is published a few milliseconds after it lies in the outbox.
    for (let ms = 1; ms < LOOK_MS && !closed && !tell(file); ms *= 2)
      await sleep(ms, undefined, { ref: false })
  }
  const came = (file: string) =>
    void follow(path.basename(file)).catch((error) => complain(tree, undefined, error))
  const startWatch = () => {
    const watch = watchOutbox(tree, came, { unwatched })
    // What came before it watched.
    void watch.ready.then(() => quietly(tree, tellAll))
    return watch
  }
  const look = () => {
    if (readShare(tree) === undefined) return
    watching ??= startWatch()
    timer ??= setInterval(() => quietly(tree, look), lookMs).unref()
    tellAll()
  }
  const close = async () => {
    closed = true
    clearInterval(timer)
    await watching?.close()
  }
  return { look, close }
}

type Teller = {
  /** Tells of one file of the outbox as soon as it lies in new/ of another host. True where there is nothing left to wait for. */
  tell(file: string): boolean
  /** The same of all of them, and forgets what is over. */
  tellAll(): void
}

/** Tells of each once. What Syncthing itself has put there is not in our outbox. */
function makeTeller(tree: Tree, send: (file: string) => void): Teller {
  const told = new Set<string>()
  const waiting = new Map<string, string>()
  const tell = (file: string) => {
    if (told.has(file)) return true
    const place = waiting.get(file) ?? placeOf(tree, file)
    if (place === undefined) return true
    if (place !== HERE && !isThere(place)) {
      waiting.set(file, place)
      return false
    }
    told.add(file)
    waiting.delete(file)
    if (place !== HERE) send(place)
    return true
  }
  const tellAll = () => {
    const kept = new Set(listSent(tree).map(({ file }) => file))
    for (const known of [told, waiting])
      for (const file of known.keys()) if (!kept.has(file)) known.delete(file)
    for (const file of kept) tell(file)
  }
  return { tell, tellAll }
}

const HERE = ''

/** Where a file of the outbox is published; HERE for one to this host, undefined where it is gone again. */
function placeOf(tree: Tree, file: string): string | undefined {
  const named = parseFileName(file)
  const to = named && readSent(tree, named.id, named.kind)?.to
  if (to === undefined) return undefined
  return hostOf(to) === tree.host ? HERE : inRoot(tree, messagePath(to, 'new', file))
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
