import { whyHeld } from '../../courier/gates.ts'
import { ensureCourier } from '../../courier/start.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { harmless } from '../../protocol/frame.ts'
import { fileName } from '../../protocol/layout.ts'
import type { Message } from '../../protocol/message.ts'
import { makeHints } from '../../spool/hints.ts'
import { findMessage } from '../../spool/publish.ts'
import type { Tree } from '../../spool/tree.ts'
import { watchMail } from '../../spool/watch.ts'
import { type Asked, ask } from '../../verbs/ask.ts'
import { awaitReply } from '../../verbs/await-reply.ts'
import { handOver } from '../../verbs/given.ts'
import { say, sayJson, spinner } from './print.ts'
import { type Speaker, whoSpeaks } from './speaker.ts'

export type AskOptions = { timeout: number; json: boolean }

/** Asks and waits; the answer alone goes to stdout. Exit: 0 answered, 3 not yet, 4 ended without an answer. */
export async function askCommand(peer: string, question: string, options: AskOptions): Promise<number> {
  const speaker = whoSpeaks()
  const asked = ask(speaker.tree, speaker.me.address, speaker.process, peer, question)
  ensureCourier(speaker.tree)
  const wait = spinner(() => whereIs(speaker.tree, asked))
  const reply = await awaitInterruptibly(speaker, asked.id, options.timeout).finally(wait.stop)
  if (reply === undefined) throw await notYet(speaker.tree, asked)
  const code = tell(reply, options.json)
  handOver(speaker.tree, speaker.me, asked.id, 'shell')
  return code
}

async function awaitInterruptibly(
  speaker: Speaker,
  id: string,
  seconds: number,
): Promise<Message | undefined> {
  const hints = makeHints()
  const watch = watchMail(speaker.tree, [speaker.me.address], hints.poke)
  const wait = { milliseconds: seconds * 1_000, hints }
  const stop = () => {
    wait.milliseconds = 0
    hints.poke()
  }
  process.once('SIGINT', stop)
  const reply = await awaitReply(speaker.tree, speaker.me.address, speaker.process, id, wait)
  process.off('SIGINT', stop)
  await watch.close()
  return reply
}

/** Where the question is, and where it waits, why. */
async function whereIs(tree: Tree, { id, to, card }: Asked): Promise<string> {
  const state = findMessage(tree, to, fileName(id, 'query'))
  if (state === 'open') return `${to} has the question`
  const why = state === 'new' || state === 'cur' ? await whyHeld(card) : undefined
  return why === undefined
    ? `the question is on its way to ${to}`
    : `the question waits for ${to}, because ${why}`
}

function tell(reply: Message, json: boolean): number {
  if (json) sayJson(reply)
  else if (reply.outcome === 'answered') say(harmless(reply.body))
  else process.stderr.write(`repowire: no answer (${reply.outcome}): ${harmless(reply.body)}\n`)
  return reply.outcome === 'answered' ? 0 : 4
}

async function notYet(tree: Tree, asked: Asked): Promise<RepowireError> {
  const where = await whereIs(tree, asked)
  const what = `There is no answer yet: ${where}. It stays asked.`
  return new RepowireError('no-answer-yet', what, `See later: repowire show ${asked.id}.`)
}

/** Stands for a lone "-" while the command line is parsed. */
export const STDIN = '\0-'

/** The text from the words of the command line, or from standard input where it is "-" alone. */
export function textFrom(words: string[], input: () => string): string {
  return words.length === 1 && words[0] === STDIN ? input() : words.join(' ').replaceAll(STDIN, '-')
}
