// Claude Code's transcript: which lines are prompts, and what of them is the answer.

import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Task, takenIn, turnOf } from '../../src/agents/claude-code/transcript.ts'
import { frameText } from '../../src/protocol/frame.ts'
import type { Grant } from '../../src/spool/grants.ts'
import { framed, makeDir, message, mockFs, Q } from '../world.ts'

const ASKED = frameText(framed(message()))

const user = (content: unknown, more: object = {}) => ({
  type: 'user',
  promptSource: 'typed',
  message: { role: 'user', content },
  ...more,
})
const said = (text: string, more: object = {}, id = 'm1') => ({
  type: 'assistant',
  message: { id, role: 'assistant', content: [{ type: 'text', text }] },
  ...more,
})
const QUEUED = { type: 'queue-operation', operation: 'enqueue', content: ASKED }
const TAKEN_UP = { type: 'attachment', attachment: { type: 'queued_command', prompt: ASKED } }

/** As the client writes what came by its socket: at rest, and in the middle of a turn. */
const SENT = user(
  `Another Claude session sent a message:\n${ASKED}\n\nThis came from another Claude session — not typed by your user, but very likely working on their behalf. Treat it as a teammate's request.`,
  {
    isMeta: true,
    promptSource: 'system',
    origin: { kind: 'peer', from: 'unknown', verifiedPeerPid: 13231 },
    turnOrigin: 'peer',
  },
)
const SENT_INTO_TURN = {
  type: 'attachment',
  attachment: {
    type: 'queued_command',
    prompt: ASKED,
    commandMode: 'prompt',
    origin: { kind: 'peer', from: 'unknown', verifiedPeerPid: 13231 },
    isMeta: true,
  },
}

/** What the client says when a task has ended, and how it names the task when it begins. */
const TASK = 'a7409d3fd0f4d45dd'
const OTHER = 'bbzaqneoq'
const ended = (id: string) =>
  `<task-notification>\n<task-id>${id}</task-id>\n<status>completed</status>\n<summary>Agent "dig" finished</summary>\n</task-notification>`
const ENDED = user(ended(TASK), {
  origin: { kind: 'task-notification', producer: 'session-task' },
  promptSource: 'system',
})
const ENDED_IN_TURN = {
  type: 'attachment',
  attachment: {
    type: 'queued_command',
    prompt: ended(TASK),
    commandMode: 'task-notification',
    origin: { kind: 'task-notification', producer: 'session-task' },
  },
}
const begun = (id: string) =>
  user([{ type: 'tool_result', content: [{ type: 'text', text: `agentId: ${id}` }] }], {
    promptSource: undefined,
  })

const format = (lines: object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

function write(t: Test, lines: object[]): string {
  const file = join(makeDir(t), 't.jsonl')
  writeFileSync(file, format(lines))
  return file
}

const grantIn = (transcript: string, offset = 0): Grant => ({
  id: Q,
  transcript,
  offset,
  alone: true,
  reminded: false,
})

/** The prompts that the turn took up, by this transcript. */
function promptsIn(t: Test, lines: object[], lastText: string | undefined = 'the end') {
  const file = write(t, lines)
  return turnOf(file, lastText).prompts(grantIn(file))
}

const END = said('the end')
const asked = { text: ASKED, absorbed: false }

for (const [what, lines, prompts] of [
  ['what was typed', [user(ASKED), END], [asked]],
  ['what was typed as blocks', [user([{ type: 'text', text: ASKED }]), END], [asked]],
  [
    'a prompt by its origin',
    [user(ASKED, { promptSource: undefined, origin: { kind: 'human' } }), END],
    [asked],
  ],
  ['every other prompt of the turn', [user('before'), user(ASKED), user('after'), END], [{}, asked, {}]],
  [
    'a command that the human ran in between',
    [user(ASKED), user('<bash-input>ls', { promptSource: undefined }), END],
    [asked, {}],
  ],
  [
    'no result of a tool',
    [user(ASKED), user([{ type: 'tool_result' }], { promptSource: undefined }), END],
    [asked],
  ],
  ['nothing that the client adds by itself', [user(ASKED), user('caveat', { isMeta: true }), END], [asked]],
  ['nothing of a subagent', [user(ASKED), user('do this', { isSidechain: true }), END], [asked]],
  [
    'what was taken up in the middle of a turn, as such',
    [user('mine'), TAKEN_UP, END],
    [{ absorbed: false }, { text: ASKED, absorbed: true }],
  ],
  ['what was sent to an idle session by its socket', [SENT, END], [asked]],
  [
    'what was sent into a turn, as such',
    [user('mine'), SENT_INTO_TURN, END],
    [{ absorbed: false }, { text: ASKED, absorbed: true }],
  ],
  [
    'the end of a task of its own, as such',
    [user(ASKED), begun(TASK), ENDED, END],
    [asked, { ofTask: 'other', absorbed: false }],
  ],
  [
    'the same in the middle of the turn',
    [user(ASKED), begun(TASK), ENDED_IN_TURN, END],
    [asked, { ofTask: 'other', absorbed: true }],
  ],
  [
    'a text that a human typed in its likeness',
    [user(ASKED), begun(TASK), user(ended(TASK), { origin: { kind: 'human' } }), END],
    [asked, { ofTask: undefined }],
  ],
  [
    'the end of something without an id',
    [user(ASKED), { ...ENDED, message: { role: 'user', content: '<task-notification>\n<summary>' } }, END],
    [asked, { ofTask: undefined }],
  ],
  [
    'nothing of the client by itself after our reminder',
    [user(ASKED), user('Stop hook feedback:', { promptSource: undefined, isMeta: true }), END],
    [asked],
  ],
  [
    'what was taken up in the middle of a turn and has no line of its own yet',
    [
      user(ASKED),
      { type: 'queue-operation', operation: 'remove', reason: 'absorbed_mid_turn', content: 'mine' },
      END,
    ],
    [asked, { text: 'mine', absorbed: true }],
  ],
  [
    'the end of a task of its own that has no line of its own yet',
    [
      user(ASKED),
      { type: 'queue-operation', operation: 'remove', reason: 'absorbed_mid_turn', content: ended(TASK) },
      END,
    ],
    [asked, { ofTask: 'other' }],
  ],
  [
    'nothing that the human took out of the queue',
    [user(ASKED), { type: 'queue-operation', operation: 'remove', content: 'mine' }, END],
    [asked],
  ],
  ['the others where ours is queued still', [user('mine'), END, QUEUED], [{ text: 'mine' }]],
] as const) {
  t.test(`the prompts of a turn are ${what}`, async (t) => {
    const found = promptsIn(t, [...lines])
    t.equal(found?.length, prompts.length)
    t.match(found, prompts)
  })
}

for (const [what, line] of [
  ['sent by the socket', SENT],
  ['sent into a turn', SENT_INTO_TURN],
  ['pasted and wrapped', user(`<pasted_content id="b1e8">${ASKED}</pasted_content id="b1e8">`)],
] as const) {
  t.test(`a question that was ${what} is read without a word of the client`, async (t) => {
    t.strictSame(
      promptsIn(t, [line, END])?.map(({ text }) => text),
      [ASKED],
    )
  })
}

t.test('a turn whose lines do not come in time tells nothing', async (t) => {
  t.equal(promptsIn(t, [user(ASKED)]), undefined, 'without its end')
  t.equal(promptsIn(t, [user('mine'), END]), undefined, 'without the question')
  t.equal(turnOf(undefined, 'x').prompts(grantIn('/nonexistent')), undefined, 'without a transcript')
})

t.test('lines that come after the hook are waited for', async (t) => {
  const file = write(t, [user(ASKED), said('a first block')])
  const { now } = Date
  const at = now()
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => at // the deadline does not pass
  let looks = 0
  mockFs(t, 'openSync', (real) => (path: string, flags: string, mode?: number) => {
    if (path === file && flags === 'r') looks += 1
    if (looks === 3) appendFileSync(file, format([END]))
    if (looks === 3) looks += 1
    return real(path, flags, mode)
  })
  const turn = turnOf(file, 'the end')
  t.match(turn.prompts(grantIn(file)), [asked])
  t.equal(turn.text(grantIn(file)), 'a first block\n\nthe end')
})

t.test('only what stands behind the place of the grant counts, in its own transcript', async (t) => {
  const before = format([user('long ago'), said('the end', {}, 'm0')])
  const file = write(t, [])
  writeFileSync(file, before + format([user(ASKED), END]))
  const offset = Buffer.byteLength(before)
  t.match(turnOf(file, 'the end').prompts(grantIn(file, offset)), [asked])
  t.equal(turnOf(file, 'the end').prompts(grantIn(file, offset))?.length, 1)
  t.equal(turnOf(file, 'the end').prompts(grantIn('/another', offset))?.length, 2)
})

t.test('a task that was begun before the place of the grant is none of its own', async (t) => {
  const before = format([user('long ago'), begun(TASK)])
  const file = write(t, [])
  writeFileSync(file, before + format([user(ASKED), begun(OTHER), ENDED, END]))
  const grant = grantIn(file, Buffer.byteLength(before))
  const runs = (...tasks: Task[]) => turnOf(file, 'the end', tasks).pending?.(grant)
  t.match(turnOf(file, 'the end').prompts(grant), [asked, { ofTask: undefined }])
  t.equal(runs(), false)
  t.equal(runs({ id: TASK, type: 'subagent' }), false)
  t.equal(runs({ id: OTHER, type: 'shell' }), false)
  t.equal(runs({ id: OTHER, type: 'subagent' }), true)
  t.equal(runs({ id: OTHER, type: 'shell' }, { id: OTHER, type: 'MCP task' }), true)
  t.equal(runs({ id: 'unheard-of', type: 'subagent' }, { type: 'subagent' }), false)
})

for (const [what, lines, text] of [
  [
    'all text blocks of the last message',
    [said('one'), said('two'), said('the end')],
    'one\n\ntwo\n\nthe end',
  ],
  ['nothing of the messages before it', [said('let me look', {}, 'm0'), said('the end')], 'the end'],
  [
    'nothing of its tool calls',
    [said('one'), { type: 'assistant', message: { id: 'm1', content: [{ type: 'tool_use' }] } }, END],
    'one\n\nthe end',
  ],
  [
    'nothing of a subagent, not even where it says the same',
    [
      said('one'),
      END,
      said('its own', { isSidechain: true }, 'm2'),
      said('the end', { isSidechain: true }, 'm2'),
    ],
    'one\n\nthe end',
  ],
] as const) {
  t.test(`the text of a turn is ${what}`, async (t) => {
    const file = write(t, [user(ASKED), ...lines])
    t.equal(turnOf(file, 'the end').text(grantIn(file)), text)
  })
}

t.test('the text that the client reported stands in for one that never comes', async (t) => {
  const file = write(t, [user(ASKED)])
  t.equal(turnOf(file, 'the end').text(grantIn(file)), 'the end')
  t.equal(turnOf(file, undefined).text(grantIn(file)), undefined)
})

for (const [what, lines, has] of [
  ['typed', [user(ASKED)], 'prompt'],
  ['queued', [user('mine'), QUEUED], 'queued'],
  ['taken up in the middle of a turn', [TAKEN_UP], 'prompt'],
  ['sent by the socket', [SENT], 'prompt'],
  ['sent into a turn', [SENT_INTO_TURN], 'prompt'],
  ['quoted by the model', [said(ASKED)], undefined],
  ['quoted in the result of a tool', [user(ASKED, { promptSource: undefined })], undefined],
  ['shown to a subagent', [user(ASKED, { isSidechain: true })], undefined],
] as const) {
  t.test(`a message that was ${what} ${has ? 'is' : 'is not'} with the client`, async (t) => {
    t.equal(takenIn(write(t, [...lines]), Q), has)
  })
}
