// The process that asks: a question through the verbs, then the floor, in turn. Prints one line for each pair.

import * as path from 'node:path'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { markOf } from '../../src/spool/process.ts'
import { openTree } from '../../src/spool/tree.ts'
import { watchMail } from '../../src/spool/watch.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { handOver } from '../../src/verbs/given.ts'
import { register } from '../../src/verbs/register.ts'
import { createRaw, makeRawExchange } from './raw-exchange.ts'

const [peer = '', rounds = ''] = process.argv.slice(2)
// A question comes out of the quiet: what the exchange before it left to do must not slow it.
const QUIET_MS = 12
const PATIENCE_MS = 10_000

const tree = openTree(process.env)
const waiter = markOf(process.pid) as ProcessMark
const me = register(tree, { agent: 'other', process: waiter, directory: process.cwd() })
const now = () => Number(process.hrtime.bigint()) / 1e6
const quiet = () => new Promise((resolve) => setTimeout(resolve, QUIET_MS))

let told = 0
const hints = makeHints()
await watchMail(tree, [me.address], () => {
  told ||= now()
  hints.poke()
}).ready
const raw = path.resolve('..', 'raw')
const exchangeRaw = makeRawExchange(raw)

for (let round = 0; round < Number(rounds); round++) {
  await quiet()
  const exchanged = await exchange()
  await quiet()
  const start = now()
  await exchangeRaw(`${round}.json`)
  const back = now()
  createRaw(raw, `${round}.empty`)
  console.log(JSON.stringify({ ...exchanged, raw: back - start, created: now() - back }))
}
process.exit(0)

async function exchange(): Promise<object> {
  told = 0
  const start = now()
  const { id } = ask(tree, me.address, waiter, { peer, body: 'Which port does the server listen on?' })
  const asked = now()
  const reply = await awaitReply(tree, me.address, waiter, id, { milliseconds: PATIENCE_MS, hints })
  const end = now()
  if (reply?.outcome !== 'answered') throw new Error(`no answer within ${PATIENCE_MS} ms`)
  handOver(tree, me, id, 'post-tool') // the hook's move, after the tool has returned
  return { id, start, asked, told, end }
}
