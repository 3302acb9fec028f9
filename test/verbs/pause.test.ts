// Do not disturb. mailbox-spec §5.3

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { attend } from '../../src/courier/attend.ts'
import { whereIs } from '../../src/courier/where.ts'
import { pause, pauseOf, resume } from '../../src/spool/pause.ts'
import { ask } from '../../src/verbs/ask.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { notify } from '../../src/verbs/notify.ts'
import { actor } from '../courier/stage.ts'
import { codeThrown, here, mailOf, makePair, thrown } from '../world.ts'

const memory = () => ({ attempts: new Map(), typedBefore: new Set<string>(), known: new Map() })
const PAUSE = { since: '2026-11-22T09:40:00.000Z', by: 'ada@laptop' }
const asked = { peer: 'backend', body: 'Which port?' }

t.test('a question to a paused peer is refused at once, and writes nothing; a notice waits', async (t) => {
  const { tree, me, peer } = makePair(t)
  pause(tree, peer.address, PAUSE)
  const error = thrown(() => ask(tree, me.address, here, asked))
  t.equal(error.code, 'peer-paused')
  t.match(error.message, PAUSE.since)
  t.strictSame(mailOf(tree, me.address), [])
  const { id } = notify(tree, me.address, 'backend', 'Renamed.')
  t.ok(mailOf(tree, peer.address).includes(`new/${id}.notice.json`))
})

t.test('what was asked before waits, its asker is told why, and resuming lets it through', async (t) => {
  const world = makePair(t)
  const { tree, me } = world
  const { card } = actor(t, world, { server: here })
  const { id } = ask(tree, me.address, here, { ...asked, peer: 'actor' })
  pause(tree, card.address, PAUSE)
  t.match(await attend(tree, card, memory()), { why: /is paused since 2026/, id })
  t.match(await whereIs(tree, id, card.address), /waits for actor@laptop, because actor is paused/)
  t.ok(resume(tree, card.address))
  t.match(await attend(tree, card, memory()), { why: 'it runs in no tmux pane' })
  t.notOk(resume(tree, card.address), 'twice is once')
})

t.test('a paused agent may still take its mail itself', async (t) => {
  const { tree, me, peer } = makePair(t)
  ask(tree, me.address, here, asked)
  pause(tree, peer.address, PAUSE)
  t.equal(takeInbox(tree, peer, true).length, 1)
})

t.test('a file that cannot be read pauses too', async (t) => {
  const { tree, me, peer } = makePair(t)
  writeFileSync(join(tree.root, 'inbox', peer.address, 'paused.json'), '{"since":')
  t.match(pauseOf(tree, peer.address), { by: 'somebody' })
  t.equal(
    codeThrown(() => ask(tree, me.address, here, asked)),
    'peer-paused',
  )
})
