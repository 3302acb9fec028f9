// The process that is asked. It takes every step of a delivery but the terminal: claims, writes the courier's lines, is
// given the question as by the prompt hook, and answers as by the Stop hook.

import * as path from 'node:path'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { frameText } from '../../src/protocol/frame.ts'
import { record } from '../../src/spool/journal.ts'
import { claim } from '../../src/spool/moves.ts'
import { markOf } from '../../src/spool/process.ts'
import { type Mail, read, scan } from '../../src/spool/scan.ts'
import { openTree } from '../../src/spool/tree.ts'
import { watchMail } from '../../src/spool/watch.ts'
import { endTurn } from '../../src/verbs/end-turn.ts'
import { frameFor } from '../../src/verbs/exchange.ts'
import { given } from '../../src/verbs/given.ts'
import { register } from '../../src/verbs/register.ts'
import { echoRaw } from './raw-exchange.ts'

// Only for an event that never comes: it then shows as a late answer.
const SLOW_MS = 1_000

const tree = openTree(process.env)
const card = register(tree, {
  agent: 'other',
  process: markOf(process.pid) as ProcessMark,
  directory: process.cwd(),
})
const now = () => Number(process.hrtime.bigint()) / 1e6

const watch = watchMail(tree, [card.address], () => serve('event'))
setInterval(() => serve('timer'), SLOW_MS)
echoRaw(path.resolve('..', 'raw'))
await watch.ready
console.log(JSON.stringify({ ready: card.address }))
process.stdin.resume().on('end', () => process.exit(0))

function serve(by: string): void {
  for (const mail of scan(tree, card.address, 'new')) answer(mail, by)
}

function answer(mail: Mail, by: string): void {
  const woken = now()
  if (!claim(tree, card.address, mail.file)) return
  record(tree, 'claimed', card.address, mail.id)
  const parsed = read(tree, card.address, 'cur', mail)
  if (parsed === undefined || 'fault' in parsed) throw new Error(`${mail.file} cannot be read`)
  const prompt = frameText(frameFor(tree, parsed.message))
  record(tree, 'typing', card.address, mail.id, { door: 'bench' })
  record(tree, 'entered', card.address, mail.id, { pressed: true, enters: 1 })
  given(tree, card, { text: prompt, transcript: '/dev/null', hook: 'prompt' })
  const opened = now()
  endTurn(tree, card, {
    prompts: () => [{ text: prompt, absorbed: false }],
    text: () => '8080, from server/config.ts.',
  })
  console.log(JSON.stringify({ id: mail.id, by, woken, opened, answered: now() }))
}
