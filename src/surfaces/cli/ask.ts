import { ensureCourier } from '../../courier/start.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { harmless } from '../../protocol/frame.ts'
import type { Message } from '../../protocol/message.ts'
import { makeHints } from '../../spool/hints.ts'
import { watchMail } from '../../spool/watch.ts'
import { ask } from '../../verbs/ask.ts'
import { awaitReply } from '../../verbs/await-reply.ts'
import { handOver } from '../../verbs/given.ts'
import { say, sayJson, spinner } from './print.ts'
import { type Speaker, whoSpeaks } from './speaker.ts'

export type AskOptions = { timeout: number; json: boolean }

/** Asks and waits; the answer alone goes to stdout. Exit: 0 answered, 3 not yet, 4 ended without an answer. */
export async function askCommand(peer: string, question: string, options: AskOptions): Promise<number> {
  const speaker = whoSpeaks()
  ensureCourier(speaker.tree)
  const { id, to } = ask(speaker.tree, speaker.me.address, speaker.process, peer, question)
  const wait = spinner(`${to} has the question (${id}); waiting`)
  const reply = await awaitInterruptibly(speaker, id, options.timeout).finally(wait.stop)
  if (reply === undefined) throw notYet(to, id)
  const code = tell(reply, options.json)
  handOver(speaker.tree, speaker.me, id, 'shell')
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

function tell(reply: Message, json: boolean): number {
  if (json) sayJson(reply)
  else if (reply.outcome === 'answered') say(harmless(reply.body))
  else process.stderr.write(`repowire: no answer (${reply.outcome}): ${harmless(reply.body)}\n`)
  return reply.outcome === 'answered' ? 0 : 4
}

function notYet(to: string, id: string): RepowireError {
  return new RepowireError(
    'no-answer-yet',
    `${to} has not answered yet; the question stays with it.`,
    `See later: repowire show ${id}.`,
  )
}

/** Stands for a lone "-" while the command line is parsed. */
export const STDIN = '\0-'

/** The text from the words of the command line, or from standard input where it is "-" alone. */
export function textFrom(words: string[], input: () => string): string {
  return words.length === 1 && words[0] === STDIN ? input() : words.join(' ').replaceAll(STDIN, '-')
}
