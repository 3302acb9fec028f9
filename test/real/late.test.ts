// Answers that come when nobody waits any more, and questions that their asker gives up.
import t, { type Test } from 'tap'
import { eventually } from './eventually.ts'
import { gate } from './model.ts'
import { idIn, openOffice } from './office.ts'
import type { ClaudeSession } from './session.ts'

const office = await openOffice()
t.teardown(office.close)
const frontend = await office.hire('frontend')
const backend = await office.hire('backend')

const ASK = 'mcp__repowire__ask_peer'

t.beforeEach(() => {
  office.answer = () => [{ text: 'An answer.' }]
  office.other = () => undefined
})

/** Makes frontend ask with a time-out of four seconds while backend is held; returns the id that the tool gave. */
async function askInVain(t: Test, session: ClaudeSession, question: string): Promise<string> {
  office.other = (turn) =>
    turn.prompt === 'go'
      ? [{ tool: ASK, input: { peer: 'backend', question, timeout_seconds: 4 } }]
      : undefined
  await session.runTurn('go')
  const told = office.model.requests.findLast(({ toolResults }) => toolResults.length > 0)?.toolResults[0]
  t.equal(told?.isError, true)
  t.match(
    told?.text,
    /No answer to \S+ within 4 s: \S+ has the question\. It stays asked\. Call await_reply with id "\S+"/,
  )
  return told?.text.match(/await_reply with id "(\S+)"/)?.[1] ?? 'no id'
}

t.test(
  'an answer that comes after the wait is told as mail, with the question that it answers',
  async (t) => {
    const held = gate()
    office.answer = () => held.opened.then(() => [{ text: 'Better late.' }])
    const id = await askInVain(t, frontend, 'Are you slow?')
    t.ok((await office.mail('frontend')).includes(`asks/${id}.late.json`))
    held.open()
    await office.waitMail('frontend', new RegExp(`^done/${id}.reply`))
    const mail = await eventually('the mail', async () =>
      (await office.prompts(frontend)).find((prompt) => prompt.includes(`[repowire:${id} answer`)),
    )
    t.match(mail, /The answer to your question "Are you slow\?"[\s\S]*Better late\./)
    t.same(
      (await office.mail('frontend')).filter((file) => file.startsWith('asks/')),
      [],
    )
  },
)

t.test('await_reply takes the wait up again and returns the answer', async (t) => {
  await frontend.waitStatus('idle')
  const held = gate()
  office.answer = () => held.opened.then(() => [{ text: 'Worth the wait.' }])
  const id = await askInVain(t, frontend, 'Again?')
  office.other = (turn) =>
    turn.prompt === 'wait on' ? [{ tool: 'mcp__repowire__await_reply', input: { id } }] : undefined
  await frontend.submit('wait on')
  await office.waitMail('frontend', new RegExp(`^asks/${id}.blocked`))
  held.open()
  await frontend.waitScreen(/I was told: [\s\S]*Worth the wait\./)
})

t.test('Esc in ask_peer withdraws a question that the peer has not been given', async (t) => {
  await frontend.waitStatus('idle')
  const held = gate()
  office.other = (turn) => {
    if (turn.prompt === 'keep busy') return held.opened.then(() => [{ text: 'was busy' }])
    return turn.prompt === 'go'
      ? [{ tool: ASK, input: { peer: 'backend', question: 'Never mind?' } }]
      : undefined
  }
  await backend.submit('keep busy')
  await backend.waitStatus('busy')
  await frontend.submit('go')
  const waiting = await office.waitMail('backend', /^new\/.*query/)
  await frontend.press('Escape')
  await office.waitMail('backend', new RegExp(waiting.replace('new/', '^dead/')))
  held.open()
  await backend.waitStatus('idle')
  await frontend.waitStatus('idle')
  t.notOk(
    (await office.prompts(backend)).some((prompt) => prompt.includes('Never mind?')),
    'backend was never asked',
  )
  t.notOk(
    (await office.prompts(frontend)).some((prompt) => prompt.includes('withdrew')),
    'frontend is not told about it',
  )
})

t.test(
  'Esc in ask_peer after the peer was given it lets the peer answer, and the answer is filed',
  async (t) => {
    const held = gate()
    office.answer = () => held.opened.then(() => [{ text: 'An answer for nobody.' }])
    office.other = (turn) =>
      turn.prompt === 'go'
        ? [{ tool: ASK, input: { peer: 'backend', question: 'Given already?' } }]
        : undefined
    await frontend.submit('go')
    const open = await office.waitMail('backend', /^open\/.*query/)
    await frontend.press('Escape')
    await office.waitMail('backend', /^done\/.*cancel/)
    held.open()
    const id = open.replace(/^open\/|\.query\.json$/g, '')
    await office.waitMail('frontend', new RegExp(`^done/${id}.reply`))
    t.notOk((await office.prompts(frontend)).some((prompt) => prompt.includes('An answer for nobody.')))
  },
)

t.test(
  'the answer to a session that was killed while it waited is told to the next one of its directory',
  async (t) => {
    const held = gate()
    office.answer = () => held.opened.then(() => [{ text: 'For your heir.' }])
    const asker = await office.hire('mortal')
    await asker.submit('ASK backend: Will I live?')
    await office.waitMail('backend', /^open\/.*query/)
    asker.kill('SIGKILL')
    await asker.waitGone()
    held.open()
    const reply = await office.waitMail('mortal', /^new\/.*reply/)
    const heir = await office.hire('mortal')
    await office.waitMail('mortal', new RegExp(reply.replace('new/', '^done/')))
    await heir.waitScreen(/For your heir\./)
    t.same(
      (await office.mail('mortal')).filter((file) => !file.startsWith('done/')),
      [],
    )
    heir.kill()
  },
)

t.test('the inbox tool hands a question to a busy agent, which answers it by reply_peer', async (t) => {
  await backend.waitStatus('idle')
  const held = gate()
  const tools: string[] = []
  office.other = (turn) => {
    if (turn.prompt === 'work') return held.opened.then(() => [{ tool: 'mcp__repowire__inbox', input: {} }])
    const result = turn.toolResults[0]?.text ?? ''
    tools.push(result)
    if (result.includes(' question from '))
      return [{ tool: 'mcp__repowire__reply_peer', input: { id: idIn(result), answer: 'by reply_peer' } }]
    return result.startsWith('Sent to') ? [{ text: 'my own work is done' }] : undefined
  }
  await backend.submit('work')
  await backend.waitStatus('busy')
  const asked = office.repowire('ask', 'backend', 'While you work?')
  await office.waitMail('backend', /^new\/.*query/)
  held.open()
  t.equal((await asked).stdout, 'by reply_peer\n')
  await backend.waitScreen(/my own work is done/)
})

t.test('a tool call that cannot be carried out tells the model what to do', async (t) => {
  await frontend.waitStatus('idle')
  const errorOf = async (tool: string, input: object) => {
    office.other = (turn) => (turn.prompt === 'try' ? [{ tool, input }] : undefined)
    await frontend.runTurn('try')
    return office.model.requests.findLast(({ toolResults }) => toolResults.length > 0)?.toolResults[0]?.text
  }
  t.match(
    await errorOf(ASK, { peer: 'backnd', question: 'x?' }),
    /No peer is called "backnd"\. Did you mean backend@/,
  )
  t.match(await errorOf(ASK, { peer: 'frontend', question: 'x?' }), /frontend@\S+ is you\./)
  t.match(await errorOf(ASK, { peer: 'mortal', question: 'x?' }), /offline/)
  t.match(
    await errorOf('mcp__repowire__reply_peer', { id: 'nonsense', answer: 'x' }),
    /You were not asked a question nonsense/,
  )
  t.match(await errorOf('mcp__repowire__whoami', {}), /You are frontend@\S+, the agent of /)
  t.match(await errorOf('mcp__repowire__list_peers', {}), /backend@\S+ .*idle, free/)
})

t.test('two agents that ask each other both get their answers', async (t) => {
  await frontend.waitStatus('idle')
  await backend.waitStatus('idle')
  let first = ''
  office.answer = (question) => {
    if (question.includes('And you?')) return [{ text: 'never asked by prompt' }]
    return [{ tool: ASK, input: { peer: 'frontend', question: 'And you?' } }]
  }
  office.other = (turn) => {
    const result = turn.toolResults[0]?.text ?? ''
    if (turn.prompt === 'start') return [{ tool: ASK, input: { peer: 'backend', question: 'How are you?' } }]
    if (result.includes('And you?')) {
      first = result.match(/await_reply with id "(\S+)"/)?.[1] ?? 'no id'
      return [{ tool: 'mcp__repowire__reply_peer', input: { id: idIn(result), answer: 'I am well.' } }]
    }
    if (result.startsWith('Sent to')) return [{ tool: 'mcp__repowire__await_reply', input: { id: first } }]
    return result.includes('I am well.') ? [{ text: 'Then so am I.' }] : undefined
  }
  await frontend.submit('start')
  await frontend.waitScreen(/I was told: [\s\S]*Then so am I\./)
  t.match(await backend.screen(), /Then so am I\./)
})
