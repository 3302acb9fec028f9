// A follow-up shows the agent the exchange before it. mailbox-spec §8

import t from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { frameText } from '../../src/protocol/frame.ts'
import type { Message } from '../../src/protocol/message.ts'
import { readGrant } from '../../src/spool/grants.ts'
import { claim } from '../../src/spool/moves.ts'
import { publish } from '../../src/spool/publish.ts'
import { ask, type Question } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { frameFor } from '../../src/verbs/exchange.ts'
import { given } from '../../src/verbs/given.ts'
import { reply } from '../../src/verbs/reply.ts'
import { codeThrown, enrol, here, makePair, message, Q, read, type World, waitOf } from '../world.ts'

type Pair = World & { me: Card; peer: Card }

/** Asks, and returns the query as it lies in the mailbox of its peer. */
function put({ tree, me }: Pair, more: Partial<Question> = {}): Message {
  const { id, to } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?', ...more })
  return read(tree, to, 'new', `${id}.query.json`)
}

async function answered(pair: Pair, text: string, more: Partial<Question> = {}): Promise<string> {
  const { id, to } = put(pair, more)
  reply(pair.tree, to, id, text)
  await awaitReply(pair.tree, pair.me.address, here, id, waitOf(0))
  return id
}

t.test(
  'a follow-up belongs to the thread of what it follows, and shows that before its own text',
  async (t) => {
    const pair = makePair(t)
    const first = await answered(pair, '8080')
    const second = put(pair, { body: 'And over TLS?', replyTo: first })
    t.match(second, { in_reply_to: first, thread: first, body: 'And over TLS?' })
    const text = frameText(frameFor(pair.tree, second))
    t.match(
      text,
      /frontend@laptop asked backend@laptop:\nWhich port\?\n\nbackend@laptop answered:\n8080\n\nNow frontend@laptop asks:\nAnd over TLS\?/,
    )
    t.match(text.split('\n')[0], second.id)
  },
)

t.test('a follow-up of a follow-up shows both, oldest first, and stays in the first thread', async (t) => {
  const pair = makePair(t)
  const first = await answered(pair, '8080')
  const second = await answered(pair, '8443', { body: 'And over TLS?', replyTo: first })
  const third = put(pair, { body: 'Since when?', replyTo: second })
  t.equal(third.thread, first)
  const text = frameText(frameFor(pair.tree, third))
  t.ok(text.indexOf('8080') < text.indexOf('8443') && text.indexOf('8443') < text.indexOf('Since when?'))
})

t.test('of a long thread the last three exchanges are shown', async (t) => {
  const pair = makePair(t)
  let last: string | undefined
  for (const n of [1, 2, 3, 4])
    last = await answered(pair, `answer ${n}`, { body: `question ${n}`, replyTo: last })
  const text = frameText(frameFor(pair.tree, put(pair, { body: 'now', replyTo: last })))
  t.notMatch(text, 'question 1')
  for (const n of [2, 3, 4]) t.match(text, `question ${n}`)
})

t.test('another peer can be shown what the first one said', async (t) => {
  const pair = makePair(t)
  enrol(t, pair, 'cache')
  const first = await answered(pair, '8080')
  const second = put(pair, { peer: 'cache', body: 'Do you agree?', replyTo: first })
  t.match(frameText(frameFor(pair.tree, second)), /backend@laptop answered:\n8080/)
})

t.test('whoever was asked can ask back about it', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  const back = ask(tree, peer.address, peer.process, { peer: 'frontend', body: 'For what?', replyTo: id })
  const query = read(tree, me.address, 'new', `${back.id}.query.json`)
  t.match(frameText(frameFor(tree, query)), /Which port\?\n\nbackend@laptop has not answered yet\./)
})

t.test('what is no exchange of the asker is refused before anything is written', async (t) => {
  const pair = makePair(t)
  const other = enrol(t, pair, 'cache')
  const foreign = ask(pair.tree, other.address, other.process, { peer: 'backend', body: 'secret?' }).id
  for (const replyTo of [foreign, Q, 'x', ''])
    t.equal(
      codeThrown(() => put(pair, { replyTo })),
      'no-such-query',
      replyTo,
    )
})

t.test('the texts of before cannot close the fence, nor fill the window', async (t) => {
  const pair = makePair(t)
  const first = await answered(pair, 'x'.repeat(50_000), { body: 'y'.repeat(50_000) })
  const second = put(pair, { body: 'now', replyTo: first })
  const text = frameText(frameFor(pair.tree, second))
  const fence = text.split('\n').at(-1) ?? ''
  t.equal(text.split(fence).length, 3)
  t.ok(text.length < 10_000)
})

t.test('a follow-up that was typed is recognised as the whole of its prompt', async (t) => {
  const pair = makePair(t)
  const first = await answered(pair, '8080')
  const second = put(pair, { body: 'And over TLS?', replyTo: first })
  claim(pair.tree, pair.peer.address, `${second.id}.query.json`)
  given(pair.tree, pair.peer, { text: frameText(frameFor(pair.tree, second)), hook: 'prompt' })
  t.match(readGrant(pair.tree, second.id), { alone: true })
})

t.test('an answer that was refused is no part of the exchange', async (t) => {
  const pair = makePair(t)
  const { tree, me } = pair
  enrol(t, pair, 'cache')
  const { id } = put(pair)
  publish(tree, message({ id, kind: 'reply', from: 'cache@laptop', to: me.address, body: 'forged' }))
  await awaitReply(tree, me.address, here, id, waitOf(0))
  const text = frameText(frameFor(tree, put(pair, { body: 'And TLS?', replyTo: id })))
  t.match(text, /Which port\?\n\nbackend@laptop has not answered yet\./)
  t.notMatch(text, 'forged')
})
