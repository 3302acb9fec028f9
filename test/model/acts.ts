/** What each deed of a program is: one verb, by the process that would call it. */

import { rmSync } from 'node:fs'
import { frameText, idsIn, replyText } from '../../src/protocol/frame.ts'
import type { Message } from '../../src/protocol/message.ts'
import { goLate, listAsks, whoWants } from '../../src/spool/asks.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { record } from '../../src/spool/journal.ts'
import { markerOf } from '../../src/spool/marker.ts'
import { claim } from '../../src/spool/moves.ts'
import { pause, resume } from '../../src/spool/pause.ts'
import { scan } from '../../src/spool/scan.ts'
import { inState } from '../../src/spool/tree.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { beginTurn } from '../../src/verbs/begin-turn.ts'
import { broadcast } from '../../src/verbs/broadcast.ts'
import { cancel } from '../../src/verbs/cancel.ts'
import { failed, openQueries } from '../../src/verbs/end-open.ts'
import { endTurn, failTurn, type Turn } from '../../src/verbs/end-turn.ts'
import { frameFor } from '../../src/verbs/exchange.ts'
import { given, handOver } from '../../src/verbs/given.ts'
import { lookInbox, takeInbox } from '../../src/verbs/inbox.ts'
import { leave } from '../../src/verbs/leave.ts'
import { notify } from '../../src/verbs/notify.ts'
import { returnToNew } from '../../src/verbs/put-back.ts'
import { receive } from '../../src/verbs/receive.ts'
import { reconcile } from '../../src/verbs/reconcile.ts'
import { fetchMail, rename } from '../../src/verbs/rename.ts'
import { reply } from '../../src/verbs/reply.ts'
import { shown } from '../../src/verbs/shown.ts'
import { sweep } from '../../src/verbs/sweep.ts'
import type { ActName, Deed } from './program.ts'
import { makeCourier, makeRound } from './round.ts'
import { pass, setClock } from './sky.ts'
import { type Actor, arrive, depart, loseServer, rest, say, seatOf, type Town } from './town.ts'

/** What is done to the ledger once the deed has come to its end: by `done`, or by an error that its caller is told of. */
type Act = (town: Town, deed: Deed & { me: Actor; you: Actor }) => unknown

const pick = <T>(all: T[], n: number): T | undefined => (all.length === 0 ? undefined : all[n % all.length])

function asking(more: { urgent?: boolean; follow?: boolean } = {}): Act {
  return (town, { who, whom, n, me, you }) => {
    const { ledger, tree } = town
    const earlier = more.follow ? pick(ledger.questionsOf(who), n)?.id : undefined
    if (more.follow && earlier === undefined) return
    const card = seatOf(town, me)
    const one = ledger.about({ kind: 'query', from: who, to: whom, body: ledger.text('Question') })
    const question = { peer: you.address, body: one.body, replyTo: earlier, urgent: more.urgent }
    const { id } = telling(one, () => ask(tree, card.address, me.server, question))
    one.id = id
  }
}

/** Whether its sender was told that it is sent, or that it is not; who was killed was told nothing. */
function telling<T>(one: { sure: boolean; failed: boolean }, act: () => T): T {
  try {
    const value = act()
    one.sure = true
    return value
  } catch (error) {
    one.failed = !isKilled(error)
    throw error
  }
}

const isKilled = (error: unknown) => (error as { code?: string }).code === 'KILLED'

function noticing(wake: boolean): Act {
  return (town, { who, whom, me, you }) => {
    const { ledger, tree } = town
    const card = seatOf(town, me)
    const one = ledger.about({ kind: 'notice', from: who, to: whom, body: ledger.text('Notice') })
    one.id = telling(one, () => notify(tree, card.address, you.address, one.body, wake)).id
  }
}

/** What a turn of this client was, by its own record. */
function turnOf(actor: Actor, text: string): Turn {
  return {
    text: () => text,
    prompts: () => actor.prompts.map((prompt, n) => ({ text: prompt, absorbed: n > 0 })),
  }
}

function hookOf(town: Town, me: Actor) {
  const card = seatOf(town, me, true)
  fetchMail(town.tree, card)
  return card
}

/** Only of a client that runs hooks. */
const byHook =
  (act: Act): Act =>
  (town, deed) =>
    deed.me.hooks ? act(town, deed) : undefined

async function wait(town: Town, { who, n, me }: Parameters<Act>[1], dies = false): Promise<void> {
  const { tree, ledger } = town
  const card = seatOf(town, me)
  const id = pick(
    [
      ...new Set([
        ...ledger.questionsOf(who).map((one) => one.id),
        ...listAsks(tree, card.address).map((one) => one.id),
      ]),
    ],
    n,
  )
  if (id === undefined) return
  const how = { milliseconds: 0, hints: makeHints(), counter: me.kind === 'agent' }
  const found = await awaitReply(tree, card.address, me.server, id, how)
  if (found === undefined) return
  if (dies) return void ledger.show(who, found, { sure: false, mail: false })
  ledger.show(who, found, { sure: false, mail: false })
  if (found.kind !== 'reply') return
  if (me.hooks) shown(tree, seatOf(town, me, true), replyText(found, markerOf(tree, found)))
  else handOver(tree, seatOf(town, me), found.id, 'server')
  ledger.shown.push({ who, id, kind: 'reply', sure: true })
}

function takeMail(town: Town, { who, me }: Parameters<Act>[1], dies = false): void {
  const { tree, ledger } = town
  const card = seatOf(town, me)
  const taken = takeInbox(tree, card, me.hooks)
  const proven = !dies
  for (const message of taken) ledger.show(who, message, { sure: message.kind === 'query' || !me.hooks })
  if (!me.hooks || dies) return
  shown(tree, seatOf(town, me, true), taken.map((message) => letterText(town, message)).join('\n\n'))
  for (const { id, kind } of taken) ledger.shown.push({ who, id, kind, sure: proven })
}

function letterText({ tree }: Town, message: Message): string {
  return message.kind === 'reply'
    ? replyText(message, markerOf(tree, message))
    : frameText(frameFor(tree, message))
}

/** The courier of this host types the next message of this peer, which must be free. */
function type(town: Town, { who, me }: Parameters<Act>[1]): void {
  const { tree, ledger } = town
  const { address } = me
  if (!me.alive || scan(tree, address, 'cur').length > 0) return
  const wanted = scan(tree, address, 'new').find(
    ({ kind, id }) =>
      kind === 'query' || kind === 'notice' || (kind === 'reply' && whoWants(tree, address, id) === 'late'),
  )
  const message = wanted && receive(tree, address, wanted)?.message
  if (wanted === undefined || message === undefined || message.wake === false) return
  const text = letterText(town, message)
  if (!claim(tree, address, wanted.file)) return
  record(tree, 'claimed', address, wanted.id)
  ledger.show(who, message, { sure: false })
  me.screen.push({ id: message.id, text })
}

/** Everything that was typed becomes a prompt, or one each of the turn that runs. */
function seePrompt(town: Town, { who, me, n }: Parameters<Act>[1]): void {
  const { tree, dir, ledger } = town
  const card = hookOf(town, me)
  const next = n === 3 ? { id: '', text: 'Hello' } : me.screen.shift()
  if (next === undefined) return
  me.prompts.push(next.text)
  say(town, me, 'busy')
  given(tree, card, { text: next.text, transcript: `${dir}/home/transcript`, hook: 'prompt' })
  beginTurn(tree, card, undefined)
  for (const one of ledger.shown) if (one.who === who && one.id === next.id) one.sure = true
}

function endTheTurn(town: Town, { who, me }: Parameters<Act>[1], fails = false): void {
  const { tree, ledger } = town
  const card = hookOf(town, me)
  const body = ledger.text('Turn')
  for (const id of me.prompts.flatMap(idsIn)) ledger.answers.push({ who, id, body, sure: false })
  const turn = turnOf(me, body)
  const owed = fails ? failTurn(tree, card, turn, failed(card, 'no credit')) : endTurn(tree, card, turn)
  // The client goes on with the turn where a hook says that something is owed.
  if (owed === undefined || owed.length === 0) rest(town, me)
}

function answer(town: Town, { who, n, me }: Parameters<Act>[1]): void {
  const { tree, ledger } = town
  const card = seatOf(town, me)
  const mine = [
    ...openQueries(tree, card.address),
    ...scan(tree, card.address, 'cur').filter(({ kind }) => kind === 'query'),
  ]
  const id = pick(mine, n)?.id
  if (id === undefined) return
  const said = { who, id, body: ledger.text('Answer'), sure: false }
  ledger.answers.push(said)
  reply(tree, card.address, id, said.body)
  said.sure = true
}

export const ACTS: Record<ActName, Act> = {
  ask: asking(),
  'ask urgently': asking({ urgent: true }),
  'follow up': asking({ follow: true }),
  reply: answer,
  'end a turn': byHook((town, deed) => endTheTurn(town, deed)),
  'fail a turn': byHook((town, deed) => endTheTurn(town, deed, true)),
  'begin a turn': byHook((town, { me }) => {
    me.prompts.push('Hello')
    say(town, me, 'busy')
    beginTurn(town.tree, hookOf(town, me), undefined)
  }),
  notify: noticing(true),
  'notify quietly': noticing(false),
  broadcast: (town, { who, me }) => {
    const one = town.ledger.about({ kind: 'notice', from: who, to: -1, body: town.ledger.text('News') })
    one.id = broadcast(town.tree, seatOf(town, me).address, one.body, { wake: true }).id
  },
  'broadcast again': (town, { who, me }) => {
    const one = town.ledger.sent.findLast(({ to, from, id }) => to < 0 && from === who && id !== undefined)
    if (one !== undefined)
      broadcast(town.tree, seatOf(town, me).address, one.body, { wake: true, id: one.id })
  },
  cancel: (town, { who, n, me }) => {
    const one = pick(town.ledger.questionsOf(who), n)
    if (one === undefined) return
    town.ledger.cancelled.add(one.id)
    cancel(town.tree, seatOf(town, me).address, one.id)
  },
  'take the mail': (town, deed) => takeMail(town, deed),
  'take the mail and die': (town, deed) => {
    takeMail(town, deed, true)
    loseServer(deed.me)
  },
  type: byHook(type),
  'see the prompt': byHook(seePrompt),
  'put back': byHook((town, { me }) => {
    const card = seatOf(town, me, true)
    const [mail] = scan(town.tree, card.address, 'cur')
    if (mail !== undefined) returnToNew(town.tree, card, mail, 'not typed')
  }),
  'call it late': (town, { who, n, me }) => {
    const one = pick(town.ledger.questionsOf(who), n)
    if (one !== undefined) goLate(town.tree, seatOf(town, me).address, one.id)
  },
  rename: (town, { n, me }) => {
    if (me.kind === 'person') return
    const card = seatOf(town, me)
    me.address = rename(town.tree, card, `name-${n}`).address
  },
  'rename back': (town, { me }) => {
    if (me.kind === 'person') return
    const card = seatOf(town, me)
    me.address = rename(town.tree, card, card.formerly?.split('@')[0] ?? 'again').address
  },
  pause: (town, { me }) =>
    pause(town.tree, me.address, { since: new Date().toISOString(), by: 'ada@laptop' }),
  resume: (town, { me }) => resume(town.tree, me.address),
  leave: byHook((town, { me }) => {
    leave(town.tree, seatOf(town, me, true), 'exit')
    depart(me)
  }),
  sweep: ({ tree }) => sweep(tree),
  'reconcile from the start': ({ tree }) => reconcile(tree, new Set()),
  'look at the mail': ({ tree }, { me }) => lookInbox(tree, me.address),
  'lose the cache': ({ tree }) => rmSync(inState(tree, 'by-pid'), { recursive: true, force: true }),
  wait: (town, deed) => wait(town, deed),
  'wait and die': async (town, deed) => {
    await wait(town, deed, true)
    loseServer(deed.me)
  },
  'courier: round': async ({ tree, courier }) => {
    const errors = await makeRound(tree, courier)
    for (const error of errors) if (!isKilled(error)) throw error
    if (errors.some(isKilled)) throw errors.find(isKilled)
  },
  'courier: another': (town) => Object.assign(town, { courier: makeCourier() }),
  'end an agent': (_, { me }) => depart(me),
  'end a server': (_, { me }) => loseServer(me),
  'begin an agent': (town, { me }) => {
    arrive(town, me)
    seatOf(town, me, me.hooks)
  },
  idle: (town, { me }) => {
    if (!me.hooks) return
    me.screen = []
    rest(town, me)
  },
  'a second': () => pass(1_500),
  'ten seconds': () => pass(11_000),
  'an hour': () => pass(3_700_000),
  'a day': () => pass(90_000_000),
  'clock ahead': (_, { n }) => setClock((n + 1) * 3_600_000),
  'clock back': (_, { n }) => setClock(-(n + 1) * 3_600_000),
}
