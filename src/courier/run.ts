/**
 * The courier: rounds at the mailboxes of this host. A round is begun by an event in new/, by a timer while something
 * waits that no event will announce, and by a slow pass over everything, since an event is only a hint. With nothing
 * to do it writes nothing.
 */

import * as path from 'node:path'
import { courierOf } from '../protocol/address.ts'
import type { Card } from '../protocol/card.ts'
import { explain } from '../protocol/errors.ts'
import { fileName, type Kind } from '../protocol/layout.ts'
import { BUILD, VERSION } from '../protocol/version.ts'
import { listAskFiles } from '../spool/asks.ts'
import { cardsOfHost, readCard } from '../spool/cards.ts'
import { refuseTaken } from '../spool/claim.ts'
import { copiesOfOthers, removeOwnCopies } from '../spool/claim-copies.ts'
import { refuseCloned } from '../spool/cloned.ts'
import { readConfig } from '../spool/config.ts'
import { makeHints } from '../spool/hints.ts'
import { type Entry, readJournal, record } from '../spool/journal.ts'
import { withLock } from '../spool/lock.ts'
import { listSent } from '../spool/outbox.ts'
import { readOwnHost } from '../spool/own-host.ts'
import { liveness } from '../spool/process.ts'
import { whyMissing } from '../spool/root-missing.ts'
import { noteShared } from '../spool/shared.ts'
import { inState, stateTemporaryPath, type Tree } from '../spool/tree.ts'
import { watchMail, watchPeers } from '../spool/watch.ts'
import { gc } from '../verbs/gc.ts'
import { keepCards } from '../verbs/keep-cards.ts'
import { answerPings, hasCouriersMailbox } from '../verbs/ping.ts'
import { reconcile } from '../verbs/reconcile.ts'
import { type Missing, repair } from '../verbs/repair.ts'
import { forgetReturnedAsks } from '../verbs/stale-asks.ts'
import { sweep } from '../verbs/sweep.ts'
import { touchCards } from '../verbs/touch-cards.ts'
import { sortOut } from '../verbs/vouch.ts'
import { attend, type Memory } from './attend.ts'
import { clearOffice, enterOffice, inOffice, leaveOffice } from './courier-file.ts'
import type { Attempts } from './deliver.ts'
import { complain, keepLastWords, note, quietly } from './log.ts'
import { makeNudger } from './nudge.ts'
import { keepBeating } from './presence-beat.ts'
import { stopOther } from './stop.ts'

const SLOW_MS = 5_000
// With hundreds of peers it comes less often, so that it takes about a five-hundredth of a processor.
const SHARE = 500
const SLOWEST_MS = 30_000
const ALONE_MS = 600_000
// What is over is removed little by little: reading a thousand files takes less than a tenth of a second.
const TIDY_MS = 600_000
const COLLECT_AT_ONCE = 1_000

/** `stay`: it does not go while no agent lives. `by`: what started it, for the log. */
export type Office = { stay: boolean; by: string }

/** Begins a round at one mailbox, now or when the one under way is over. */
type Visit = (address: string) => void

/**
 * Runs until the signal aborts (its reason is logged), another courier takes over, or no peer has lived for ten minutes. False
 * at once when a courier that is not to be replaced runs already. Publishes courier.json. mailbox-spec §10
 */
export async function runCourier(tree: Tree, signal: AbortSignal, office: Office): Promise<boolean> {
  if (!(await takeOffice(tree, office))) {
    leaveOffice(tree)
    return false
  }
  quietly(tree, () => sweep(tree))
  const { visit, drain } = makeRounds(tree, signal)
  const why = await passAgainAndAgain(tree, signal, visit, office.stay)
  await drain()
  note(tree, 'stopped', `The courier of process ${process.pid} stops: ${why}.`, { pid: process.pid, why })
  leaveOffice(tree)
  return true
}

async function takeOffice(tree: Tree, { stay, by }: Office): Promise<boolean> {
  return await withLock(inState(tree, 'courier.start'), async () => {
    if (!(await stopOther(tree, stay))) return false
    clearOffice(tree)
    if (!enterOffice(tree, stay)) return false
    quietly(tree, () => keepLastWords(tree))
    const me = { pid: process.pid, version: VERSION, build: BUILD, by }
    const what = `The courier runs: process ${me.pid}, version ${VERSION}, build ${BUILD}, started by ${by}.`
    note(tree, 'started', what, me)
    return true
  })
}

/** Returns why it ended. */
async function passAgainAndAgain(
  tree: Tree,
  signal: AbortSignal,
  visit: Visit,
  stay: boolean,
): Promise<string> {
  const hints = makeHints()
  const unwatched = complainOnce(tree)
  const peers = watchPeers(tree, hints.poke, { unwatched })
  const watched = new Set<string>()
  const came = (file: string) => visit(path.basename(path.dirname(path.dirname(file))))
  const awaited = () => isAnyoneWaiting(tree, watched)
  const mail = watchMail(tree, [], came, { awaited, unwatched })
  const care = makeCare(tree)
  const nudger = makeNudger(tree, { unwatched })
  const known = new Map<string, Card>()
  const isMissing = makeLookForRoot(tree)
  const dates = new Map<string, number>()
  let tidied = performance.now()
  const presence = keepBeating(tree, (error) => complain(tree, undefined, error))
  let alone = false
  let taken: string | undefined
  for (let company = performance.now(); !signal.aborted && inOffice(tree); ) {
    taken = whyTaken(tree)
    if (taken !== undefined) break
    // A root that cannot be read for a moment (a network file system) is no reason to go.
    const before = process.cpuUsage()
    const missing = isMissing()
    const keep = () => keepCards(tree, known, cardsOfHost(tree))
    const cards = (missing ? undefined : quietly(tree, keep)) ?? []
    quietly(tree, () => touchCards(tree, dates, cards))
    const own = quietly(tree, () => hasCouriersMailbox(tree)) ? [courierOf(tree.host)] : []
    const mailboxes = [...own, ...cards.map((card) => card.address)]
    for (const address of mailboxes.filter((one) => !watched.has(one))) mail.add(address)
    for (const address of mailboxes) watched.add(address)
    const lives = (card: Card) => card.agent !== 'person' && liveness(card.process) !== 'dead'
    if (cards.some(lives)) company = performance.now()
    else if (!stay && performance.now() - company >= ALONE_MS) alone = true
    if (alone) break
    for (const address of mailboxes) visit(address)
    if (!missing) care()
    quietly(tree, nudger.look)
    if (!missing && performance.now() - tidied > TIDY_MS) {
      tidied = performance.now()
      quietly(tree, () => tidyUp(tree))
    }
    await hints.wait(untilNextPass(process.cpuUsage(before)), signal)
  }
  presence.stop()
  await Promise.all([peers.close(), mail.close(), nudger.close()])
  if (taken !== undefined) return taken
  if (signal.aborted) return String(signal.reason)
  return alone ? 'no agent has lived for ten minutes' : 'courier.json does not name it any more'
}

/** Cards and mail are watched apart, and what keeps one from it soon keeps the other. */
function complainOnce(tree: Tree): (error: unknown) => void {
  let told = false
  return (error) => {
    if (!told) complain(tree, undefined, error)
    told = true
  }
}

/** True while a process waits for an answer to one of these peers. What this host asked is on its own disk: mostly that tells. */
function isAnyoneWaiting(tree: Tree, peers: Set<string>): boolean {
  if (!listSent(tree).some(({ kind }) => kind === 'query')) return false
  const waits = (address: string) => listAskFiles(tree, address).some(({ state }) => state === 'blocked')
  return quietly(tree, () => [...peers].some(waits)) ?? false
}

const CARE_MS = 60_000

/** What a tree that was rolled back has lost or brought back. Copies are looked for once a minute, or as often as something may be sent again. */
function makeCare(tree: Tree): () => void {
  const missing: Missing = new Map()
  const checked = new Set<string>()
  const told = new Set<string>()
  let looked = Number.NEGATIVE_INFINITY
  return () => {
    const graceMs = readConfig(tree).repair_seconds * 1_000
    quietly(tree, () => noteShared(tree, stateTemporaryPath(tree)))
    quietly(tree, () => sortOut(tree))
    quietly(tree, () => repair(tree, missing, graceMs))
    if (performance.now() - looked < Math.min(CARE_MS, graceMs)) return
    looked = performance.now()
    quietly(tree, () => reconcile(tree, checked))
    quietly(tree, () => lookAtCopies(tree, told))
    quietly(tree, () => forgetReturnedAsks(tree))
  }
}

/** Removes the copies of this host's own claim, and says once of each of another machine that there is one. mailbox-spec §5.7 */
function lookAtCopies(tree: Tree, told: Set<string>): void {
  removeOwnCopies(tree)
  for (const [file, error] of copiesOfOthers(tree)) {
    if (!told.has(file)) complain(tree, undefined, error)
    told.add(file)
  }
}

/** Two couriers of one label would deliver the same mail twice: the one whose claim has lost goes. mailbox-spec §5.7 */
function whyTaken(tree: Tree): string | undefined {
  try {
    refuseTaken(tree, readOwnHost(tree.state))
    refuseCloned(tree)
    return undefined
  } catch (error) {
    complain(tree, undefined, error)
    return explain(error)
  }
}

/** True while the root is not there (root-missing), which is no reason to go: it comes back. Says so once each time. */
function makeLookForRoot(tree: Tree): () => boolean {
  let was = false
  return () => {
    const why = whyMissing(tree)
    if (why !== undefined && !was) complain(tree, undefined, why)
    was = why !== undefined
    return was
  }
}

/** By the time of the processor: a file system that is slow brings no events either, and is looked at as often as ever. */
function untilNextPass({ user, system }: NodeJS.CpuUsage): number {
  return Math.min(Math.max(SLOW_MS, (SHARE * (user + system)) / 1_000), SLOWEST_MS)
}

/** What others left half done, and what has been over for long. mailbox-spec §7.3, §12 */
function tidyUp(tree: Tree): void {
  sweep(tree)
  gc(tree, { limit: COLLECT_AT_ONCE })
}

/** One round and one timer per mailbox at a time. `drain` waits for the rounds; a delivery stops only between its steps. */
function makeRounds(tree: Tree, signal: AbortSignal): { visit: Visit; drain: () => Promise<void> } {
  const memories = new Map<string, Memory>()
  const typedBefore = typedBeforeNow(tree)
  const attempts: Attempts = new Map()
  const running = new Map<string, Promise<void>>()
  const again = new Set<string>()
  const timers = new Map<string, NodeJS.Timeout>()
  const visit: Visit = (address) => {
    if (running.has(address)) again.add(address)
    if (running.has(address) || signal.aborted) return
    clearTimeout(timers.get(address))
    const memory = memories.get(address) ?? { attempts, typedBefore, known: new Map() }
    memories.set(address, memory)
    running.set(
      address,
      round(tree, address, memory).then((delay) => finish(address, delay)),
    )
  }
  const finish = (address: string, delay: number | undefined) => {
    running.delete(address)
    if (again.delete(address)) visit(address)
    else if (delay !== undefined && !signal.aborted) {
      timers.set(address, setTimeout(() => visit(address), delay).unref())
    }
  }
  return { visit, drain: async () => void (await Promise.all(running.values())) }
}

/** The files that were being typed before this start: such a message in cur/ is looked for before it is put back. */
function typedBeforeNow(tree: Tree): Set<string> {
  const typing = readJournal(tree, 2, '"event":"typing"').filter((entry) => entry.event === 'typing')
  const ids = ({ id, with: also }: Entry) => [String(id), ...(Array.isArray(also) ? also.map(String) : [])]
  return new Set(typing.flatMap((entry) => ids(entry).map((id) => fileName(id, entry.kind as Kind))))
}

/** Returns in how many ms to look again, or undefined when an event will tell. Never rejects. */
async function round(tree: Tree, address: string, memory: Memory): Promise<number | undefined> {
  try {
    const card = readCard(tree, address)
    if (card === undefined) return address === courierOf(tree.host) ? void answerPings(tree) : undefined
    const { again, why, id } = await attend(tree, card, memory)
    // A line in the journal when the reason or the message changes, not one per look.
    const reason = why && `${id} ${why}`
    if (why !== undefined && reason !== memory.reason) record(tree, 'held', address, id, { why })
    memory.reason = reason
    return again
  } catch (error) {
    complain(tree, address, error)
    return SLOW_MS
  }
}
