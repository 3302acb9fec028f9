// A scripted peer: an agent without hooks that is its own server. It asks the one whose address is on its standard input, as often as it
// is told, and answers what it is asked after a moment, each time with another text: who is asked twice answers twice. Every hand-over and every
// answer that it consumes is a line of its log, which lies outside of every tree.

import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessMark } from '../../src/protocol/card.ts'
import type { Message } from '../../src/protocol/message.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { markOf } from '../../src/spool/process.ts'
import { openTree } from '../../src/spool/tree.ts'
import { watchMail } from '../../src/spool/watch.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { handOver } from '../../src/verbs/given.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { register } from '../../src/verbs/register.ts'
import { reply } from '../../src/verbs/reply.ts'

const [, , directory = '', log = ''] = process.argv
const WAIT_MS = 15_000
const LOOK_MS = 250

const tree = openTree(process.env)
const me = markOf(process.pid) as ProcessMark
const card = register(tree, { agent: 'other', directory, process: me })
const hints = makeHints()
const watch = watchMail(tree, [card.address], hints.poke)
let ended = false

const note = (what: string, id: string, text = '') =>
  appendFileSync(log, `${JSON.stringify({ what, id, text })}\n`)

/** A tree that is being rolled back fails here and there: it is looked at again. */
async function again<T>(act: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    note('failed', '', String(error))
    return undefined
  }
}

async function askOne(peer: string, n: number): Promise<void> {
  const asked = await again(() => ask(tree, card.address, me, { peer, body: `question ${n}` }))
  if (asked === undefined) return
  note('asked', asked.id)
  const wait = { milliseconds: WAIT_MS, hints: makeHints() }
  const answer = await again(() => awaitReply(tree, card.address, me, asked.id, wait))
  if (answer === undefined) return
  handOver(tree, card, answer.id, 'server')
  note('consumed', answer.id, answer.body)
}

async function answerOne({ id, body }: Message): Promise<void> {
  await sleep(50 + Math.random() * 400)
  for (let done = false; !done && !ended; ) {
    done = (await again(() => reply(tree, card.address, id, `${body}: ${Math.random()}`))) !== undefined
    if (!done) await sleep(LOOK_MS)
  }
}

async function takeAll(): Promise<void> {
  for (const message of (await again(() => takeInbox(tree, card, false))) ?? []) {
    if (message.kind === 'query') note('handed', message.id)
    if (message.kind === 'reply') note('consumed', message.id, message.body)
    if (message.kind === 'query') void answerOne(message)
  }
}

process.stdout.write(`${card.address}\n`)
// A line: the address of whom to ask, and a number.
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [peer = '', n] = line.split(' ')
    void askOne(peer, Number(n))
  })
  .on('close', () => {
    ended = true
    hints.poke()
  })
for (const signal = new AbortController().signal; !ended; ) {
  await takeAll()
  await hints.wait(LOOK_MS, signal)
}
await watch.close()
process.exit(0)
