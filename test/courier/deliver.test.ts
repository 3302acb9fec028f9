// What the courier does with a message in cur/: the table of mailbox-spec §8, row by row, in a pane that the test paints.

import t, { type Test } from 'tap'
import { attend } from '../../src/courier/attend.ts'
import { enterOffice } from '../../src/courier/courier-file.ts'
import { type Attempts, deliver, resume } from '../../src/courier/deliver.ts'
import { framesInOne, frameText } from '../../src/protocol/frame.ts'
import type { Message } from '../../src/protocol/message.ts'
import { readGrant } from '../../src/spool/grants.ts'
import { record } from '../../src/spool/journal.ts'
import { given } from '../../src/verbs/given.ts'
import { entriesOf, eventsOf, framed, lay, mailOf, message, Q, until } from '../world.ts'
import { makeStage, openTmux, type Stage } from './stage.ts'

const tmux = await openTmux(t)
const TO = 'actor@laptop'
const memory = (attempts: Attempts = new Map()) => ({
  attempts,
  typedBefore: new Set<string>(),
  known: new Map(),
})
const NEVER = Number.NEGATIVE_INFINITY
const longAgo = (enters = 0, kind = 'query'): Attempts =>
  new Map([
    [`${Q}.${kind}.json`, { door: 'tmux' as const, ids: [Q], typedAt: NEVER, enteredAt: NEVER, enters }],
  ])
const asked = (more: Partial<Message> = {}) => message({ to: TO, ...more })

/** Stops the clocks of this process at a whole ms, for sums of fractions fall short; what it returns puts them on. */
function stopClock(t: Test): (ms: number) => void {
  const clocks = [Date, performance].map((clock) => {
    const { now } = clock
    return { clock, now, at: Math.floor(now.call(clock)) }
  })
  t.teardown(() => {
    for (const { clock, now } of clocks) clock.now = now
  })
  for (const one of clocks) one.clock.now = () => one.at
  return (ms) => {
    for (const one of clocks) one.at += ms
  }
}

/** A message in cur/ whose typing was begun. */
function layTyped({ tree }: Stage, more: Partial<Message> = {}) {
  const it = asked(more)
  return { id: it.id, kind: it.kind, file: lay(tree, 'cur', it) }
}

/** The box as the client shows it when it holds exactly this message. */
function boxOf(it: Message): string {
  const { header, body } = framed(it)
  return `${header}[Pasted text #1 +${body.split('\n').length - 1} lines]`
}

/** What is typed until Enter: two pastes in brackets. */
function pasted(it: Message): string {
  const { header, body } = framed(it)
  return `\x1b[200~${header}\x1b[201~\x1b[200~${body}\x1b[201~`
}

t.test('a message is claimed and typed, and no Enter follows where the box does not hold it', async (t) => {
  const stage = await makeStage(t, tmux)
  enterOffice(stage.tree)
  lay(stage.tree, 'new', asked())
  const delivered = deliver(stage.tree, stage.peer, [asked()], new Map())
  await until(() => stage.typed() === pasted(asked()))
  await stage.paint('a draft')
  t.match(await delivered, { why: /holds a text/ })
  t.equal(stage.typed(), pasted(asked()))
  t.strictSame(mailOf(stage.tree, TO), [`cur/${Q}.query.json`])
  t.strictSame(eventsOf(stage.tree, Q), ['claimed', 'typing'])
})

t.test('a courier that is no more in office claims nothing and types nothing', async (t) => {
  const stage = await makeStage(t, tmux)
  lay(stage.tree, 'new', asked())
  t.match(await deliver(stage.tree, stage.peer, [asked()], new Map()), { why: /another courier/ })
  t.strictSame(mailOf(stage.tree, TO), [`new/${Q}.query.json`])
  t.strictSame(eventsOf(stage.tree, Q), [])
  t.equal(stage.typed(), '')
})

t.test('a pane that is too small to show what is typed gets nothing', async (t) => {
  const stage = await makeStage(t, tmux, { height: 8 })
  enterOffice(stage.tree)
  lay(stage.tree, 'new', asked())
  t.match(await deliver(stage.tree, stage.peer, [asked()], new Map()), { why: /too small \(120x8\)/ })
  t.strictSame(mailOf(stage.tree, TO), [`new/${Q}.query.json`])
  t.equal(stage.typed(), '')
})

t.test('the box holds exactly the message', async (t) => {
  const stage = await makeStage(t, tmux)
  const { tree, peer } = stage
  const mail = layTyped(stage)
  await stage.paint(boxOf(asked()))

  t.test('a courier that is no more in office does not press Enter', async (t) => {
    t.match(await resume(tree, peer, mail, longAgo()), { why: /another courier/ })
    t.equal(stage.typed(), '')
  })

  t.test('after three Enters that the client did not take there is no fourth', async (t) => {
    enterOffice(tree)
    t.match(await resume(tree, peer, mail, longAgo(3)), { why: /after 3 Enters/ })
    t.equal(stage.typed(), '')
    t.strictSame(eventsOf(tree, Q), [])
  })

  t.test('the third Enter is the last, however long the client is silent', async (t) => {
    const attempts = longAgo(2)
    t.match(await resume(tree, peer, mail, attempts), { why: /Enter/ })
    t.equal(stage.typed(), '\r')
    t.match(attempts.get(`${Q}.query.json`), { enters: 3 })
    t.strictSame(eventsOf(tree, Q), ['entered'])
    t.strictSame(mailOf(tree, TO), [`cur/${Q}.query.json`])
  })

  t.test('with a word of its user beside it nothing is pressed', async (t) => {
    enterOffice(tree)
    const before = eventsOf(tree, Q)
    await stage.paint(`${boxOf(asked())} and my words`)
    t.match(await resume(tree, peer, mail, longAgo()), { why: /holds a text/ })
    t.strictSame(eventsOf(tree, Q), before)
  })
})

for (const kind of ['query', 'reply'] as const) {
  t.test(
    `a ${kind} that is nowhere to be seen is put back at the second look, not at the first`,
    async (t) => {
      const stage = await makeStage(t, tmux)
      const { tree, peer, status } = stage
      enterOffice(tree)
      const mail = layTyped(stage, { kind })
      const attempts = longAgo(0, kind)
      const pass = stopClock(t)
      t.match(await resume(tree, peer, mail, attempts), { why: /has not arrived yet/ })
      pass(499)
      t.match(await resume(tree, peer, mail, attempts), { why: /has not arrived yet/ }, 'too soon')
      status({ statusUpdatedAt: 2 })
      pass(1)
      t.match(
        await resume(tree, peer, mail, attempts),
        { why: /has not arrived yet/ },
        'the client did something',
      )
      t.strictSame(mailOf(tree, TO), [`cur/${mail.file}`])
      pass(500)
      t.equal(await resume(tree, peer, mail, attempts), undefined)
      t.strictSame(
        mailOf(tree, TO),
        kind === 'reply' ? [`asks/${Q}.late.json`, `new/${mail.file}`] : [`new/${mail.file}`],
        'an answer is mail from now on',
      )
      t.match(entriesOf(tree, Q), [{ event: 'put-back', why: /did not arrive/ }])
      t.equal(stage.typed(), '')
    },
  )
}

t.test(
  'a text that its client has not read yet is waited for, ten seconds, and not typed again',
  async (t) => {
    const stage = await makeStage(t, tmux)
    const { tree, peer } = stage
    enterOffice(tree)
    const mail = layTyped(stage)
    const attempts = longAgo()
    const pass = stopClock(t)
    Object.assign(attempts.get(mail.file) as object, { typedAt: performance.now() })
    pass(9_999)
    t.match(await resume(tree, peer, mail, attempts), { why: /no hook has seen it yet/ })
    pass(1)
    t.match(await resume(tree, peer, mail, attempts), { why: /has not arrived yet/ })
    t.strictSame(mailOf(tree, TO), [`cur/${mail.file}`])
  },
)

t.test('after an Enter an empty box is wondered about earlier', async (t) => {
  const stage = await makeStage(t, tmux)
  const { tree, peer } = stage
  enterOffice(tree)
  const mail = layTyped(stage)
  const attempts = longAgo(1)
  const pass = stopClock(t)
  Object.assign(attempts.get(mail.file) as object, { typedAt: performance.now() })
  pass(2_000)
  t.match(await resume(tree, peer, mail, attempts), { why: /has not arrived yet/ })
})

t.test('a prompt that the transcript has counts as given, although no hook ran', async (t) => {
  const stage = await makeStage(t, tmux)
  const { tree, peer } = stage
  enterOffice(tree)
  const mail = layTyped(stage)
  const content = frameText(framed(asked()))
  stage.transcribe({ type: 'user', promptSource: 'typed', message: { role: 'user', content } })
  t.equal(await resume(tree, peer, mail, longAgo()), undefined)
  t.strictSame(mailOf(tree, TO), [`open/${Q}.query.json`])
  t.match(entriesOf(tree, Q), [
    { event: 'held', why: /hook did not run/ },
    { event: 'given', hook: 'transcript' },
  ])
  t.match(readGrant(tree, Q), { alone: false }, 'only reply_peer answers it')
})

t.test('a message that another courier was typing is looked for, not put back unseen', async (t) => {
  const stage = await makeStage(t, tmux)
  const { tree, peer } = stage
  enterOffice(tree)
  layTyped(stage)
  await stage.paint('a draft')
  stopClock(t)(60_000)
  const before = { ...memory(), typedBefore: new Set([`${Q}.query.json`]) }
  t.match(await attend(tree, peer, before), { why: /holds a text/ })
  t.strictSame(mailOf(tree, TO), [`cur/${Q}.query.json`])
})

t.test('notices that another courier was handing over together are one text in the box', async (t) => {
  const stage = await makeStage(t, tmux)
  const { tree, peer } = stage
  enterOffice(tree)
  const second = '20261122t094012413z-00000000'
  const both = [asked({ kind: 'notice' }), asked({ kind: 'notice', id: second })]
  const files = both.map((it) => lay(tree, 'cur', it))
  record(tree, 'typing', TO, Q, { kind: 'notice', door: 'tmux', with: [second] })
  const { header, body } = framesInOne(both.map((it) => framed(it)))
  await stage.paint(`${header}[Pasted text #1 +${body.split('\n').length - 1} lines]`)
  const mail = { id: second, kind: 'notice' as const, file: files[1] as string }
  const resumed = resume(tree, peer, mail, new Map())
  await until(() => stage.typed() === '\r')
  given(tree, peer, { text: `${header}\n${body}`, hook: 'prompt' })
  t.equal(await resumed, undefined)
  t.strictSame(mailOf(tree, TO), files.map((file) => `done/${file}`).sort())
})

t.test('a text of ours that is over is taken out of the box, and a draft is not', async (t) => {
  const stage = await makeStage(t, tmux)
  const { tree, peer } = stage
  enterOffice(tree)
  lay(tree, 'dead', asked())
  const next = asked({ id: '20261122t094012413z-00000000' })
  lay(tree, 'new', next)
  await stage.paint(`${boxOf(asked())} and mine`)
  t.match(await deliver(tree, peer, [next], new Map()), { why: /holds a text/ })
  t.equal(stage.typed(), '', 'with a word of its user beside it')
  await stage.paint(boxOf(asked()))
  t.match(await deliver(tree, peer, [next], new Map()), { why: /holds a text/, again: 100 })
  await until(() => stage.typed() === '\x15')
  t.match(entriesOf(tree, Q), [{ event: 'cleared', cleared: true }])
})

t.test('a text that was put back and is read late is taken out of the box, row by row', async (t) => {
  const stage = await makeStage(t, tmux)
  const { tree, peer } = stage
  enterOffice(tree)
  lay(tree, 'new', asked())
  const [first, second] = [boxOf(asked()).slice(0, 40), boxOf(asked()).slice(40)]
  await stage.paint(`${first}\n  ${second}`)
  t.match(await deliver(tree, peer, [asked()], new Map()), { why: /holds a text/, again: 100 })
  await until(() => stage.typed() === '\x15\x15')
  t.strictSame(mailOf(tree, TO), [`new/${Q}.query.json`])
})

t.test('a text of ours that is still on its way is not taken out of the box', async (t) => {
  const stage = await makeStage(t, tmux)
  const { tree, peer } = stage
  enterOffice(tree)
  lay(tree, 'open', asked())
  const next = asked({ id: '20261122t094012413z-00000000' })
  lay(tree, 'new', next)
  await stage.paint(boxOf(asked()))
  t.match(await deliver(tree, peer, [next], new Map()), { why: /holds a text/ })
  // What is typed comes some time after it was sent; the journal has it at once.
  t.strictSame(entriesOf(tree, Q), [])
})
