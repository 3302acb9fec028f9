// What answers a question, and what does not, case by case: the rows of answers.md that need a session of their own making.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { frameText } from '../../src/protocol/frame.ts'
import type { Message } from '../../src/protocol/message.ts'
import { locateTree } from '../../src/spool/tree.ts'
import { frameFor } from '../../src/verbs/exchange.ts'
import { eventually } from './eventually.ts'
import { gate, type Turn } from './model.ts'
import { longLook, openOffice, type Ran } from './office.ts'
import type { ClaudeSession } from './session.ts'

const REPLY = 'mcp__repowire__reply_peer'
const ASK = 'mcp__repowire__ask_peer'

// Another hook of the user's own, which blocks the end of a turn once where it is told to.
const BLOCKS_ONCE = `[ -e block-once ] && rm block-once && echo '{"decision":"block","reason":"Run the linter first."}' || true`

const office = await openOffice()
t.teardown(office.close)
const project = await office.project('backend')
await mkdir(join(project, '.claude'))
await writeFile(
  join(project, '.claude', 'settings.json'),
  JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: 'command', command: BLOCKS_ONCE }] }] } }),
)
// A session in bypass mode holds what does not attest that mode; its user may say otherwise.
await office.home.settings({ crossSessionInbound: 'accept' })
const backend = await office.hire('backend', {
  args: ['--dangerously-skip-permissions'],
  env: { CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: '1000' },
})

const earlier = (await backend.status())?.sessionId

t.beforeEach(async () => {
  office.answer = () => [{ text: 'An answer.' }]
  office.other = () => undefined
  await backend.waitStatus('idle')
})

const ask = (question: string): Promise<Ran> => office.repowire('ask', 'backend', question)

/** Answers each owed question by its id and its own text; then the turn ends. */
function repays(turn: Turn, answers: (id: string) => string) {
  const text = turn.lastUserText
  if (text.includes('you owe another agent'))
    return Array.from(text.matchAll(/reply_peer with id "(\S+?)"/g), ([, id = '']) => ({
      tool: REPLY,
      input: { id, answer: answers(id) },
    }))
  return turn.toolResults.some((result) => result.text.startsWith('Sent to'))
    ? [{ text: 'Replied.' }]
    : undefined
}

/** A turn of the human that lasts until it is told to end. */
async function occupy() {
  const busy = gate()
  const before = office.other
  office.other = (turn) =>
    turn.prompt === 'my own work' ? busy.opened.then(() => [{ text: 'for my human' }]) : before(turn)
  await backend.submit('my own work')
  await backend.waitStatus('busy')
  return busy
}

/** A question that waits in new/ and that the courier leaves there; `text` is what would be typed. */
async function waiting(question: string) {
  const known = await office.mail('backend')
  const asked = ask(question)
  const file = await eventually('the question', async () =>
    (await office.mail('backend')).find((mail) => mail.startsWith('new/') && !known.includes(mail)),
  )
  const query = (await office.read('backend', file)) as unknown as Message
  return { asked, id: query.id, text: frameText(frameFor(locateTree({ HOME: office.home.dir }), query)) }
}

/** Gives a text to the session by its own inbox socket. */
async function send(session: ClaudeSession, content: string): Promise<void> {
  const { messagingSocketPath = '', sessionId } = (await session.status()) ?? {}
  const line = JSON.stringify({ type: 'user', session_id: sessionId, message: { role: 'user', content } })
  await new Promise<void>((resolve, reject) => {
    const socket = connect(messagingSocketPath, () => socket.end(`${line}\n`))
    socket.on('error', reject).on('close', () => resolve())
  })
}

t.test(
  'a final message without a text is no answer: the agent is reminded and answers by reply_peer',
  async (t) => {
    office.other = (turn) =>
      repays(turn, () => 'in words') ??
      (turn.lastUserText.includes('no visible output') ? [{ thinking: 'hm' }] : undefined)
    office.answer = () => [{ thinking: 'hm' }]
    t.equal((await ask('Can you speak?')).stdout, 'in words\n')
  },
)

t.test(
  'a prompt that the human queued has a turn of its own, and the question before it is answered',
  async (t) => {
    const held = gate()
    office.answer = () => held.opened.then(() => [{ text: 'for the peer' }])
    office.other = (turn) => (turn.prompt === 'and for me?' ? [{ text: 'for my human' }] : undefined)
    const asked = ask('Which port?')
    await office.waitMail('backend', /^open\//)
    await backend.submit('and for me?')
    await office.waitQueued(backend, 'and for me?')
    held.open()
    t.equal((await asked).stdout, 'for the peer\n')
    await backend.waitScreen(/for my human/)
  },
)

t.test('a question and a prompt of the human that the client made one are not paired', async (t) => {
  office.other = (turn) =>
    repays(turn, () => 'for the peer') ??
    (turn.lastUserText.includes('and what of my tests?') ? [{ text: 'secret of my human' }] : undefined)
  const busy = await occupy()
  const { asked, text } = await waiting('Which port?')
  await office.repowire('pause', 'backend')
  await office.tmux.paste(backend.pane, text)
  await backend.press('Enter')
  await office.waitMail('backend', /^open\//)
  await backend.submit('and what of my tests?')
  await backend.waitScreen(/and what of my tests\?/)
  busy.open()
  t.equal((await asked).stdout, 'for the peer\n')
  await office.repowire('resume', 'backend')
})

t.test('a question that came by the socket and was the only prompt of its turn is answered', async (t) => {
  const busy = await occupy()
  const { asked, text } = await waiting('Which port?')
  await office.repowire('pause', 'backend')
  busy.open()
  await backend.waitStatus('idle')
  office.answer = () => [{ text: 'By the socket.' }]
  await send(backend, text)
  t.equal((await asked).stdout, 'By the socket.\n')
  await office.repowire('resume', 'backend')
})

t.test('two questions in one turn are paired with neither, and each is answered by its id', async (t) => {
  const answers = new Map<string, string>()
  office.answer = () => [{ text: 'one text for both' }]
  office.other = (turn) => repays(turn, (id) => answers.get(id) ?? 'unknown')
  const busy = await occupy()
  const first = await waiting('first?')
  const second = await waiting('second?')
  answers.set(first.id, 'answer to the first').set(second.id, 'answer to the second')
  await office.repowire('pause', 'backend')
  await send(backend, first.text)
  await send(backend, second.text)
  busy.open()
  t.equal((await first.asked).stdout, 'answer to the first\n')
  t.equal((await second.asked).stdout, 'answer to the second\n')
  await office.repowire('resume', 'backend')
})

t.test(
  'an urgent question on top of an open one is answered by reply_peer, and so is the open one',
  async (t) => {
    const look = await longLook(office, 'backend')
    let urgent = ''
    office.answer = () => [{ tool: 'Bash', input: { command: `cat ${look.name}`, description: 'look' } }]
    office.other = (turn) =>
      repays(turn, () => 'the slow answer') ??
      (turn.toolResults.some((result) => result.text === 'seen')
        ? [{ tool: REPLY, input: { id: urgent, answer: 'the urgent answer' } }]
        : undefined)
    const slow = ask('slow?')
    await look.begun()
    const { asked, id, text } = await waiting('urgent?')
    urgent = id
    await send(backend, text)
    await look.end()
    t.equal((await asked).stdout, 'the urgent answer\n')
    t.equal((await slow).stdout, 'the slow answer\n')
  },
)

t.test('a shell in the background holds nothing up', async (t) => {
  const look = await longLook(office, 'backend')
  office.answer = () => [
    { tool: 'Bash', input: { command: `cat ${look.name}`, description: 'serve', run_in_background: true } },
  ]
  office.other = (turn) => (turn.toolResults.length > 0 ? [{ text: 'The server runs.' }] : undefined)
  const { stdout } = await ask('Start it?')
  t.equal(stdout, 'The server runs.\n')
  office.other = (turn) =>
    turn.lastUserText.includes('<task-notification>') ? [{ text: 'It ended.' }] : undefined
  await look.end()
  await backend.waitScreen(/It ended\./)
  await backend.waitStatus('idle')
  t.notOk(
    (await office.mail('root')).some((file) => file.includes('notice')),
    'nor is its end told to anyone',
  )
})

/** The notice in the person's mailbox that amends the answer to this question. */
async function noticeFor(id: string | undefined): Promise<Record<string, string>> {
  return await eventually('an amendment', async () => {
    const files = (await office.mail('root')).filter((file) => file.includes('notice'))
    const notices = await Promise.all(files.map((file) => office.read('root', file)))
    return notices.find(({ in_reply_to }) => in_reply_to === id)
  })
}

/** Makes backend start a subagent for the question, and end its turn. */
function startsSubagent(says: string) {
  const dug = gate()
  office.answer = () => [
    { tool: 'Agent', input: { description: 'dig', prompt: 'dig deep', subagent_type: 'general-purpose' } },
  ]
  office.other = (turn) => {
    if (turn.prompt.includes('dig deep'))
      return dug.opened.then(() => [{ text: 'gold, for the parent only' }])
    if (turn.lastUserText.includes('<task-notification>')) return [{ text: says }]
    return turn.toolResults.length > 0 ? [{ text: 'I have sent somebody to dig.' }] : undefined
  }
  return dug
}

/** The text that is held for the open question, with its file. */
async function heldText() {
  const state = join(office.home.dir, '.local', 'state', 'repowire')
  return await eventually('an answer that is held', async () => {
    const [host = ''] = await readdir(state)
    const given = join(state, host, 'given')
    // A grant that is over may go while it is looked at.
    for (const name of await readdir(given).catch(() => [])) {
      const file = join(given, name)
      const grant = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'))
      if (grant.held !== undefined) return { file, grant, text: grant.held.text as string }
    }
    return undefined
  })
}

t.test(
  'a subagent holds the answer until its end has had its turn; its own end answers nothing',
  async (t) => {
    const dug = startsSubagent('There is gold.')
    const asked = ask('Is there gold?')
    t.equal((await heldText()).text, 'I have sent somebody to dig.')
    t.ok(await office.waitMail('backend', /^open\//))
    dug.open()
    t.equal((await asked).stdout, 'There is gold.\n')
  },
)

t.test(
  'after ten minutes what is held is sent as provisional, and the rest follows as an amendment',
  async (t) => {
    const dug = startsSubagent('There is gold after all.')
    const asked = ask('Is there gold?')
    const { file, grant } = await heldText()
    const since = grant.held.since - 600_000
    await writeFile(file, JSON.stringify({ ...grant, held: { ...grant.held, since } }))
    t.equal((await asked).stdout, 'I have sent somebody to dig.\n')
    dug.open()
    const notice = await office.read('root', await office.waitMail('root', /^new\/.*notice/))
    t.match(notice, {
      in_reply_to: grant.id,
      body: 'An amendment to the answer to your question "Is there gold?":\n\nThere is gold after all.',
    })
  },
)

/** Makes backend ask a person-like session that is slow, until its client moves the call to the background. */
async function asksInBackground(t: Test, then: string) {
  const name = `slow-${Date.now() % 100_000}`
  const slow = await office.hire(name)
  t.teardown(() => slow.kill())
  const inner = gate()
  office.answer = (question) =>
    question.includes('inner?')
      ? inner.opened.then(() => [{ text: 'the inner answer' }])
      : [{ tool: ASK, input: { peer: name, question: 'inner?' } }]
  office.other = (turn) => {
    if (turn.lastUserText.includes('<task-notification>'))
      return [{ text: turn.lastUserText.includes('the inner answer') ? then : 'no inner answer' }]
    return turn.toolResults.some(({ text }) => text.includes('moved to the background'))
      ? [{ text: 'I have asked around.' }]
      : undefined
  }
  return { inner, slow, name }
}

t.test('a call that the client moved to the background holds the answer that its agent owes', async (t) => {
  const { inner, name } = await asksInBackground(t, 'They say 8080.')
  const asked = ask('outer?')
  t.equal((await heldText()).text, 'I have asked around.')
  await backend.waitStatus('idle')
  inner.open()
  t.equal((await asked).stdout, 'They say 8080.\n')
  await office.waitMail('backend', /^done\/.*reply/)
  t.match(await office.mail(name), [/^done\/.*query/], 'nothing else was asked')
})

t.test('another hook blocks the end of the turn: its later text follows as an amendment', async (t) => {
  await writeFile(join(project, 'block-once'), '')
  office.answer = () => [{ text: 'It is 8080.' }]
  office.other = (turn) =>
    turn.lastUserText.includes('Run the linter first') ? [{ text: 'The linter says 8081.' }] : undefined
  t.equal((await ask('Which port?')).stdout, 'It is 8080.\n')
  const { id } = (await office.journal()).findLast(({ event }) => event === 'asked') ?? {}
  t.equal(
    (await noticeFor(id)).body,
    'An amendment to the answer to your question "Which port?":\n\nThe linter says 8081.',
  )
})

t.test('/compact in the middle waits for the end of the turn, which answers', async (t) => {
  const held = gate()
  office.answer = () => held.opened.then(() => [{ text: 'Before the compaction.' }])
  const asked = ask('Still there?')
  await office.waitMail('backend', /^open\//)
  await backend.submit('/compact')
  await backend.waitScreen(/Queued|compact/)
  held.open()
  t.equal((await asked).stdout, 'Before the compaction.\n')
  await backend.waitScreen(/Compacted/)
})

t.test('the end of a nested headless run answers nothing', async (t) => {
  office.answer = () => [
    {
      tool: 'Bash',
      input: { command: 'claude -p "nested prompt" </dev/null', description: 'nested', timeout: 30000 },
    },
  ]
  office.other = (turn) => {
    if (turn.prompt.includes('nested prompt')) return [{ text: 'the nested answer' }]
    return turn.toolResults.length > 0 ? [{ text: 'the outer answer' }] : undefined
  }
  t.equal((await ask('Run it?')).stdout, 'the outer answer\n')
})

t.test(
  'a question that is over and is submitted later is answered by nothing, and the agent is told',
  async (t) => {
    office.answer = () => new Promise(() => {})
    const asked = ask('too late?')
    const open = await office.waitMail('backend', /^open\//)
    await backend.waitStatus('busy')
    await backend.press('Escape')
    t.match((await asked).stderr, /interrupted/)
    const id = open.replace(/^open\/|\.query\.json$/g, '')
    const replied = async () =>
      (await office.journal()).filter((line) => line.event === 'replied' && line.id === id).length
    office.answer = () => [{ text: 'an answer for nobody' }]
    await backend.press('Enter')
    await backend.waitScreen(/an answer for nobody/)
    await backend.waitStatus('idle')
    const told = JSON.stringify(office.model.requests.at(-1)?.request.messages)
    t.match(told, new RegExp(`the question ${id} in this prompt is closed`))
    t.equal(await replied(), 1)
  },
)

for (const [name, command] of [
  ['/clear while an answer is held sends it as provisional', '/clear'],
  ['/resume while an answer is held sends it as provisional', `/resume ${earlier}`],
] as const) {
  t.test(name, async (t) => {
    const { inner } = await asksInBackground(t, 'never said')
    const asked = ask(`outer, before ${command}?`)
    const { grant } = await heldText()
    await backend.waitStatus('idle')
    await backend.submit(command)
    t.equal((await asked).stdout, 'I have asked around.\n')
    t.match(
      (await office.journal()).filter((line) => line.event === 'replied' && line.id === grant.id),
      [{ outcome: 'answered', by: 'session-end' }],
    )
    inner.open()
  })
}
