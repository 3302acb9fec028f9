// Circles of questions: every one of them is answered, and nobody hangs. mailbox-spec §9.3

import t, { type Test } from 'tap'
import type { Card, ProcessMark } from '../../src/protocol/card.ts'
import type { Message } from '../../src/protocol/message.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { reply } from '../../src/verbs/reply.ts'
import { enrol, mailOf, makeWorld, startProcess, type World, waitOf } from '../world.ts'

const LONG_MS = 2 ** 30

/** An agent that asks, answers what closes a circle, and waits on until it has its own answer. */
async function converse({ tree }: World, me: Card, waiter: ProcessMark, peer: Card): Promise<string> {
  const { id } = ask(tree, me.address, waiter, { peer: peer.address, body: `${me.address} asks` })
  for (;;) {
    const wait = { ...waitOf(LONG_MS), counter: true }
    const found = (await awaitReply(tree, me.address, waiter, id, wait)) as Message
    if (found.kind === 'reply') return found.body
    reply(tree, me.address, found.id, `${me.address} answers`)
  }
}

/** Its wait is over, and it is at rest: it answers what lies in its mailbox. */
function answerAll({ tree }: World, me: Card): void {
  for (const { id } of takeInbox(tree, me, false)) reply(tree, me.address, id, `${me.address} answers`)
}

function makeAgents(t: Test, names: string[]) {
  const world = makeWorld(t)
  return { world, cards: names.map((name) => enrol(t, world, name)) }
}

/** Each of these asks the next; whoever has its answer answers what is still there. */
async function goRound(world: World, asks: [from: Card, to: Card][]): Promise<string[]> {
  const rest = new Set<Card>()
  const timer = setInterval(() => {
    for (const card of rest) answerAll(world, card)
  }, 20)
  const answers = asks.map(async ([from, to]) => {
    const answer = await converse(world, from, from.process, to)
    rest.add(from)
    return answer
  })
  return await Promise.all(answers).finally(() => clearInterval(timer))
}

function nothingIsLeft(t: Test, { tree }: World, cards: Card[]): void {
  for (const { address } of cards) {
    const left = mailOf(tree, address).filter((file) => /^(new|open|asks)\//.test(file))
    t.strictSame(left, [], address)
  }
}

t.test('two agents that ask each other at once both get their answers', async (t) => {
  const { world, cards } = makeAgents(t, ['a', 'b'])
  const [a, b] = cards as [Card, Card]
  t.strictSame(
    await goRound(world, [
      [a, b],
      [b, a],
    ]),
    ['b@laptop answers', 'a@laptop answers'],
  )
  nothingIsLeft(t, world, cards)
})

t.test('three agents that ask each other in a circle all get their answers', async (t) => {
  const { world, cards } = makeAgents(t, ['a', 'b', 'c'])
  const [a, b, c] = cards as [Card, Card, Card]
  const answers = await goRound(world, [
    [a, b],
    [b, c],
    [c, a],
  ])
  t.strictSame(answers, ['b@laptop answers', 'c@laptop answers', 'a@laptop answers'])
  nothingIsLeft(t, world, cards)
})

t.test('two ask one at once, and it asks one of them: all three get their answers', async (t) => {
  const { world, cards } = makeAgents(t, ['a', 'b', 'c'])
  const [a, b, c] = cards as [Card, Card, Card]
  const answers = await goRound(world, [
    [a, c],
    [b, c],
    [c, a],
  ])
  t.strictSame(answers, ['c@laptop answers', 'c@laptop answers', 'a@laptop answers'])
  nothingIsLeft(t, world, cards)
})

t.test(
  'the edge of a waiter that was killed holds nobody: the question behind it waits its turn',
  async (t) => {
    const { world, cards } = makeAgents(t, ['a', 'b'])
    const [a, b] = cards as [Card, Card]
    const server = startProcess(t)
    const stale = ask(world.tree, a.address, server.mark, { peer: b.address, body: 'stale' }).id
    await server.end()
    const waits = converse(world, b, b.process, a)
    answerAll(world, a)
    t.equal(await waits, 'a@laptop answers')
    answerAll(world, b)
    t.ok(mailOf(world.tree, a.address).includes(`new/${stale}.reply.json`), 'and its own answer is mail')
  },
)
