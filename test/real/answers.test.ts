// Two sessions of the real client ask and answer each other.
import t from 'tap'
import { eventually } from './eventually.ts'
import { idIn, longLook, openOffice } from './office.ts'

/** The question itself, from between its two fences. */
function asked(prompt: string): string {
  return prompt.match(/^-----.*\n\n([\s\S]*)\n\n-----/m)?.[1] ?? 'no question'
}

const office = await openOffice()
t.teardown(office.close)
const frontend = await office.hire('frontend')
const backend = await office.hire('backend')

t.beforeEach(() => {
  office.answer = () => [{ text: 'An answer.' }]
  office.other = () => undefined
})

t.test(
  'a question is answered by the other session, and the answer is the result of the tool call',
  async (t) => {
    office.answer = (question) => [{ text: `It is 8080. You asked: ${asked(question)}` }]
    await frontend.runTurn('ASK backend: Which port does the server listen on?')
    const screen = await frontend.screen()
    t.match(screen, /I was told: \[repowire:\S+ answer from backend@\S+\] The answer/)
    t.match(screen, /It is 8080\. You asked: Which port does the server listen on\?/)
    t.match(
      await backend.screen(),
      /\[repowire:\S+ question from frontend@\S+\][\s\S]*Another coding agent asks this, not your user/,
    )
  },
)

t.test('afterwards both files lie in done, nothing is open, and a hook proved each step', async (t) => {
  await office.waitMail('frontend', /^done\/.*reply/)
  t.match(await office.mail('backend'), [/^done\/.*\.query\.json$/])
  t.same(
    (await office.mail('frontend')).filter((file) => !file.startsWith('done/')),
    [],
  )
  const events = (await office.journal()).map(({ event, hook }) => [event, hook].filter(Boolean).join(' '))
  t.same(
    events.filter((event) => /given|consumed/.test(event)),
    ['given prompt', 'consumed post-tool'],
  )
})

t.test('an answer of several text blocks comes whole', async (t) => {
  office.answer = () => [{ text: 'First half.' }, { thinking: 'hm' }, { text: 'Second half.' }]
  const { stdout } = await office.repowire('ask', 'backend', 'Tell me both halves')
  t.equal(stdout, 'First half.\n\nSecond half.\n')
})

t.test('text before a tool call is not the answer, the final message is', async (t) => {
  office.answer = () => [
    { text: 'Let me look.' },
    { tool: 'Bash', input: { command: 'true', description: 'look' } },
  ]
  office.other = (turn) => (turn.toolResults.length > 0 ? [{ text: 'Looked: fine.' }] : undefined)
  const { stdout } = await office.repowire('ask', 'backend', 'Look first')
  t.equal(stdout, 'Looked: fine.\n')
})

t.test('a question of many lines with every awkward character reaches the model as it was', async (t) => {
  const question = [
    '/clear',
    '!echo x',
    'tab\there',
    'emoji 👩‍👧 日本語',
    '#',
    '@file',
    'end with a backslash \\',
  ].join('\n')
  await office.repowire('ask', 'backend', question)
  const asked = (await office.prompts(backend)).findLast((prompt) => prompt.includes('日本語')) ?? ''
  t.match(asked, '/clear\n!echo x\ntab    here\nemoji 👩‍👧 日本語\n#\n@file\nend with a backslash \\')
})

t.test('three questions asked in parallel all get their own answers', async (t) => {
  const lead = await office.hire('lead')
  const third = await office.hire('third')
  office.answer = (question) => [{ text: `<${asked(question)}>` }]
  await lead.runTurn(
    'ASK frontend: one | ASK backend: two | ASK third: three'.replaceAll(' | ASK ', ' | '),
    40_000,
  )
  const results =
    office.model.requests.findLast((request) => request.toolResults.length === 3)?.toolResults ?? []
  t.match(results.map(({ text }) => text.replace(/^\S+ /, '')).sort(), [
    /from backend@[\s\S]*<two>/,
    /from frontend@[\s\S]*<one>/,
    /from third@[\s\S]*<three>/,
  ])
  third.kill()
  lead.kill()
})

t.test(
  'a second question waits in new while the first is open, and each asker gets its own answer',
  async (t) => {
    let open = () => {}
    const held = new Promise<void>((resolve) => (open = resolve))
    office.answer = async (question) => {
      if (question.includes('slow')) await held
      return [{ text: `answer to ${asked(question)}` }]
    }
    const slow = office.repowire('ask', 'backend', 'the slow one')
    await office.waitMail('backend', /^open\/.*query/)
    const quick = office.repowire('ask', 'backend', 'the quick one')
    await office.waitMail('backend', /^new\/.*query/)
    const held2 = await office.waitJournal(
      'why it waits',
      (line) => line.event === 'held' && /has just been given|busy with a turn/.test(String(line.why)),
    )
    t.ok(held2)
    open()
    t.equal((await slow).stdout, 'answer to the slow one\n')
    t.equal((await quick).stdout, 'answer to the quick one\n')
  },
)

t.test("a human's own turn in between is answered to the human alone", async (t) => {
  let open = () => {}
  const held = new Promise<void>((resolve) => (open = resolve))
  office.other = (turn) =>
    turn.prompt === 'my own question' ? held.then(() => [{ text: 'for my human only' }]) : undefined
  await backend.submit('my own question')
  await backend.waitStatus('busy')
  const asked = office.repowire('ask', 'backend', 'and mine?')
  await office.waitMail('backend', /^new\/.*query/)
  open()
  t.equal((await asked).stdout, 'An answer.\n')
  t.match(await backend.screen(), /for my human only/)
})

t.test(
  'a prompt that the human adds to the turn makes it mixed: the agent is reminded and answers by reply_peer',
  async (t) => {
    const look = await longLook(office, 'backend')
    let open = () => {}
    const held = new Promise<void>((resolve) => (open = resolve))
    let id = ''
    office.answer = async (question, turn) => {
      id = idIn(question)
      if (turn.toolResults.length === 0)
        return [{ tool: 'Bash', input: { command: `cat ${look.name}`, description: 'look' } }]
      return [{ text: 'x' }]
    }
    office.other = (turn) => {
      const text = turn.lastUserText
      if (text.includes('you owe another agent'))
        return [{ tool: 'mcp__repowire__reply_peer', input: { id, answer: 'the answer for the peer' } }]
      if (turn.toolResults.some((result) => result.text.startsWith('Sent to'))) return [{ text: 'Replied.' }]
      if (turn.toolResults.length > 0) return held.then(() => [{ text: 'to my human: secret' }])
      return undefined
    }
    const asked = office.repowire('ask', 'backend', 'mixed?')
    await look.begun()
    await backend.submit('human speaks up in between')
    await office.waitQueued(backend, 'human speaks up in between')
    await look.end()
    open()
    t.equal((await asked).stdout, 'the answer for the peer\n')
    await backend.waitStatus('idle')
  },
)

t.test('an agent that was reminded and still ends its turn leaves the question unanswered', async (t) => {
  const look = await longLook(office, 'backend')
  office.answer = (_, turn) =>
    turn.toolResults.length === 0
      ? [{ tool: 'Bash', input: { command: `cat ${look.name}`, description: 'look' } }]
      : [{ text: 'x' }]
  office.other = (turn) =>
    turn.toolResults.length > 0 || turn.lastUserText.includes('you owe another')
      ? [{ text: 'only for my human' }]
      : undefined
  const asked = office.repowire('ask', 'backend', 'mixed again?')
  await look.begun()
  await backend.submit('human again')
  await office.waitQueued(backend, 'human again')
  await look.end()
  const { code, stdout, stderr } = await asked
  t.equal(code, 4)
  t.equal(stdout, '')
  t.match(stderr, /no answer \(unanswered\)/)
})

t.test('a notice is told when the agent is free, and nothing is sent back', async (t) => {
  await frontend.waitStatus('idle')
  const { stdout } = await office.repowire('notify', 'frontend', 'The login route moved.')
  t.match(stdout, /In the inbox of frontend@/)
  await frontend.waitScreen(/notice from root@\S+\][\s\S]*The login route moved\./)
  await office.waitMail('frontend', /^done\/.*notice/)
})

t.test('a broadcast reaches every session that is online', async (t) => {
  const before = async (peer: string) =>
    (await office.mail(peer)).filter((file) => file.includes('notice')).length
  const [atFront, atBack] = [await before('frontend'), await before('backend')]
  await office.repowire('broadcast', '--wake', 'main is frozen')
  await eventually('both notices in done', async () => {
    const done = async (peer: string) =>
      (await office.mail(peer)).filter((file) => /^done\/.*notice/.test(file)).length
    return (await done('frontend')) > atFront && (await done('backend')) > atBack
  })
  t.pass()
})

t.test('every message that was given was given once', async (t) => {
  const given = (await office.journal())
    .filter(({ event, hook }) => event === 'given' && hook === 'prompt')
    .map(({ id, peer }) => `${id} ${peer}`)
  t.same(given, [...new Set(given)])
  for (const session of [frontend, backend]) {
    const headers = (await office.prompts(session)).flatMap(
      (prompt) => prompt.match(/\[repowire:\S+ (?:question|notice)/g) ?? [],
    )
    t.ok(headers.length > 0)
  }
})
