// Peers without a terminal: who can be asked, and who not. mailbox-spec §5.5

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { readCard } from '../../src/spool/cards.ts'
import { pause, resume } from '../../src/spool/pause.ts'
import { ask } from '../../src/verbs/ask.ts'
import { notify } from '../../src/verbs/notify.ts'
import { looksItself, whyStuck, whyUnreachable } from '../../src/verbs/reach.ts'
import { register } from '../../src/verbs/register.ts'
import { reply } from '../../src/verbs/reply.ts'
import { codeThrown, enrol, filesIn, gone, here, makePair, startProcess, thrown } from '../world.ts'

const PANE = { socket: '/tmp/tmux', pane: '%1' }

const CARDS: [what: string, more: Partial<Card>, reached: boolean][] = [
  ['a client with hooks in a pane', { agent: 'claude-code', tmux: PANE }, true],
  [
    'a client with hooks in a pane whose server is over',
    { agent: 'claude-code', tmux: PANE, server: gone },
    true,
  ],
  ['a client with hooks and nothing else', { agent: 'claude-code' }, false],
  ['a client with hooks whose server lives', { agent: 'claude-code', server: here }, true],
  ['a client with hooks whose server is over', { agent: 'claude-code', server: gone }, false],
  ['another client, which may be its own server', { agent: 'other' }, true],
  ['another client whose server is over', { agent: 'other', server: gone }, false],
  ['a peer of another host', { agent: 'claude-code', address: 'backend@desktop' }, true],
]

for (const [what, more, reached] of CARDS) {
  t.test(`${what} can ${reached ? '' : 'not '}be reached`, async (t) => {
    const { tree, peer } = makePair(t)
    t.equal(whyUnreachable(tree, { ...peer, ...more }) === undefined, reached)
  })
}

t.test('a peer is not reached by what config.json does not let a courier use', async (t) => {
  const { tree, peer } = makePair(t)
  const isReached = (names: string[], more: Partial<Card>) => {
    const card: Card = { ...peer, agent: 'claude-code', ...more }
    writeFileSync(join(tree.root, 'config.json'), JSON.stringify({ doors: names }))
    t.equal(looksItself(tree, card), whyUnreachable(tree, card) !== undefined)
    return !looksItself(tree, card)
  }
  const reached = (...names: string[]) =>
    [{ tmux: PANE }, { inbox: '/tmp/inbox' }].map((more) => isReached(names, more))
  t.strictSame(reached('tmux', 'socket'), [true, true])
  t.strictSame(reached('tmux'), [true, false])
  t.strictSame(reached('socket'), [false, true])
})

/** A session of a client with hooks, in no pane. */
const enrolOutside = (t: Test, world: ReturnType<typeof makePair>, server?: Card['server']) =>
  enrol(t, world, 'editor', { agent: 'claude-code', server })

t.test(
  'asking a peer that nothing can reach fails at once with that reason, and writes nothing',
  async (t) => {
    const world = makePair(t)
    const { tree, me } = world
    enrolOutside(t, world)
    const before = filesIn(tree.root)
    const error = thrown(() => ask(tree, me.address, here, { peer: 'editor', body: 'x' }))
    t.equal(error.code, 'peer-unreachable')
    t.match(
      error.message,
      /runs in no tmux pane that may be typed into, its client has no inbox, and no repowire server/,
    )
    t.strictSame(filesIn(tree.root), before)
    t.ok(notify(tree, me.address, 'editor', 'x'), 'a notice waits for it')
  },
)

t.test('a peer that only takes its mail itself can be asked while its server lives', async (t) => {
  const world = makePair(t)
  const { tree, me } = world
  const server = startProcess(t)
  const card = enrolOutside(t, world, server.mark)
  const { id } = ask(tree, me.address, here, { peer: 'editor', body: 'x' })
  t.ok(looksItself(tree, card))
  t.equal(whyStuck(tree, id, card.address), undefined)
  await server.end()
  t.match(whyStuck(tree, id, card.address), {
    code: 'peer-unreachable',
    why: /waits for editor@laptop, because/,
  })
  t.equal(
    codeThrown(() => ask(tree, me.address, here, { peer: 'editor', body: 'x' })),
    'peer-unreachable',
  )
})

t.test('the first server of a client that lives is the one on its card', async (t) => {
  const world = makePair(t)
  const { tree } = world
  const first = startProcess(t)
  const card = enrolOutside(t, world, first.mark)
  const again = (server?: Card['server']) => {
    register(tree, { agent: 'claude-code', directory: card.directory, process: card.process, server })
    return readCard(tree, card.address)?.server
  }
  const second = startProcess(t).mark
  t.strictSame(again(second), first.mark)
  await first.end()
  t.strictSame(again(), first.mark, 'a hook knows of no server')
  t.strictSame(again(second), second)
})

t.test('a hook that came first leaves the server to be written when it comes', async (t) => {
  const world = makePair(t)
  const card = enrolOutside(t, world)
  const { agent, directory, process } = card
  register(world.tree, { agent, directory, process, server: here })
  t.strictSame(readCard(world.tree, card.address)?.server, here)
})

t.test(
  'a question that waits for a paused peer says so, and none that was given or answered does',
  async (t) => {
    const { tree, me, peer } = makePair(t)
    const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'x' })
    t.equal(whyStuck(tree, id, peer.address), undefined)
    pause(tree, peer.address, { since: '2026-11-22T09:40:00.000Z', by: 'ada@laptop' })
    t.match(whyStuck(tree, id, peer.address), { code: 'peer-paused', why: /paused since 2026-11-22/ })
    reply(tree, peer.address, id, 'answer')
    t.equal(whyStuck(tree, id, peer.address), undefined)
    resume(tree, peer.address)
  },
)
