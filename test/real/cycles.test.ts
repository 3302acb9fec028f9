// Circles of questions on the real client: all answers arrive and nobody hangs.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { locateTree } from '../../src/spool/tree.ts'
import { eventually } from './eventually.ts'
import { gate, type Turn } from './model.ts'
import { openOffice } from './office.ts'
import type { ClaudeSession } from './session.ts'

const office = await openOffice()
t.teardown(office.close)
const NAMES = ['alpha', 'beta', 'gamma'] as const
const [alpha, beta, gamma] = (await Promise.all(NAMES.map((name) => office.hire(name)))) as [
  ClaudeSession,
  ClaudeSession,
  ClaudeSession,
]
const tree = locateTree(office.home.env(office.model.url))

const ask = (peer: string, question: string) => [
  { tool: 'mcp__repowire__ask_peer', input: { peer, question } },
]

/** The question itself, from between its two fences. */
function asked(text: string): string {
  return text.match(/^-----.*\n\n([\s\S]*?)\n\n-----/m)?.[1] ?? 'no question'
}

/** What it waits on after the counter-question, by session. */
const waitsOn = new Map<string, string>()

/** A model that does what a tool's result tells it to do: answers what closes a circle, and then waits on. */
function obedient(turn: Turn) {
  const told = turn.toolResults.map(({ text }) => text).join('\n')
  const order = told.match(/reply_peer with id "(\S+)"\. Then wait on: await_reply with id "(\S+)"/)
  if (order !== null) {
    waitsOn.set(turn.sessionId, order[2] as string)
    return [
      { tool: 'mcp__repowire__reply_peer', input: { id: order[1], answer: `between <${asked(told)}>` } },
    ]
  }
  const id = told.startsWith('Sent to ') ? waitsOn.get(turn.sessionId) : undefined
  return id === undefined ? undefined : [{ tool: 'mcp__repowire__await_reply', input: { id } }]
}

/** Asks urgently where its human says so; answers what is urgent, and waits on for what it was told to wait for. */
function urgently(turn: Turn) {
  if (turn.prompt.startsWith('URGE alpha: '))
    return [
      {
        tool: 'mcp__repowire__ask_peer',
        input: { peer: 'alpha', question: turn.prompt.slice(12), urgent: true },
      },
    ]
  const told = turn.toolResults.map(({ text }) => text).join('\n')
  const later = told.match(/Then wait on: await_reply with id "(\S+)"/)?.[1]
  if (later !== undefined) waitsOn.set(turn.sessionId, later)
  const urgent = JSON.stringify(turn.request.messages.slice(-2)).match(
    /Urgent: [^"]*reply_peer, id \\"([^\\]+)/,
  )?.[1]
  return urgent === undefined || told.startsWith('Sent to ')
    ? undefined
    : [{ tool: 'mcp__repowire__reply_peer', input: { id: urgent, answer: 'between <right now?>' } }]
}

t.beforeEach(async () => {
  office.answer = (question) => [{ text: `plain <${asked(question)}>` }]
  office.other = obedient
  for (const session of [alpha, beta, gamma]) await session.waitStatus('idle')
})

/** Nothing of this question is left anywhere but in done/. */
async function allIsOver(): Promise<void> {
  await eventually('all mail to be over', async () => {
    const mail = await Promise.all(NAMES.map((name) => office.mail(name)))
    return mail.flat().every((file) => file.startsWith('done/'))
  })
}

const seen = new Set<string>()

/** The answers that lie in the mailboxes and did not at the last call, as a model is shown them; sorted by who asked. */
async function allAnswers(): Promise<string[]> {
  const files = await Promise.all(
    NAMES.map(async (name) => (await office.mail(name)).map((file) => [name, file] as const)),
  )
  const replies = files.flat().filter(([, file]) => file.includes('.reply.') && !seen.has(file))
  for (const [, file] of replies) seen.add(file)
  const read = await Promise.all(replies.map(([name, file]) => office.read(name, file)))
  return read.map(({ from, body }) => `from ${from}] The answer\n${body}`)
}

t.test('two that ask each other at once are both answered', async (t) => {
  await Promise.all([alpha.submit('ASK beta: you first?'), beta.submit('ASK alpha: or you?')])
  await alpha.waitScreen(
    /I was told: \[repowire:\S+ answer from beta@\S+\] The answer[^<]*?(plain|between) <you first\?>/,
  )
  await beta.waitScreen(
    /I was told: \[repowire:\S+ answer from alpha@\S+\] The answer[^<]*?(plain|between) <or you\?>/,
  )
  await allIsOver()
  t.match(await allAnswers(), [/ <you first\?>/, / <or you\?>/])
})

t.test('a question that comes back to its asker through two others is answered on its way', async (t) => {
  office.answer = (question, turn) => {
    if (turn.toolResults.length > 0) return [{ text: 'x' }]
    return question.includes('question from alpha@') ? ask('gamma', 'via gamma?') : ask('alpha', 'via alpha?')
  }
  await alpha.submit('ASK beta: via beta?')
  // Each of the two others says what it was told itself: the answer of alpha has come all the way round.
  await alpha.waitScreen(/I was told: \[repowire:\S+ answer from beta@[\s\S]*between <via alpha\?>/)
  await allIsOver()
  t.match(await allAnswers(), [
    /from beta@/,
    /from gamma@/,
    /from alpha@\S+\] The answer\nbetween <via alpha\?>/,
  ])
})

t.test('two ask one at once, and it asks one of them back: all three are answered', async (t) => {
  office.answer = (question) =>
    question.includes('ask me back') ? ask('alpha', 'back to you?') : [{ text: `plain <${asked(question)}>` }]
  await Promise.all([alpha.submit('ASK gamma: ask me back'), beta.submit('ASK gamma: just so')])
  await alpha.waitScreen(/I was told: \[repowire:\S+ answer from gamma@[\s\S]*between <back to you\?>/)
  await beta.waitScreen(/I was told: \[repowire:\S+ answer from gamma@[\s\S]*plain <just so>/)
  await allIsOver()
  t.match(await allAnswers(), [/between <back to you\?>/, /plain <just so>/, /between <back to you\?>/])
})

t.test(
  'an urgent question to an agent that waits ends its wait: it is answered, and then waited on',
  async (t) => {
    const held = gate()
    office.answer = (question) =>
      question.includes('wait for it')
        ? held.opened.then(() => [{ text: `plain <${asked(question)}>` }])
        : [{ text: `plain <${asked(question)}>` }]
    office.other = (turn) => urgently(turn) ?? obedient(turn)
    await alpha.submit('ASK beta: wait for it')
    await office.waitMail('beta', /^open\/.*query/)
    await gamma.submit('URGE alpha: right now?')
    await gamma.waitScreen(/I was told: \[repowire:\S+ answer from alpha@[\s\S]*between <right now\?>/)
    held.open()
    await alpha.waitScreen(/I was told: \[repowire:\S+ answer from beta@[\s\S]*plain <wait for it>/)
    await allIsOver()
    t.match(await allAnswers(), [/from beta@/, /from alpha@/])
  },
)

t.test(
  'an asker whose server was killed is no edge: it is asked as ever, and gets its answer as mail',
  async (t) => {
    const held = gate()
    office.answer = (question) =>
      question.includes('wait for it')
        ? held.opened.then(() => [{ text: 'Worth it.' }])
        : [{ text: 'Alive.' }]
    await alpha.submit('ASK beta: wait for it')
    await office.waitMail('beta', /^open\/.*query/)
    const card = JSON.parse(
      await readFile(join(tree.root, 'peers', `alpha@${tree.host}.json`), 'utf8'),
    ) as Card
    process.kill(card.server?.pid as number, 'SIGKILL')
    await alpha.waitStatus('idle')
    const stale = (await office.mail('alpha')).filter((file) => file.includes('.blocked.'))
    t.equal(stale.length, 1, 'its file in asks/ still says that it waits')

    await gamma.runTurn('ASK alpha: are you there?')
    t.match(await gamma.screen(), /I was told:[\s\S]*Alive\./)
    held.open()
    await alpha.waitScreen(/The answer to your question "wait for it"[\s\S]*Worth it\./)
    await allIsOver()
  },
)
