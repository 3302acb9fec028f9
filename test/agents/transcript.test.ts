// Claude Code's transcript: which lines are prompts, and what of them is the answer.

import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { takenIn, turnOf } from '../../src/agents/claude-code/transcript.ts'
import { frameOf, frameText } from '../../src/protocol/frame.ts'
import type { Grant } from '../../src/spool/grants.ts'
import { makeDir, message, mockFs, Q } from '../world.ts'

const ASKED = frameText(frameOf(message()))

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
  ['the others where ours is queued still', [user('mine'), END, QUEUED], [{ text: 'mine' }]],
] as const) {
  t.test(`the prompts of a turn are ${what}`, async (t) => {
    const found = promptsIn(t, [...lines])
    t.equal(found?.length, prompts.length)
    t.match(found, prompts)
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
  ['quoted by the model', [said(ASKED)], undefined],
  ['quoted in the result of a tool', [user(ASKED, { promptSource: undefined })], undefined],
  ['shown to a subagent', [user(ASKED, { isSidechain: true })], undefined],
] as const) {
  t.test(`a message that was ${what} ${has ? 'is' : 'is not'} with the client`, async (t) => {
    t.equal(takenIn(write(t, [...lines]), Q), has)
  })
}
