// What is on its way, or is over, while a peer gets another name. mailbox-spec §5.2

import t, { type Test } from 'tap'
import { attend } from '../../src/courier/attend.ts'
import type { Card } from '../../src/protocol/card.ts'
import { askOf, blockOn, forgetAsk, goLate, whoWants } from '../../src/spool/asks.ts'
import { createCard, currentAddress, listCards, readCard, replaceCard } from '../../src/spool/cards.ts'
import { readGrant, writeGrant } from '../../src/spool/grants.ts'
import { record } from '../../src/spool/journal.ts'
import { claim, finish, forward } from '../../src/spool/moves.ts'
import { pause, pauseOf } from '../../src/spool/pause.ts'
import { publish } from '../../src/spool/publish.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { addressPeer } from '../../src/verbs/address-peer.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { broadcast } from '../../src/verbs/broadcast.ts'
import { cancel } from '../../src/verbs/cancel.ts'
import { endOpen, interrupted } from '../../src/verbs/end-open.ts'
import { endTurn } from '../../src/verbs/end-turn.ts'
import { frameFor } from '../../src/verbs/exchange.ts'
import { given } from '../../src/verbs/given.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { rename } from '../../src/verbs/rename.ts'
import { reply } from '../../src/verbs/reply.ts'
import { forgetStaleAsks } from '../../src/verbs/stale-asks.ts'
import {
  codeThrown,
  enrol,
  gone,
  here,
  lay,
  mailOf,
  makePair,
  makeWorld,
  message,
  Q,
  read,
  startProcess,
  until,
  waitOf,
} from '../world.ts'

const FORMER = 'backend@laptop'
const ID = '20261122t094012413z-00000000'
const asked = { peer: 'backend', body: 'Which port?' }
const header = (id: string) => `[repowire:${id} question from x]`
const memory = () => ({ attempts: new Map(), typedBefore: new Set<string>(), known: new Map() })

/** One round of the courier at each of these mailboxes, an alias too. */
async function rounds(tree: Tree, ...addresses: string[]): Promise<void> {
  for (const address of addresses) await attend(tree, readCard(tree, address) as Card, memory())
}

for (const state of ['new', 'cur', 'open', 'held'] as const) {
  for (const kind of ['query', 'notice', 'reply', 'cancel'] as const) {
    t.test(`a ${kind} in ${state}/ follows, its bytes as they were`, async (t) => {
      const { tree, peer } = makePair(t)
      const file = lay(tree, state, { kind })
      const before = read(tree, FORMER, state, file)
      rename(tree, peer, 'api')
      t.strictSame(mailOf(tree, FORMER), [])
      t.strictSame(mailOf(tree, 'api@laptop'), [`${state}/${file}`])
      t.strictSame(read(tree, 'api@laptop', state, file), before)
    })
  }
}

for (const state of ['blocked', 'late'] as const) {
  t.test(`a question of its own that is ${state} follows, and its answer is wanted as before`, async (t) => {
    const { tree, me } = makePair(t)
    const { id } = ask(tree, me.address, here, asked)
    if (state === 'late') goLate(tree, me.address, id)
    const card = rename(tree, me, 'web')
    t.strictSame(mailOf(tree, me.address), [])
    t.strictSame(mailOf(tree, card.address), [`asks/${id}.${state}.json`])
    t.equal(whoWants(tree, card.address, id), state === 'late' ? 'late' : 'waiting')
  })
}

t.test('a question that is open keeps the place where its turn began, and the turn answers it', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  writeGrant(tree, { id, transcript: '/t', offset: 7, alone: true, reminded: false })
  claim(tree, FORMER, `${id}.query.json`)
  const card = rename(tree, peer, 'api')
  t.strictSame(given(tree, card, { text: header(id), transcript: '/t', hook: 'prompt' }), [])
  const grant = { id, transcript: '/t', offset: 7, alone: true, reminded: false }
  writeGrant(tree, grant)
  const again = rename(tree, card, 'core')
  t.strictSame(readGrant(tree, id), grant)
  const turn = { text: () => '8080', prompts: () => [{ text: header(id), absorbed: false }] }
  t.strictSame(endTurn(tree, again, turn), [])
  t.match(await awaitReply(tree, me.address, here, id, waitOf(0)), { body: '8080', from: 'core@laptop' })
})

t.test('a peer that is not to be disturbed is not under its new name either', async (t) => {
  const { tree, me, peer } = makePair(t)
  const paused = { since: '2026-11-22T09:40:00.000Z', by: 'ada@laptop' }
  pause(tree, FORMER, paused)
  rename(tree, peer, 'api')
  t.strictSame(pauseOf(tree, 'api@laptop'), paused)
  t.equal(pauseOf(tree, FORMER), undefined, 'nor stays anything for whoever gets the old name')
  t.equal(
    codeThrown(() => ask(tree, me.address, here, asked)),
    'peer-paused',
  )
})

t.test('an answer that is published to the old name after the rename is taken by who waits', async (t) => {
  const { tree, me } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  const waits = awaitReply(tree, me.address, here, id, waitOf(60_000))
  rename(tree, me, 'web')
  publish(tree, message({ kind: 'reply', id, from: FORMER, to: me.address, body: '8080' }))
  await rounds(tree, me.address)
  t.match(await waits, { body: '8080', to: me.address })
  t.strictSame(mailOf(tree, 'web@laptop'), [`cur/${id}.reply.json`])
})

t.test('and so is one by a peer that was renamed while it was waited for', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  const waits = awaitReply(tree, me.address, here, id, waitOf(60_000))
  const card = rename(tree, peer, 'api')
  rename(tree, me, 'web')
  reply(tree, card.address, id, '8080')
  t.match(await waits, { body: '8080', from: 'api@laptop' })
})

t.test('a question is withdrawn whichever of the two has another name meanwhile', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  rename(tree, me, 'web')
  const card = rename(tree, peer, 'api')
  t.ok(cancel(tree, me.address, id))
  t.strictSame(mailOf(tree, card.address), [`new/${id}.cancel.json`, `new/${id}.query.json`])
  await rounds(tree, card.address)
  t.strictSame(mailOf(tree, card.address), [`dead/${id}.query.json`, `done/${id}.cancel.json`])
  t.match(read(tree, 'web@laptop', 'new', `${id}.reply.json`), { outcome: 'withdrawn' })
})

t.test('a cancel that was published to the old name withdraws the question under the new one', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  const card = rename(tree, peer, 'api')
  publish(tree, message({ kind: 'cancel', id, from: me.address, to: FORMER }))
  blockOn(tree, me.address, { id: Q, to: FORMER, process: here, since: '' })
  cancel(tree, me.address, id)
  await rounds(tree, FORMER, card.address)
  t.strictSame(mailOf(tree, card.address), [`dead/${id}.query.json`, `done/${id}.cancel.json`])
})

t.test('a circle is broken although both of it have other names', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  const waits = awaitReply(tree, me.address, here, id, { ...waitOf(60_000), counter: true })
  const [web, api] = [rename(tree, me, 'web'), rename(tree, peer, 'api')]
  const back = ask(tree, api.address, peer.process, { peer: me.address, body: 'And you?' })
  t.match(await waits, { kind: 'query', id: back.id })
  t.strictSame(mailOf(tree, web.address), [`asks/${id}.late.json`, `open/${back.id}.query.json`])
})

t.test('and so it is where the question was published to the old name', async (t) => {
  const { tree, me, peer } = makePair(t)
  const { id } = ask(tree, me.address, here, asked)
  const waits = awaitReply(tree, me.address, here, id, { ...waitOf(60_000), counter: true })
  rename(tree, me, 'web')
  blockOn(tree, FORMER, { id: ID, to: me.address, process: peer.process, since: '' })
  publish(tree, message({ id: ID, from: FORMER, to: me.address }))
  rename(tree, peer, 'api')
  await rounds(tree, me.address)
  t.match(await waits, { kind: 'query', id: ID, to: me.address })
})

t.test('what is over', async (t) => {
  /** A question that was answered, and its answer consumed, before any rename. */
  function exchange(t: Test) {
    const world = makePair(t)
    const { tree, me } = world
    const { id } = ask(tree, me.address, here, asked)
    reply(tree, FORMER, id, '8080')
    claim(tree, me.address, `${id}.reply.json`)
    finish(tree, me.address, `${id}.reply.json`)
    forgetAsk(tree, me.address, id)
    return { ...world, id }
  }

  t.test('an exchange is followed up although both of it have other names', async (t) => {
    const { tree, me, peer, id } = exchange(t)
    rename(tree, peer, 'api')
    const { address } = rename(tree, me, 'web')
    const next = ask(tree, address, here, { ...asked, replyTo: id })
    const query = read(tree, 'api@laptop', 'new', `${next.id}.query.json`)
    t.match(frameFor(tree, query).body, /Before this, .* asked .*:\nWhich port\?\n\n.* answered:\n8080/)
  })

  t.test('what was typed of a follow-up is known again under the new name', async (t) => {
    const { tree, me, peer, id } = exchange(t)
    const next = ask(tree, me.address, here, { ...asked, replyTo: id })
    const query = read(tree, FORMER, 'new', `${next.id}.query.json`)
    const typed = frameFor(tree, query)
    rename(tree, peer, 'api')
    t.strictSame(frameFor(tree, query), typed)
  })

  t.test('a late answer quotes its question although the peer has another name', async (t) => {
    const { tree, me, peer } = makePair(t)
    const { id } = ask(tree, me.address, here, asked)
    goLate(tree, me.address, id)
    reply(tree, FORMER, id, '8080')
    rename(tree, peer, 'api')
    const late = read(tree, me.address, 'new', `${id}.reply.json`)
    t.match(frameFor(tree, late).body, 'The answer to your question "Which port?"')
  })

  t.test('an answer that was taken before is returned again to whoever waits for it again', async (t) => {
    const { tree, me, id } = exchange(t)
    const { address } = rename(tree, me, 'web')
    t.match(await awaitReply(tree, address, here, id, waitOf(0)), { body: '8080' })
  })

  t.test('an answer that was consumed under the old name is not given again', async (t) => {
    const { tree, me, peer } = makePair(t)
    // Its Stop hook was killed before it closed the question; the asker died before it said that it has the answer.
    lay(tree, 'open', { to: FORMER })
    lay(tree, 'done', { kind: 'reply', from: FORMER, to: me.address, body: '8080' })
    blockOn(tree, me.address, { id: Q, to: FORMER, process: gone, since: '' })
    goLate(tree, me.address, Q)
    const card = rename(tree, me, 'web')
    endOpen(tree, peer, interrupted(peer, 'its turn was stopped', 'courier'))
    forgetStaleAsks(tree, card.address)
    t.strictSame(takeInbox(tree, card, true), [])
    t.strictSame(
      mailOf(tree, card.address).filter((file) => file.startsWith('asks/') || file.startsWith('new/')),
      [],
    )
  })

  for (const [what, names] of [
    ['a rename', ['api']],
    ['a second one', ['api', 'core']],
    ['back and forth', ['api', 'backend']],
  ] as const) {
    for (const state of ['done', 'dead'] as const) {
      t.test(`a copy of a question in ${state}/, sent to the old name after ${what}, is none`, async (t) => {
        const { tree, peer } = makePair(t)
        lay(tree, 'new')
        let card = peer
        for (const name of names) {
          card = rename(tree, card, name)
          if (card.address === 'api@laptop') endUnder(tree, card, state)
        }
        publish(tree, message())
        await rounds(tree, ...new Set([FORMER, card.address]))
        for (const address of [FORMER, 'api@laptop', 'core@laptop'])
          t.notOk(mailIn(tree, address).includes(`new/${Q}.query.json`), address)
      })
    }
  }

  /** The question is given and ends, in that state. */
  function endUnder(tree: Tree, card: Card, state: 'done' | 'dead'): void {
    claim(tree, card.address, `${Q}.query.json`)
    given(tree, card, { text: header(Q), hook: 'prompt' })
    if (state === 'done') reply(tree, card.address, Q, '8080')
    else endOpen(tree, card, interrupted(card, 'its turn was stopped', 'courier'))
  }

  t.test('an old text that is submitted again is known to be closed under the new name', async (t) => {
    const { tree, peer, id } = exchange(t)
    t.strictSame(given(tree, rename(tree, peer, 'api'), { text: header(id), hook: 'prompt' }), [id])
  })

  t.test('a broadcast that is repeated does not reach again who has another name meanwhile', async (t) => {
    const { tree, me, peer } = makePair(t)
    const { id } = broadcast(tree, me.address, 'main is frozen')
    const card = rename(tree, peer, 'api')
    t.match(broadcast(tree, me.address, 'main is frozen', { id }), { reached: [{ again: true }] })
    t.equal(mailOf(tree, card.address).length, 1)
  })
})

function mailIn(tree: Tree, address: string): string[] {
  return readCard(tree, address) === undefined ? [] : mailOf(tree, address)
}

t.test('names that follow each other', async (t) => {
  t.test('a to b to c: mail for each of them is at c', async (t) => {
    const { tree, me, peer } = makePair(t)
    const card = rename(tree, rename(tree, peer, 'api'), 'core')
    for (const to of [FORMER, 'api@laptop'])
      publish(tree, message({ kind: 'notice', id: to === FORMER ? Q : ID, to, from: me.address }))
    await rounds(tree, FORMER, 'api@laptop')
    t.strictSame(
      takeInbox(tree, card, true).map(({ to }) => to),
      [FORMER, 'api@laptop'],
    )
  })

  t.test('a to b to a: mail for both is at a, and none stays at b', async (t) => {
    const { tree, me, peer } = makePair(t)
    lay(tree, 'open')
    const card = rename(tree, rename(tree, peer, 'api'), 'backend')
    publish(tree, message({ kind: 'notice', id: ID, to: 'api@laptop', from: me.address }))
    await rounds(tree, 'api@laptop')
    t.strictSame(mailOf(tree, 'api@laptop'), [])
    t.strictSame(mailOf(tree, card.address), [`new/${ID}.notice.json`, `open/${Q}.query.json`])
    t.strictSame(
      takeInbox(tree, card, true).map(({ id }) => id),
      [ID],
    )
    t.equal(listCards(tree).length, 2)
  })

  t.test('a peer of more names than anybody counts is found by its first', async (t) => {
    const { tree, me, peer } = makePair(t)
    let card = peer
    for (let n = 0; n < 40; n++) card = rename(tree, card, `name-${n}`)
    t.equal(addressPeer(tree, me.address, 'backend').address, 'name-39@laptop')
  })

  t.test('nobody gets a name that leads to another peer, nor one by which mail is to come', async (t) => {
    const world = makePair(t)
    const { tree, me } = world
    rename(tree, enrol(t, world, 'docs'), 'manual')
    blockOn(tree, 'api@laptop', { id: Q, to: FORMER, process: gone, since: '' })
    for (const name of ['docs', 'manual', 'api'])
      t.equal(
        codeThrown(() => rename(tree, me, name)),
        'name-taken',
        name,
      )
    t.match(readCard(tree, 'docs@laptop'), { renamed: 'manual@laptop' })
  })
})

t.test('a rename that was cut short', async (t) => {
  /** As a crash leaves it: the new card is there, and the old one an alias where `alias`; no mail has moved. */
  function cutShort({ tree }: { tree: Tree }, card: Card, name: string, alias: boolean): Card {
    const registered = new Date(Date.parse(card.registered) + 1).toISOString()
    const next = { ...card, address: `${name}@laptop`, formerly: card.address, registered }
    createCard(tree, next)
    if (alias) replaceCard(tree, { ...card, renamed: next.address })
    return next
  }

  t.test('is finished by the next rename too: every name leads to the last', async (t) => {
    const world = makePair(t)
    const card = rename(world.tree, cutShort(world, world.peer, 'api', false), 'core')
    for (const address of [FORMER, 'api@laptop'])
      t.equal(currentAddress(world.tree, address), card.address, address)
    t.strictSame(listCards(world.tree).length, 2)
  })

  t.test(
    'back to the former name is finished by the courier, whichever of the two it comes to first',
    async (t) => {
      for (const order of [
        [FORMER, 'api@laptop'],
        ['api@laptop', FORMER],
      ] as const) {
        const { tree, peer } = makePair(t)
        lay(tree, 'open')
        const card = rename(tree, peer, 'api')
        const registered = new Date(Date.parse(card.registered) + 1).toISOString()
        replaceCard(tree, { ...card, address: FORMER, formerly: card.address, registered })
        await rounds(tree, ...order)
        t.equal(currentAddress(tree, card.address), FORMER)
        t.strictSame(mailOf(tree, FORMER), [`open/${Q}.query.json`])
      }
    },
  )

  for (const alias of [false, true]) {
    const when = alias ? 'after' : 'before'
    t.test(`${when} the old card is an alias, its question is believed to be its own`, async (t) => {
      const world = makePair(t)
      const { tree, me, peer } = world
      const { id } = ask(tree, me.address, here, asked)
      cutShort(world, me, 'web', alias)
      t.strictSame(
        takeInbox(tree, peer, true).map((query) => query.id),
        [id],
      )
    })

    t.test(`${when} the old card is an alias, a late answer is not filed but given`, async (t) => {
      const world = makePair(t)
      const { tree, me } = world
      const { id } = ask(tree, me.address, here, asked)
      goLate(tree, me.address, id)
      const card = cutShort(world, me, 'web', alias)
      reply(tree, FORMER, id, '8080')
      await rounds(tree, card.address, me.address)
      t.strictSame(mailOf(tree, card.address), [`asks/${id}.late.json`, `new/${id}.reply.json`])
    })
  }

  t.test('an answer that only the journal has is sent, whichever name was journalled', async (t) => {
    const { tree, me, peer } = makePair(t)
    const { id } = ask(tree, me.address, here, asked)
    claim(tree, FORMER, `${id}.query.json`)
    given(tree, peer, { text: header(id), hook: 'prompt' })
    record(tree, 'replied', FORMER, id, { to: me.address, outcome: 'answered', by: 'stop', body: '8080' })
    const card = rename(tree, peer, 'api')
    endOpen(tree, card, interrupted(card, 'its turn was stopped', 'courier'))
    t.match(read(tree, me.address, 'new', `${id}.reply.json`), { outcome: 'answered', body: '8080' })
  })
})

t.test('a file that two processes forward is forwarded once', async (t) => {
  const { tree, peer } = makePair(t)
  const file = lay(tree, 'new')
  const card = rename(tree, peer, 'api')
  t.notOk(forward(tree, FORMER, card.address, 'new', file), 'it has moved on')
  t.strictSame(mailOf(tree, card.address), [`new/${file}`])
})

t.test('a peer that waits for the one that is renamed is told who answers', async (t) => {
  const world = makeWorld(t)
  const { mark } = startProcess(t)
  const [a, b] = [
    enrol(t, world, 'frontend', { process: here }),
    enrol(t, world, 'backend', { process: mark }),
  ]
  const { id } = ask(world.tree, a.address, here, asked)
  rename(world.tree, b, 'api')
  t.equal(currentAddress(world.tree, askOf(world.tree, a.address, id)?.to ?? ''), 'api@laptop')
  await until(() => mailOf(world.tree, 'api@laptop').length === 1)
})
