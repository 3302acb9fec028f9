/**
 * A scripted peer that is its own server: it takes its mail, answers what it is asked, and asks what it is told to. Commands come by
 * stdin and what it was handed goes to a file outside of everything, one JSON object a line each. `die`: to be killed at that point.
 */

import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { codeOf } from '../../src/protocol/errors.ts'
import type { Message } from '../../src/protocol/message.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { markOf } from '../../src/spool/process.ts'
import { openTree } from '../../src/spool/tree.ts'
import { watchMail } from '../../src/spool/watch.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { broadcast } from '../../src/verbs/broadcast.ts'
import { handOver } from '../../src/verbs/given.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { notify } from '../../src/verbs/notify.ts'
import { register } from '../../src/verbs/register.ts'
import { reply } from '../../src/verbs/reply.ts'

export type Point = 'asked' | 'handed' | 'answered' | 'got' | 'handed-over'
export type Command =
  | { do: 'ask'; to: string; body: string }
  | { do: 'notify'; to: string; body: string }
  | { do: 'broadcast'; body: string }
  | { do: 'die'; at: Point }

/** `ms`: how long the answer took. */
export type Line = {
  at: number
  pid: number
  event:
    | 'ready'
    | 'asking'
    | 'asked'
    | 'refused'
    | 'late'
    | 'got'
    | 'consumed'
    | 'handed'
    | 'answered'
    | 'told'
    | 'failed'
  [field: string]: unknown
}

const LOOK_MS = 100
const PATIENCE_MS = 30_000

const [, , log = '', slow = '0'] = process.argv
const tree = openTree(process.env)
const me = markOf(process.pid) as ProcessMark
const hints = makeHints()
let mortal: Point | undefined
let answers = 0

function say(event: Line['event'], more: object = {}): void {
  appendFileSync(log, `${JSON.stringify({ at: Date.now(), pid: process.pid, event, ...more })}\n`)
}

function at(point: Point): void {
  if (mortal === point) process.kill(process.pid, 'SIGKILL')
}

function seat() {
  return register(tree, { agent: 'other', process: me, server: me, directory: process.cwd() })
}

/** A tool call that fails is told to the agent, and the agent goes on. */
function trying<T>(what: string, act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    return void say('failed', { what, code: codeOf(error), why: String(error) })
  }
}

function takeMail(): void {
  for (const message of trying('inbox', () => takeInbox(tree, seat(), false)) ?? []) {
    const { id, kind, body, from } = message
    if (kind === 'reply') consume(message, true)
    else say(kind === 'query' ? 'handed' : 'told', { id, body, from })
    if (kind === 'query') void answer(message)
  }
}

/** Each handover is answered with a text of its own: one that came twice would show. */
async function answer({ id, body }: Message): Promise<void> {
  at('handed')
  answers += 1
  const text = `${body} ${process.pid}.${answers}`
  await sleep(Number(slow) * Math.random())
  const sent = trying(`reply ${id}`, () => reply(tree, seat().address, id, text))
  at('answered')
  if (sent !== undefined) say('answered', { id, body: text })
}

async function askOne(to: string, body: string): Promise<void> {
  say('asking', { body })
  const start = performance.now()
  const asked = trying(`ask ${body}`, () => ask(tree, seat().address, me, { peer: to, body }))
  if (asked === undefined) return say('refused', { body })
  at('asked')
  const { id } = asked
  say('asked', { id, body })
  const wait = { milliseconds: PATIENCE_MS, hints }
  try {
    const answer = await awaitReply(tree, seat().address, me, id, wait)
    if (answer === undefined) say('late', { id })
    else consume(answer, false, performance.now() - start)
  } catch (error) {
    say('failed', { what: `await ${id}`, code: codeOf(error), why: String(error) })
  }
}

/** `over`: the inbox has handed it over already. */
function consume({ id, body, outcome }: Message, over: boolean, ms?: number): void {
  say('got', { id, body, outcome, ...(ms !== undefined && { ms }) })
  at('got')
  if (!over) trying(`hand over ${id}`, () => handOver(tree, seat(), id, 'server'))
  at('handed-over')
  say('consumed', { id })
}

function obey(command: Command): void {
  if (command.do === 'die') mortal = command.at
  else if (command.do === 'ask') void askOne(command.to, command.body)
  else if (command.do === 'notify')
    trying('notify', () => notify(tree, seat().address, command.to, command.body))
  else trying('broadcast', () => broadcast(tree, seat().address, command.body))
}

const mine = seat()
const watch = watchMail(tree, [mine.address], () => {
  hints.poke()
  takeMail()
})
await watch.ready
setInterval(takeMail, LOOK_MS)
createInterface({ input: process.stdin })
  .on('line', (line) => obey(JSON.parse(line)))
  .on('close', () => process.exit(0))
say('ready', { address: mine.address })
