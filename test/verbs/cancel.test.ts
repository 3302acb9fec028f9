import t from 'tap'
import { claim, giveQuery, putBack } from '../../src/spool/moves.ts'
import { publish } from '../../src/spool/publish.ts'
import { ask } from '../../src/verbs/ask.ts'
import { cancel, obeyCancel } from '../../src/verbs/cancel.ts'
import { fileUnwanted, takeInbox } from '../../src/verbs/inbox.ts'
import { receive } from '../../src/verbs/receive.ts'
import { reply } from '../../src/verbs/reply.ts'
import { eventsOf, here, mailOf, makePair, message, place, Q, read } from '../world.ts'

const letter = (id: string) => ({ id, kind: 'cancel' as const, file: `${id}.cancel.json` })

t.test(
  'a question that is withdrawn before it was given ends, and its asker files the outcome',
  async (t) => {
    const { tree, me, peer } = makePair(t)
    const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
    cancel(tree, me.address, id)
    t.strictSame(mailOf(tree, me.address), [], 'nobody waits any more')
    t.strictSame(mailOf(tree, peer.address), [`new/${id}.cancel.json`, `new/${id}.query.json`])
    t.match(read(tree, peer.address, 'new', `${id}.cancel.json`), {
      id,
      in_reply_to: id,
      from: me.address,
      body: '',
    })

    obeyCancel(tree, peer.address, letter(id))
    t.strictSame(mailOf(tree, peer.address), [`dead/${id}.query.json`, `done/${id}.cancel.json`])
    t.equal(read(tree, me.address, 'new', `${id}.reply.json`).outcome, 'withdrawn')
    t.ok(fileUnwanted(tree, me.address, { id, kind: 'reply', file: `${id}.reply.json` }))
    t.strictSame(mailOf(tree, me.address), [`done/${id}.reply.json`])
  },
)

t.test(
  'a question that the agent has been given is not withdrawn: its answer comes and is filed',
  async (t) => {
    const { tree, me, peer } = makePair(t)
    const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
    claim(tree, peer.address, `${id}.query.json`)
    giveQuery(tree, peer.address, `${id}.query.json`)
    cancel(tree, me.address, id)
    obeyCancel(tree, peer.address, letter(id))
    t.strictSame(mailOf(tree, peer.address), [`done/${id}.cancel.json`, `open/${id}.query.json`])
    t.strictSame(mailOf(tree, me.address), [])
    reply(tree, peer.address, id, '8080')
    t.ok(fileUnwanted(tree, me.address, { id, kind: 'reply', file: `${id}.reply.json` }))
    t.strictSame(mailOf(tree, me.address), [`done/${id}.reply.json`])
  },
)

t.test('a question that is being typed is withdrawn when it is put back, and not before', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  claim(tree, peer.address, `${id}.query.json`)
  cancel(tree, me.address, id)
  obeyCancel(tree, peer.address, letter(id))
  t.strictSame(mailOf(tree, peer.address), [`cur/${id}.query.json`, `new/${id}.cancel.json`])
  putBack(tree, peer.address, `${id}.query.json`)
  obeyCancel(tree, peer.address, letter(id))
  t.strictSame(mailOf(tree, peer.address), [`dead/${id}.query.json`, `done/${id}.cancel.json`])
})

for (const taken of ['by the courier', 'with the inbox tool'] as const) {
  t.test(`a question that comes after its cancel is not given ${taken}`, async (t) => {
    const { tree, me, peer } = makePair(t)
    publish(tree, message({ kind: 'cancel' }))
    obeyCancel(tree, peer.address, letter(Q))
    publish(tree, message())
    const mail = { id: Q, kind: 'query' as const, file: `${Q}.query.json` }
    if (taken === 'by the courier') t.equal(receive(tree, peer.address, mail), undefined)
    else t.strictSame(takeInbox(tree, peer, true), [])
    t.strictSame(mailOf(tree, peer.address), [`dead/${Q}.query.json`, `done/${Q}.cancel.json`])
    t.match(read(tree, me.address, 'new', `${Q}.reply.json`), { outcome: 'withdrawn' }, 'it is not forged')
  })
}

t.test('a question that was answered is not withdrawn any more', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  reply(tree, peer.address, id, '8080')
  cancel(tree, me.address, id)
  obeyCancel(tree, peer.address, letter(id))
  t.strictSame(mailOf(tree, peer.address), [`done/${id}.cancel.json`, `done/${id}.query.json`])
  t.equal(read(tree, me.address, 'new', `${id}.reply.json`).outcome, 'answered')
})

t.test('withdrawing what one has not asked, or twice, does nothing', async (t) => {
  const { tree, me, peer } = makePair(t)
  for (const id of [Q, 'x', '', `../${Q}`]) cancel(tree, me.address, id)
  t.strictSame(mailOf(tree, peer.address), [])
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  cancel(tree, me.address, id)
  obeyCancel(tree, peer.address, letter(id))
  cancel(tree, me.address, id)
  obeyCancel(tree, peer.address, letter(id))
  t.strictSame(mailOf(tree, peer.address), [`dead/${id}.query.json`, `done/${id}.cancel.json`])
})

t.test('nobody withdraws the question of another peer', async (t) => {
  const { tree, peer } = makePair(t)
  publish(tree, message())
  publish(tree, message({ kind: 'cancel', from: 'web@laptop' }))
  obeyCancel(tree, peer.address, letter(Q))
  t.strictSame(mailOf(tree, peer.address), [`dead/${Q}.cancel.json`, `new/${Q}.query.json`])
  t.match(eventsOf(tree, Q), ['ended'])
})

t.test('a cancel that its asker has not written waits, and the question is given and answered', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  publish(tree, message({ id, kind: 'cancel' }))
  obeyCancel(tree, peer.address, letter(id))
  t.strictSame(mailOf(tree, peer.address), [`new/${id}.cancel.json`, `new/${id}.query.json`])
  t.match(takeInbox(tree, peer, true), [{ id, body: 'Which port?' }])
  reply(tree, peer.address, id, '8080')
  obeyCancel(tree, peer.address, letter(id))
  t.strictSame(mailOf(tree, peer.address), [`done/${id}.cancel.json`, `done/${id}.query.json`])
  t.equal(read(tree, me.address, 'new', `${id}.reply.json`).outcome, 'answered')
})

t.test('a cancel that a kill cut short withdraws nothing, and can be repeated', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  publish(tree, message({ id, kind: 'cancel' }))
  t.ok(cancel(tree, me.address, id))
  obeyCancel(tree, peer.address, letter(id))
  t.strictSame(mailOf(tree, peer.address), [`dead/${id}.query.json`, `done/${id}.cancel.json`])
})

t.test('a cancel without its question is filed', async (t) => {
  const { tree, peer } = makePair(t)
  publish(tree, message({ kind: 'cancel' }))
  obeyCancel(tree, peer.address, letter(Q))
  t.strictSame(mailOf(tree, peer.address), [`done/${Q}.cancel.json`])
})

t.test('a cancel that cannot be read withdraws nothing', async (t) => {
  const { tree, peer } = makePair(t)
  publish(tree, message())
  place(tree, peer.address, 'new', `${Q}.cancel.json`, '{"spec":')
  obeyCancel(tree, peer.address, letter(Q))
  t.ok(mailOf(tree, peer.address).includes(`new/${Q}.query.json`))
})
