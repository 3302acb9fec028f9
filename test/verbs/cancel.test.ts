import t from 'tap'
import { claim, giveQuery } from '../../src/spool/moves.ts'
import { publish } from '../../src/spool/publish.ts'
import { ask } from '../../src/verbs/ask.ts'
import { cancel, obeyCancel } from '../../src/verbs/cancel.ts'
import { fileUnwanted } from '../../src/verbs/inbox.ts'
import { reply } from '../../src/verbs/reply.ts'
import { here, mailOf, makePair, message, place, Q, read } from '../world.ts'

t.test(
  'a question that is withdrawn before it was given ends, and its asker files the outcome',
  async (t) => {
    const { tree, me, peer } = makePair(t)
    const { id } = ask(tree, me.address, here, 'backend', 'Which port?')
    cancel(tree, me.address, id)
    t.strictSame(mailOf(tree, me.address), [], 'nobody waits any more')
    t.strictSame(mailOf(tree, peer.address), [`new/${id}.cancel.json`, `new/${id}.query.json`])
    t.match(read(tree, peer.address, 'new', `${id}.cancel.json`), {
      id,
      in_reply_to: id,
      from: me.address,
      body: '',
    })

    obeyCancel(tree, peer.address, id)
    t.strictSame(mailOf(tree, peer.address), [`dead/${id}.query.json`, `done/${id}.cancel.json`])
    t.equal(read(tree, me.address, 'new', `${id}.reply.json`).outcome, 'withdrawn')
    t.ok(fileUnwanted(tree, me.address, { id, kind: 'reply', file: `${id}.reply.json` }))
    t.strictSame(mailOf(tree, me.address), [`done/${id}.reply.json`])
  },
)

for (const state of ['cur', 'open'] as const) {
  t.test(
    `a question that is in ${state}/ already is not withdrawn: its answer comes and is filed`,
    async (t) => {
      const { tree, me, peer } = makePair(t)
      const { id } = ask(tree, me.address, here, 'backend', 'Which port?')
      claim(tree, peer.address, `${id}.query.json`)
      if (state === 'open') giveQuery(tree, peer.address, `${id}.query.json`)
      cancel(tree, me.address, id)
      obeyCancel(tree, peer.address, id)
      t.strictSame(mailOf(tree, peer.address), [`${state}/${id}.query.json`, `done/${id}.cancel.json`].sort())
      t.strictSame(mailOf(tree, me.address), [])
      reply(tree, peer.address, id, '8080')
      t.ok(fileUnwanted(tree, me.address, { id, kind: 'reply', file: `${id}.reply.json` }))
      t.strictSame(mailOf(tree, me.address), [`done/${id}.reply.json`])
    },
  )
}

t.test('a question that was answered is not withdrawn any more', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, 'backend', 'Which port?')
  reply(tree, peer.address, id, '8080')
  cancel(tree, me.address, id)
  obeyCancel(tree, peer.address, id)
  t.strictSame(mailOf(tree, peer.address), [`done/${id}.cancel.json`, `done/${id}.query.json`])
  t.equal(read(tree, me.address, 'new', `${id}.reply.json`).outcome, 'answered')
})

t.test('withdrawing what one has not asked, or twice, does nothing', async (t) => {
  const { tree, me, peer } = makePair(t)
  for (const id of [Q, 'x', '', `../${Q}`]) cancel(tree, me.address, id)
  t.strictSame(mailOf(tree, peer.address), [])
  const { id } = ask(tree, me.address, here, 'backend', 'Which port?')
  cancel(tree, me.address, id)
  obeyCancel(tree, peer.address, id)
  cancel(tree, me.address, id)
  obeyCancel(tree, peer.address, id)
  t.strictSame(mailOf(tree, peer.address), [`dead/${id}.query.json`, `done/${id}.cancel.json`])
})

t.test('nobody withdraws the question of another peer', async (t) => {
  const { tree, peer } = makePair(t)
  publish(tree, message())
  publish(tree, message({ kind: 'cancel', from: 'web@laptop' }))
  obeyCancel(tree, peer.address, Q)
  t.strictSame(mailOf(tree, peer.address), [`done/${Q}.cancel.json`, `new/${Q}.query.json`])
})

t.test('a cancel without its question is filed', async (t) => {
  const { tree, peer } = makePair(t)
  publish(tree, message({ kind: 'cancel' }))
  obeyCancel(tree, peer.address, Q)
  t.strictSame(mailOf(tree, peer.address), [`done/${Q}.cancel.json`])
})

t.test('a cancel that cannot be read withdraws nothing', async (t) => {
  const { tree, peer } = makePair(t)
  publish(tree, message())
  place(tree, peer.address, 'new', `${Q}.cancel.json`, '{"spec":')
  obeyCancel(tree, peer.address, Q)
  t.ok(mailOf(tree, peer.address).includes(`new/${Q}.query.json`))
})
