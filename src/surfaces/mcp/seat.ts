/**
 * Who this server speaks for: the process that started it. A spawn is not a session (clients start a server twice, or
 * only to probe it), so nothing is written to disk before the client has initialized or called a tool.
 */

import { AGENTS } from '../../agents/agents.ts'
import { ensureCourier } from '../../courier/start.ts'
import { whereIs } from '../../courier/where.ts'
import type { Card, ProcessMark } from '../../protocol/card.ts'
import { explain, RepowireError } from '../../protocol/errors.ts'
import { frameText } from '../../protocol/frame.ts'
import type { Message } from '../../protocol/message.ts'
import { askOf } from '../../spool/asks.ts'
import { cardOfProcess, currentCard } from '../../spool/cards.ts'
import { lookConfig } from '../../spool/config.ts'
import { type Hints, makeHints } from '../../spool/hints.ts'
import { markOf } from '../../spool/process.ts'
import { openTree, relabelled, type Tree } from '../../spool/tree.ts'
import { awaitReply } from '../../verbs/await-reply.ts'
import { cancel } from '../../verbs/cancel.ts'
import { frameFor, replyFor } from '../../verbs/exchange.ts'
import { handOver } from '../../verbs/given.ts'
import { looksItself, saysLooksItself, whyStuck } from '../../verbs/reach.ts'
import { type Applicant, register } from '../../verbs/register.ts'
import type { Call } from './tools.ts'

export type Seat = {
  readonly tree: Tree
  /** This server's process: the one that waits. */
  readonly process: ProcessMark
  /** The card of the client; registered by the first call. */
  card(): Card
  /** True where a hook of the client tells what its model was shown. */
  readonly proven: boolean
  /** A headless run is a peer only once it calls a tool: clients start such runs in reserve, too. */
  readonly headless: boolean
  /** The client's process, and whether anything is typed for it. */
  readonly client: ProcessMark
  readonly typed: boolean
  hints(): Promise<Hints>
  /** The waits that an urgent question has ended: each once. */
  readonly interrupted: Set<string>
}

export function takeSeat(parent: number): Seat {
  let tree: Tree | undefined
  let hints: Promise<Hints> | undefined
  const mine = markOf(process.pid) as ProcessMark
  const applicant = { ...whoStarted(parent), server: mine }
  const open = () => {
    tree = tree === undefined ? complainOfConfig(openTree(process.env)) : relabelled(tree)
    return tree
  }
  const card = () => register(open(), applicant)
  return {
    get tree() {
      return open()
    },
    process: mine,
    client: applicant.process,
    typed: applicant.tmux !== undefined,
    card,
    proven: applicant.agent !== 'other' && applicant.headless !== true,
    headless: applicant.headless === true,
    interrupted: new Set(),
    hints: () => (hints ??= watchOwnMail(open(), card().address)),
  }
}

/** On stderr, which the client keeps in its log of this server. */
function complainOfConfig(tree: Tree): Tree {
  for (const wrong of lookConfig(tree).complaints) process.stderr.write(`repowire: ${explain(wrong)}\n`)
  return tree
}

/** Registers the client and starts the courier; harmless when repeated. */
export function sitDown(seat: Seat): void {
  seat.card()
  ensureCourier(seat.tree)
}

const STAY_MS = 2_000

/**
 * The same for as long as the server runs: where nothing is typed for its client the card is to name a server that lives, and
 * the one that it names, of the same client, may end. Makes nothing anew that was removed.
 */
export function stay(seat: Seat): void {
  sitDown(seat)
  const again = () => cardOfProcess(seat.tree, seat.client) && seat.card()
  if (!seat.typed) setInterval(() => quietly(again), STAY_MS).unref()
}

/** What fails here fails again, and is told, where a tool needs it. */
export function quietly(act: () => unknown): void {
  try {
    act()
  } catch (error) {
    process.stderr.write(`repowire: ${explain(error)}\n`)
  }
}

function whoStarted(parent: number): Applicant & { headless?: boolean } {
  const mark = markOf(parent)
  if (mark === undefined) {
    throw new RepowireError(
      'not-a-peer',
      'The process that started this server has ended.',
      'Start it from a coding agent: repowire setup registers it.',
    )
  }
  const directory = process.cwd()
  const session = AGENTS.flatMap((agent) => agent.startedServer(parent, process.env, directory) ?? [])[0]
  const { env } = process
  const said = { name: env.REPOWIRE_NAME || undefined, circle: env.REPOWIRE_CIRCLE || undefined }
  return { ...(session ?? { agent: 'other', directory }), ...said, process: mark }
}

/** chokidar is loaded with the first question: an idle session does not pay for it. */
async function watchOwnMail(tree: Tree, address: string): Promise<Hints> {
  const { watchForWaiter } = await import('../../spool/watch.ts')
  const hints = makeHints()
  watchForWaiter(tree, address, hints.poke)
  return hints
}

/** Waits for an answer and says what became of it, in words for a model. A call that is given up withdraws its question. */
export async function waitFor(
  call: Call,
  id: string,
  to: string | undefined,
  seconds: number,
): Promise<string> {
  const { seat, signal } = call
  const me = seat.card()
  const peer = to ?? askOf(seat.tree, me.address, id)?.to
  const where = async () => (peer === undefined ? `${id} is not asked` : await whereIs(seat.tree, id, peer))
  const progress = (waited: number) =>
    void where().then((there) => call.progress(`waited ${Math.round(waited / 1000)} s: ${there}`))
  const tend = tender(call, id, peer)
  const hints = await seat.hints()
  let urgent: Message | undefined
  const queued = (query: Message) => {
    urgent = endsWait(seat, query, id) ? query : undefined
    return urgent !== undefined
  }
  const wait = { milliseconds: seconds * 1000, hints, signal, progress, tend, counter: true, queued }
  const reply = await awaitReply(seat.tree, me.address, seat.process, id, wait)
  if (reply === undefined && signal.aborted) cancel(seat.tree, me.address, id)
  if (reply === undefined && urgent !== undefined) return readFirst(urgent, id)
  if (reply === undefined) throw noAnswerYet(id, `${await where()}.${saysHowTaken(seat.tree, peer)}`, seconds)
  if (reply.kind === 'query') return answerFirst(call.seat.tree, reply, id)
  if (!seat.proven) handOver(seat.tree, seat.card(), id, 'server')
  return replyFor(seat.tree, reply)
}

/** True the first time: the client shows what is in its queue when every call of the round has returned, and it may be late with that. */
function endsWait({ interrupted }: Seat, { id: urgent }: Message, id: string): boolean {
  const wait = `${urgent} ${id}`
  const first = !interrupted.has(wait)
  interrupted.add(wait)
  return first
}

/** Every second: the courier may have been killed since, and its peer be paused or cut off. */
function tender({ seat, progress }: Call, id: string, peer: string | undefined): () => void {
  let told: string | undefined
  return () => {
    quietly(() => ensureCourier(seat.tree))
    const why = peer === undefined ? undefined : whyStuck(seat.tree, id, peer)?.why
    if (why !== undefined && why !== told) progress(why)
    told = why
  }
}

function saysHowTaken(tree: Tree, peer: string | undefined): string {
  const card = peer === undefined ? undefined : currentCard(tree, peer)
  return card !== undefined && looksItself(tree, card) ? ` ${saysLooksItself(card)}` : ''
}

function answerFirst(tree: Tree, query: Message, id: string): string {
  return `${frameText(frameFor(tree, query))}

You wait for an answer that cannot come before you have answered this. Answer it now: reply_peer with id "${query.id}". Then wait on: await_reply with id "${id}".`
}

function readFirst({ id: urgent, from }: Message, id: string): string {
  return `${from} asks you something urgent: it is the next thing that you read. Answer it with reply_peer, id "${urgent}". Then wait on: await_reply with id "${id}".`
}

function noAnswerYet(id: string, where: string, seconds: number): RepowireError {
  return new RepowireError(
    'no-answer-yet',
    `No answer to ${id} within ${seconds} s: ${where} It stays asked.`,
    `Call await_reply with id "${id}" to wait on, or go on: a late answer comes to you as a message.`,
  )
}
