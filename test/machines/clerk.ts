// A host's peer and its courier in one process, which does what it is told: a line in with the name of a deed and what it needs, a line out with what
// came of it. It is told by a test whose clock is not its own.

import { createInterface } from 'node:readline'
import { runCourier } from '../../src/courier/run.ts'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { SPEC } from '../../src/protocol/layout.ts'
import type { Message } from '../../src/protocol/message.ts'
import { blockOn } from '../../src/spool/asks.ts'
import { beat, newBeat } from '../../src/spool/beat.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { newId, timestamp } from '../../src/spool/new-id.ts'
import { markOf } from '../../src/spool/process.ts'
import { publish } from '../../src/spool/publish.ts'
import { openTree } from '../../src/spool/tree.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { describeHosts } from '../../src/verbs/describe-hosts.ts'
import { gc } from '../../src/verbs/gc.ts'
import { handOver } from '../../src/verbs/given.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { register } from '../../src/verbs/register.ts'
import { reply } from '../../src/verbs/reply.ts'
import { sweep } from '../../src/verbs/sweep.ts'

type About = { to: string; id: string; body: string; seconds: number; days: number }

const PATIENCE_MS = 120_000

const tree = openTree(process.env)
const me = markOf(process.pid) as ProcessMark
const card = register(tree, { agent: 'other', directory: process.argv[2] ?? '', process: me })
const mine = newBeat(tree)
const closing = new AbortController()
const courier = runCourier(tree, closing.signal, { stay: true, by: 'a test' })

/** No verb of today says for how long a question may wait; the spec lets a sender say it. */
function askFor({ to, body, seconds }: About): string {
  const [id, sent] = [newId(), timestamp()]
  blockOn(tree, card.address, { id, to, process: me, since: sent })
  const head: Message = { spec: SPEC, id, kind: 'query', from: card.address, to, sent, body }
  publish(tree, { ...head, ttl_seconds: seconds })
  return id
}

async function answerTo({ id }: About): Promise<object> {
  const wait = { milliseconds: PATIENCE_MS, hints: makeHints() }
  const answer = await awaitReply(tree, card.address, me, id, wait)
  handOver(tree, card, id, 'server')
  return { outcome: answer?.outcome, body: answer?.body }
}

const deeds: Record<string, (about: About) => unknown> = {
  ask: ({ to, body }) => ask(tree, card.address, me, { peer: to, body }).id,
  askFor,
  answerTo,
  take: () => takeInbox(tree, card, false).map(({ id }) => id),
  reply: ({ id, body }) => reply(tree, card.address, id, body),
  sweep: () => sweep(tree),
  gc: ({ days }) => gc(tree, { days }).messages,
  hosts: () => describeHosts(tree),
  beat: () => beat(tree, mine),
  close: async () => {
    closing.abort('the test is over')
    return await courier
  },
}

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

say({ address: card.address, now: Date.now() })
createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { deed, about } = JSON.parse(line) as { deed: string; about: About }
    try {
      say({ did: (await deeds[deed]?.(about)) ?? null })
    } catch (error) {
      say({ failed: String(error) })
    }
  })
  .on('close', () => process.exit(0))
