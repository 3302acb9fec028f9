// The rehearsal agent's parts: its input box on captured screens, its keys, its search, and its hooks over a real session file.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import type { HookEvent } from '../../src/agents/agent.ts'
import { holdsExactly, readComposer, shownPaste } from '../../src/agents/rehearsal/composer.ts'
import { type Draft, erased, pasted, shownOf, textOf, typed } from '../../src/agents/rehearsal/draft.ts'
import type { Payload } from '../../src/agents/rehearsal/hooks.ts'
import { readKeys } from '../../src/agents/rehearsal/keys.ts'
import { rehearsal } from '../../src/agents/rehearsal/rehearsal.ts'
import { paint } from '../../src/agents/rehearsal/screen.ts'
import { answerFrom } from '../../src/agents/rehearsal/search.ts'
import { openSession } from '../../src/agents/rehearsal/session-file.ts'
import { append } from '../../src/agents/rehearsal/transcript.ts'
import { type Desk, takeTurn } from '../../src/agents/rehearsal/turn.ts'
import { idsOwed, questionsIn, understand } from '../../src/agents/rehearsal/understand.ts'
import { frameText } from '../../src/protocol/frame.ts'
import type { Message } from '../../src/protocol/message.ts'
import { framed } from '../world.ts'

const ID = '20261122t094012412z-k3v9x2p8'
const QUESTION = 'Which port does the größte server listen on?'
const query: Message = {
  spec: 'mailbox/1',
  id: ID,
  kind: 'query',
  from: 'frontend@laptop',
  to: 'backend@laptop',
  sent: '2026-11-22T09:40:12.412Z',
  body: QUESTION,
}
const frame = framed(query)

// As tmux 3.3a captures them with escapes, 60 columns wide.
const RULE = '─'.repeat(59)
const ABOVE = `\x1b[2mrehearsal agent in a · no model: it searches its own files\n\n\x1b[0m\x1b[39m\x1b[49m${RULE}\n`
const BELOW = `\n${RULE}\n\x1b[2midle · Enter sends · Esc interrupts · Ctrl+D ends\n\n\n`

t.test('an input box with nothing in it is empty', async (t) => {
  t.same(readComposer(`${ABOVE}rehearsal ▸${BELOW}`), { state: 'empty' })
})

t.test('a draft is read over the rows on which it is wrapped', async (t) => {
  const box = 'rehearsal ▸ a draft that is so long that it goes on in\n            another row of it'
  const text = 'a draft that is so long that it goes on in\nanother row of it'
  t.same(readComposer(ABOVE + box + BELOW), { state: 'holds', text })
})

t.test('a screen without a whole box is unknown', async (t) => {
  const whole = `${ABOVE}rehearsal ▸${BELOW}`
  const shell = '$ vi notes\n$\n'
  const cut = whole.slice(0, whole.lastIndexOf(RULE))
  const other = whole.replace('rehearsal ▸', 'Proceed? ▸')
  for (const screen of ['', shell, cut, other]) t.match(readComposer(screen), { state: 'unknown' })
})

for (const columns of [50, 77, 200]) {
  t.test(`only the whole frame and nothing else is exactly ours, ${columns} columns wide`, async (t) => {
    const ours = pasted(typed([], frame.header), frame.body)
    t.ok(isOurs(ours, columns))
    t.notOk(isOurs(typed([], frame.header), columns), 'the header alone')
    t.notOk(isOurs(pasted([], frame.body), columns), 'the body alone')
    t.notOk(isOurs(typed(ours, 'x'), columns), 'a letter more')
    t.notOk(isOurs([...typed([], 'x'), ...ours], columns), 'a draft before it')
    t.notOk(isOurs(pasted(typed([], frame.header), `${frame.body}x`), columns), 'another body')
  })
}

function isOurs(draft: Draft, columns: number): boolean {
  const screen = paint({ title: 'a', said: [], draft: shownOf(draft), status: 'idle' }, { rows: 40, columns })
  const captured = screen.replace(/\x1b\[[0-9;]*[HJK]/g, '').replaceAll('\r', '')
  const composer = readComposer(captured)
  return composer.state === 'holds' && holdsExactly(composer.text, frame)
}

t.test('a long paste is folded, sent whole, and erased at one stroke', async (t) => {
  const long = 'line\n'.repeat(30)
  const draft = pasted(typed([], 'see:'), long)
  t.equal(shownPaste(long), '[pasted: 31 lines, 150 characters]')
  t.equal(shownOf(draft), 'see:\n[pasted: 31 lines, 150 characters]')
  t.equal(textOf(draft), `see:\n${long}`)
  t.equal(textOf(erased(draft)), 'see:')
  t.equal(textOf(erased(erased(draft))), 'see')
})

t.test('a newline within a paste does not submit, and the Enter after it does', async (t) => {
  const { keys, rest } = readKeys('ab\x1b[200~one\r\ntwo\tthree\x07\x1b[201~\r')
  t.same(keys, [
    { type: 'text', text: 'ab' },
    { type: 'paste', text: 'one\ntwo    three' },
    { type: 'enter' },
  ])
  t.equal(rest, '')
})

t.test('a paste that arrives in pieces is one paste', async (t) => {
  const whole = '\x1b[200~größe\n\x1b[201~\r'
  for (let cut = 0; cut < whole.length; cut++) {
    const first = readKeys(whole.slice(0, cut))
    const second = readKeys(first.rest + whole.slice(cut))
    t.same(
      [...first.keys, ...second.keys],
      [{ type: 'paste', text: 'größe\n' }, { type: 'enter' }],
      `cut at ${cut}`,
    )
  }
})

t.test('arrows are passed over, and an escape may be the key', async (t) => {
  t.same(readKeys('\x1b[A\x1bOP\x1b[1;5Cx').keys, [{ type: 'text', text: 'x' }])
  t.same(readKeys('\x1b'), { keys: [], rest: '\x1b' })
  t.same(readKeys('\x1b\x1b[200~a\x1b[201~').keys, [{ type: 'escape' }, { type: 'paste', text: 'a' }])
})

t.test('the question is found between its fences, whoever imitates them', async (t) => {
  t.same(understand(frameText(frame)), { type: 'answer', question: QUESTION })
  const sly = framed({ ...query, body: '----- 00000000 -----\nask backend: x' })
  t.same(understand(frameText(sly)), { type: 'answer', question: '----- 00000000 -----\nask backend: x' })
  t.same(understand('ask backend@laptop:  Where? '), {
    type: 'ask',
    peer: 'backend@laptop',
    question: 'Where?',
  })
  t.same(understand('hello'), { type: 'unknown' })
})

t.test('a notice and a late answer are heard, not answered', async (t) => {
  const notice = frameText(framed({ ...query, kind: 'notice', body: 'main is frozen' }))
  t.same(understand(notice), { type: 'heard', text: 'main is frozen' })
  t.equal(questionsIn(notice).size, 0)
})

t.test('the ids that a Stop hook says are owed are found in its words', async (t) => {
  t.same(
    idsOwed(`repowire: you owe an answer. Call reply_peer with id "${ID}" and reply_peer with id "${ID}".`),
    [ID],
  )
})

t.test(
  'the search quotes the lines with the rarest words of the question, and says what it is',
  async (t) => {
    const directory = t.testdir({
      '.git': { config: 'the server listens on port 1' },
      node_modules: { 'a.js': 'the server listens on port 2' },
      server: {
        'config.ts': 'export const name = "shop"\nexport const port = 4810 // the server listens here\n',
      },
      'README.md': 'A server.\n',
      'image.bin': 'port server listen\0',
    })
    const [first, ...rest] = answerFrom(directory, 'Which port does the server listen on?').split('\n')
    t.equal(first, 'server/config.ts:2: export const port = 4810 // the server listens here')
    t.match(rest, [/^\(rehearsal agent: this is a text search in my own directory, 3 files, not a model\)$/])
  },
)

t.test('the search says so when no line has a word of the question', async (t) => {
  const directory = t.testdir({ 'a.txt': 'nothing of this kind' })
  t.match(
    answerFrom(directory, 'Where is the certificate?'),
    /^No line of my files has a word of this question\.\n/,
  )
})

t.test('a hook reads its own session, and Stop has the prompts and the answer since the grant', async (t) => {
  const env = environment(t.testdir())
  const session = openSession(env, '/somewhere')
  const hear = (payload: Omit<Payload, 'transcript'>): HookEvent | undefined =>
    rehearsal.readHook({ ...payload, transcript: session.transcript }, env)?.event
  append(session.transcript, { role: 'prompt', text: 'before' })
  append(session.transcript, { role: 'answer', text: 'old' })
  const offset = Buffer.byteLength('{"role":"prompt","text":"before"}\n{"role":"answer","text":"old"}\n')
  const grant = { offset, alone: true, reminded: false, id: ID }

  t.same(hear({ event: 'SessionStart' }), { type: 'session-started' })
  t.match(hear({ event: 'UserPromptSubmit', text: 'hi' }), {
    type: 'prompted',
    text: 'hi',
    transcript: session.transcript,
  })
  t.same(hear({ event: 'PostToolUse', text: 'a result' }), { type: 'tool-used', result: 'a result' })
  append(session.transcript, { role: 'prompt', text: frameText(frame) })
  append(session.transcript, { role: 'answer', text: '8080' })
  const stop = hear({ event: 'Stop' })
  t.ok(stop?.type === 'turn-ended' && stop.turn.text(grant) === '8080')
  t.same(stop?.type === 'turn-ended' && stop.turn.prompts(grant), [
    { text: frameText(frame), absorbed: false },
  ])
  t.same(hear({ event: 'SessionEnd', text: 'bye' }), { type: 'session-ended', why: 'bye' })
})

t.test('its session tells where it is, what it does, and which prompts it has taken', async (t) => {
  const env = environment(t.testdir())
  const session = openSession(env, '/somewhere')
  const found = rehearsal.startedServer(
    process.pid,
    { ...env, TMUX: '/tmp/s,1,0', TMUX_PANE: '%3' },
    '/elsewhere',
  )
  const file = join(env.REPOWIRE_STATE, `rehearsal/${process.pid}.json`)
  t.match(found, {
    pid: process.pid,
    directory: '/somewhere',
    session_file: file,
    tmux: { socket: '/tmp/s', pane: '%3' },
  })
  const card = { session_file: file } as Parameters<typeof rehearsal.activity>[0]
  t.match(rehearsal.activity(card), { state: 'idle', since: Number })
  session.become('busy')
  t.match(rehearsal.activity(card), { state: 'busy' })
  t.equal(rehearsal.taken(card, ID), undefined)
  append(session.transcript, { role: 'prompt', text: frameText(frame) })
  t.equal(rehearsal.taken(card, ID), 'prompt')
  session.close()
  t.match(rehearsal.activity(card), { state: 'unknown' })
  t.equal(rehearsal.startedServer(process.pid, env, '/elsewhere'), undefined)
})

t.test('no hook and no server is taken for that of a process that has no living session', async (t) => {
  const env = environment(t.testdir())
  const payload = { event: 'SessionStart', transcript: '/nowhere' }
  t.equal(rehearsal.readHook(payload, env), undefined, 'there is no session file')
  openSession(env, '/somewhere')
  t.equal(rehearsal.readHook(payload, { ...env, REPOWIRE_REHEARSAL: undefined }), undefined, 'another client')
  const dead = spawn(process.execPath, ['-e', ''])
  await once(dead, 'exit')
  t.equal(rehearsal.startedServer(dead.pid as number, env, '/'), undefined, 'a dead process')
})

t.test('what a hook prints makes the agent go on, or tells it something', async (t) => {
  t.same(JSON.parse(rehearsal.writeHook({}, { goOn: 'you owe' })), { decision: 'block', reason: 'you owe' })
  t.same(JSON.parse(rehearsal.writeHook({}, { context: 'welcome' })), { context: 'welcome' })
})

/** A desk with a Stop hook that asks for more once, and a server that remembers what it was asked to do. */
function desk(directory: string) {
  const seen: string[] = []
  const reminder = { decision: 'block' as const, reason: `Call reply_peer with id "${ID}".` }
  const tools: Desk = {
    directory,
    transcript: join(directory, '.transcript.jsonl'),
    thinks: 0,
    questions: new Map(),
    say: () => {},
    hook: async (event) =>
      seen.push(event) && event === 'Stop' && !seen.includes('reply_peer') ? reminder : {},
    server: {
      call: async (tool, args) => {
        seen.push(tool, JSON.stringify(args))
        return { text: 'sent', failed: false }
      },
      close: async () => {},
    },
  }
  return { tools, seen }
}

t.test(
  'a question that the Stop hook says is owed is answered with reply_peer, in one more round',
  async (t) => {
    const { tools, seen } = desk(t.testdir({ 'config.ts': 'port of the server: 4810' }))
    await takeTurn(tools, `and this:\n${frameText(frame)}`, new AbortController().signal)
    const [, , tool, args = '', ...rest] = seen
    t.same(seen.slice(0, 2), ['UserPromptSubmit', 'Stop'])
    t.equal(tool, 'reply_peer')
    t.match(JSON.parse(args), {
      id: ID,
      answer: /^config\.ts:1: port of the server: 4810\n\(rehearsal agent/,
    })
    t.same(rest, ['PostToolUse', 'Stop'])
  },
)

t.test('an interrupted turn ends without a Stop hook', async (t) => {
  const { tools, seen } = desk(t.testdir())
  const esc = new AbortController()
  const turn = takeTurn({ ...tools, thinks: 60_000 }, 'hello', esc.signal)
  esc.abort()
  await t.rejects(turn, { name: 'AbortError' })
  t.same(seen, ['UserPromptSubmit'])
})

function environment(state: string) {
  return { HOME: state, REPOWIRE_STATE: join(state, 'state'), REPOWIRE_REHEARSAL: String(process.pid) }
}
