// Quiet notices: what an agent is told with its own prompt. mailbox-spec §8.5

import t from 'tap'
import { frameText } from '../../src/protocol/frame.ts'
import { pause, resume } from '../../src/spool/pause.ts'
import { ask } from '../../src/verbs/ask.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { notify } from '../../src/verbs/notify.ts'
import { waitingNotices } from '../../src/verbs/waiting-notices.ts'
import { filesIn, framed, here, makePair, message, place, Q, type World } from '../world.ts'

const tell = ({ tree, me }: ReturnType<typeof makePair>, wake: boolean) =>
  notify(tree, me.address, 'backend', 'news', wake).id

const stateOf = ({ tree }: World) => filesIn(tree.state).filter((file) => file.startsWith('told/'))

t.test('an agent is told once how many quiet notices wait, and again when another has come', async (t) => {
  const world = makePair(t)
  const { tree, peer } = world
  tell(world, false)
  tell(world, false)
  t.equal(waitingNotices(tree, peer, 'my prompt'), 2)
  t.equal(waitingNotices(tree, peer, 'my next prompt'), 0)
  tell(world, false)
  t.equal(waitingNotices(tree, peer, 'another'), 3)
  t.equal(waitingNotices(tree, peer, 'and another'), 0)
})

t.test('a notice that wakes, a question and a broken file are not told of', async (t) => {
  const world = makePair(t)
  const { tree, me, peer } = world
  tell(world, true)
  ask(tree, me.address, here, { peer: 'backend', body: 'x' })
  place(tree, peer.address, 'new', `${Q}.notice.json`, '{')
  t.equal(waitingNotices(tree, peer, 'my prompt'), 0)
  t.strictSame(stateOf(world), [])
})

t.test(
  "a prompt that is only ours is not the agent's own, and one with something of its user's is",
  async (t) => {
    const world = makePair(t)
    const { tree, peer } = world
    tell(world, false)
    const ours = frameText(framed(message()))
    const next = frameText(framed(message({ id: `${Q.slice(0, -1)}9`, kind: 'notice' })))
    for (const prompt of [ours, `${ours}\n`, `${ours}\n\n${next}`])
      t.equal(waitingNotices(tree, peer, prompt), 0)
    t.equal(waitingNotices(tree, peer, `${ours}\nand mine`), 1)
    tell(world, false)
    t.equal(waitingNotices(tree, peer, `mine, then ${ours}`), 2)
  },
)

t.test('what its inbox tool handed over waits no more', async (t) => {
  const world = makePair(t)
  const { tree, peer } = world
  const id = tell(world, false)
  t.equal(waitingNotices(tree, peer, 'my prompt'), 1)
  t.match(takeInbox(tree, peer, false), [{ id }])
  t.equal(waitingNotices(tree, peer, 'my prompt'), 0)
  tell(world, false)
  t.equal(waitingNotices(tree, peer, 'my prompt'), 1)
})

t.test('a paused agent is told nothing until it is resumed', async (t) => {
  const world = makePair(t)
  const { tree, peer } = world
  tell(world, false)
  pause(tree, peer.address, { since: '', by: '' })
  t.equal(waitingNotices(tree, peer, 'my prompt'), 0)
  resume(tree, peer.address)
  t.equal(waitingNotices(tree, peer, 'my prompt'), 1)
})

t.test('of very many a hook reads a hundred, and tells of the rest with the next prompts', async (t) => {
  const world = makePair(t)
  for (let n = 0; n < 150; n++) tell(world, false)
  t.equal(waitingNotices(world.tree, world.peer, 'my prompt'), 100)
  t.equal(waitingNotices(world.tree, world.peer, 'my prompt'), 150)
  t.equal(waitingNotices(world.tree, world.peer, 'my prompt'), 0)
})
