import { ensureCourier } from '../../courier/start.ts'
import { whereIs } from '../../courier/where.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { harmless } from '../../protocol/frame.ts'
import type { Message } from '../../protocol/message.ts'
import { askOf } from '../../spool/asks.ts'
import { currentCard } from '../../spool/cards.ts'
import { makeHints } from '../../spool/hints.ts'
import type { Tree } from '../../spool/tree.ts'
import { watchForWaiter } from '../../spool/watch.ts'
import { ask, type Question } from '../../verbs/ask.ts'
import { awaitReply } from '../../verbs/await-reply.ts'
import { cancel } from '../../verbs/cancel.ts'
import { handOver } from '../../verbs/given.ts'
import { looksItself, saysLooksItself, whyStuck } from '../../verbs/reach.ts'
import { EXIT } from './exit-codes.ts'
import { checkedId } from './message-id.ts'
import { say, sayJson, spinner } from './print.ts'
import { whatCancelDid } from './reply.ts'
import { type Speaker, whoSpeaks } from './speaker.ts'

export type AskOptions = { timeout: number; json: boolean }

/** Asks and waits; the answer alone goes to stdout. Interrupted, it takes the question back. */
export async function askCommand(question: Question, options: AskOptions): Promise<number> {
  const speaker = whoSpeaks()
  const interrupted = onInterrupt() // before it is asked: from then on it is to be taken back
  const { id, to, card } = ask(speaker.tree, speaker.me.address, speaker.process, question)
  ensureCourier(speaker.tree)
  if (looksItself(speaker.tree, card)) process.stderr.write(`repowire: ${saysLooksItself(card)}\n`)
  const waited = await wait(speaker, { id, to }, options, interrupted)
  if (waited !== 'interrupted') return waited
  cancel(speaker.tree, speaker.me.address, id)
  process.stderr.write(`repowire: ${whatCancelDid(speaker.tree, id, to)} [interrupted]\n`)
  return EXIT.interrupted
}

/** Waits again for an answer; interrupted, it leaves the question asked. Errors: bad-input, no-such-query, no-answer-yet. */
export async function awaitCommand(id: string, options: AskOptions): Promise<number> {
  checkedId(id)
  const speaker = whoSpeaks()
  const to = askOf(speaker.tree, speaker.me.address, id)?.to ?? 'its peer'
  ensureCourier(speaker.tree)
  const waited = await wait(speaker, { id, to }, options, onInterrupt())
  if (waited !== 'interrupted') return waited
  process.stderr.write(
    `repowire: no longer waiting; it stays asked. To take it back: repowire cancel ${id}. [interrupted]\n`,
  )
  return EXIT.interrupted
}

type Asked = { id: string; to: string }

function onInterrupt(): AbortSignal {
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  return interrupted.signal
}

async function wait(
  speaker: Speaker,
  asked: Asked,
  options: AskOptions,
  interrupted: AbortSignal,
): Promise<number | 'interrupted'> {
  const { tree, me } = speaker
  const where = () => whereIs(tree, asked.id, asked.to)
  const line = spinner(where, () => saysWhyStuck(tree, asked))
  const end = await awaitInterruptibly(speaker, asked.id, options.timeout, interrupted).finally(line.stop)
  if (end === 'interrupted') return end
  if (end === undefined) throw notYet(await where(), asked.id)
  const code = tell(end, options.json)
  handOver(tree, currentCard(tree, me.address) ?? me, asked.id, 'shell')
  return code
}

/** For an asker who waits already when its peer is paused or cut off. */
async function saysWhyStuck(tree: Tree, { id, to }: Asked): Promise<string | undefined> {
  const stuck = whyStuck(tree, id, to)
  return stuck && `${stuck.why}. It stays asked. [${stuck.code}]`
}

async function awaitInterruptibly(
  { tree, me, process: mark }: Speaker,
  id: string,
  seconds: number,
  signal: AbortSignal,
): Promise<Message | 'interrupted' | undefined> {
  const hints = makeHints()
  const watch = watchForWaiter(tree, me.address, hints.poke)
  const tend = () => ensureCourier(tree) // it may have been killed since
  const wait = { milliseconds: seconds * 1_000, hints, signal, tend }
  const reply = await awaitReply(tree, me.address, mark, id, wait)
  await watch.close()
  return reply ?? (signal.aborted ? 'interrupted' : undefined)
}

function tell(reply: Message, json: boolean): number {
  if (json) sayJson(reply)
  else if (reply.outcome === 'answered') say(harmless(reply.body))
  else process.stderr.write(`repowire: ${whyNoAnswer(reply)}\n`)
  if (!json && reply.provisional) process.stderr.write(`repowire: ${saysProvisional(reply)}\n`)
  return reply.outcome === 'answered' ? EXIT.done : EXIT.unanswered
}

function whyNoAnswer({ id, outcome, body }: Message): string {
  return `no answer (${outcome}): ${harmless(body)} The question is over: ask again, or see repowire trace ${id}. [${outcome}]`
}

function saysProvisional({ from }: Message): string {
  return `this is the answer so far: a task of ${from} still runs, and what may follow comes as a notice (repowire inbox)`
}

function notYet(where: string, id: string): RepowireError {
  const what = `There is no answer yet: ${where}. It stays asked.`
  return new RepowireError(
    'no-answer-yet',
    what,
    `Wait on: repowire await ${id}. Take it back: repowire cancel ${id}.`,
  )
}
