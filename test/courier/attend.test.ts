// One round at the mailbox of an agent that no pane is needed for: what its own record of itself says is over, ends.

import t, { type Test } from 'tap'
import { attend } from '../../src/courier/attend.ts'
import { blockOn, forgetAsk } from '../../src/spool/asks.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { entriesOf, gone, here, lay, mailOf, makePair, Q, read } from '../world.ts'
import { actor } from './stage.ts'

const TO = 'actor@laptop'
const LATER_MS = 100_000

const memory = () => ({ attempts: new Map(), typedBefore: new Set<string>(), known: new Map() })

/** Stops the clock, by default a while after everything that lies on the disk; returns what it shows. */
function stopClock(t: Test, ahead = LATER_MS): number {
  const { now } = Date
  const at = now() + ahead
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => at
  return at
}

/** An agent whose record says this since so long before the clock stopped. */
function scene(t: Test, fields: object, since: number | undefined) {
  const world = makePair(t)
  const { card, status } = actor(t, world)
  return {
    ...world,
    round: async (more: object = {}) => {
      const at = stopClock(t)
      status({ ...fields, statusUpdatedAt: since === undefined ? undefined : at - since })
      return await attend(world.tree, card, { ...memory(), ...more })
    },
  }
}

for (const [what, fields, since, why] of [
  ['has rested since, and no Stop hook ran', {}, 50_000, /its turn was stopped/],
  ['has run a shell since', { status: 'shell' }, 50_000, /its turn was stopped/],
  ['was moved to the background', { parkedJobId: 'x' }, 50_000, /moved to the background/],
  ['has rested since before, and never took it up', {}, 150_000, /its turn was stopped/],
  ['fell idle only now: its hooks may run still', {}, 500, undefined],
  ['works at it', { status: 'busy' }, 50_000, undefined],
  ['waits for its user', { status: 'waiting' }, 50_000, undefined],
  ['does not say since when it rests', {}, undefined, undefined],
] as const) {
  t.test(
    `a question in open/ of an agent that ${what} ${why ? 'ends as interrupted' : 'stays'}`,
    async (t) => {
      const { tree, me, round } = scene(t, fields, since)
      lay(tree, 'open', { to: TO })
      await round()
      t.strictSame(mailOf(tree, TO), [`${why ? 'dead' : 'open'}/${Q}.query.json`])
      if (why === undefined) t.strictSame(mailOf(tree, me.address), [])
      else t.match(read(tree, me.address, 'new', `${Q}.reply.json`), { outcome: 'interrupted', body: why })
    },
  )
}

for (const [what, fields, since, back] of [
  ['has rested since', {}, 50_000, true],
  ['fell idle only now', {}, 500, false],
  ['is at work', { status: 'busy' }, 50_000, false],
] as const) {
  for (const kind of ['notice', 'reply'] as const) {
    t.test(
      `a ${kind} that was claimed and not shown ${back ? 'comes again' : 'stays'} where the agent ${what}`,
      async (t) => {
        const { tree, round } = scene(t, fields, since)
        const file = lay(tree, 'cur', { kind, to: TO })
        await round()
        const late = kind === 'reply' ? [`asks/${Q}.late.json`] : []
        t.strictSame(mailOf(tree, TO), back ? [...late, `new/${file}`] : [`cur/${file}`])
        t.match(entriesOf(tree, Q), back ? [{ event: 'put-back' }] : [])
      },
    )
  }
}

t.test('what was claimed this very moment is not taken for unshown', async (t) => {
  const world = makePair(t)
  const { card } = actor(t, world)
  stopClock(t, 0)
  const file = lay(world.tree, 'cur', { kind: 'notice', to: TO })
  await attend(world.tree, card, memory())
  t.strictSame(mailOf(world.tree, TO), [`cur/${file}`])
})

t.test('a question expires also where it was typed and never taken', async (t) => {
  const { tree, me, round } = scene(t, {}, 50_000)
  lay(tree, 'cur', { to: TO, ttl_seconds: 60 })
  await round({ typedBefore: new Set([`${Q}.query.json`]) })
  t.strictSame(mailOf(tree, TO), [`dead/${Q}.query.json`])
  t.equal(read(tree, me.address, 'new', `${Q}.reply.json`).outcome, 'expired')
})

for (const [what, file, to] of [
  ['that was typed', `${Q}.query.json`, 'cur'],
  ['of whose id a reply was typed', `${Q}.reply.json`, 'new'],
] as const) {
  t.test(`a question ${what} is ${to === 'cur' ? 'not ' : ''}put back for being claimed`, async (t) => {
    const { tree, round } = scene(t, {}, 50_000)
    lay(tree, 'cur', { to: TO })
    await round({ typedBefore: new Set([file]) })
    t.strictSame(mailOf(tree, TO), [`${to}/${Q}.query.json`])
  })
}

const SECOND = '20261122t094012413z-00000000'

t.test('nothing is typed between the hook that saw a prompt and the status that follows it', async (t) => {
  const world = makePair(t)
  const { card, status } = actor(t, world)
  status({ statusUpdatedAt: Date.now() - 5_000 })
  lay(world.tree, 'open', { to: TO })
  lay(world.tree, 'new', { id: SECOND, to: TO })
  t.match(await attend(world.tree, card, memory()), { why: 'it has just been given a message', again: 100 })
  status({ statusUpdatedAt: Date.now() + 1 })
  t.match(
    await attend(world.tree, card, memory()),
    { why: /^it runs in no tmux pane/ },
    'the status has followed',
  )
})

t.test('nor after a notice that was given just now', async (t) => {
  const world = makePair(t)
  const { card, status } = actor(t, world)
  status({ statusUpdatedAt: Date.now() - 5_000 })
  lay(world.tree, 'new', { id: SECOND, to: TO })
  const given = { ...memory(), givenAt: Date.now() }
  t.match(await attend(world.tree, card, given), { why: 'it has just been given a message' })
})

t.test('a cancel that its asker has not confirmed yet is looked at again, for no event tells', async (t) => {
  const { tree, me, round } = scene(t, {}, 50_000)
  blockOn(tree, me.address, { id: Q, to: TO, process: here, since: '' })
  lay(tree, 'new', { to: TO, kind: 'cancel' })
  t.match(await round(), { again: 1_000 })
  forgetAsk(tree, me.address, Q)
  t.match(await round(), { again: undefined })
  t.strictSame(mailOf(tree, TO), [`done/${Q}.cancel.json`])
})

t.test('an answer that a shell claimed and did not print comes back to the person as mail', async (t) => {
  const { tree } = makePair(t)
  const card = registerPerson(tree, 'ada', gone, '/')
  lay(tree, 'cur', { kind: 'reply', from: 'backend@laptop', to: card.address })
  await attend(tree, card, memory())
  t.strictSame(mailOf(tree, card.address), [`cur/${Q}.reply.json`], 'it may be printed yet')
  stopClock(t)
  await attend(tree, card, memory())
  t.strictSame(mailOf(tree, card.address), [`asks/${Q}.late.json`, `new/${Q}.reply.json`])
})
