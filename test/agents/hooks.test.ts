// What a hook of Claude Code says, and of whom: only a session that a person sits before is a peer.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readHook, sessionOf } from '../../src/agents/claude-code/hooks.ts'
import { makeDir } from '../world.ts'

const ENV = {
  HOME: '/home/ada',
  CLAUDE_PID: '7',
  CLAUDE_CODE_ENTRYPOINT: 'cli',
  CLAUDE_PROJECT_DIR: '/src/backend',
  TMUX: '/tmp/tmux-1/default,5,0',
  TMUX_PANE: '%3',
}

const SESSION = {
  agent: 'claude-code',
  pid: 7,
  directory: '/src/backend',
  session_file: '/home/ada/.claude/sessions/7.json',
}

const TMUX = { socket: '/tmp/tmux-1/default', pane: '%3' }

const EVENTS = ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'Stop', 'StopFailure', 'SessionEnd']

const payload = (hook_event_name: string, more: object = {}) => ({ hook_event_name, cwd: '/tmp', ...more })

t.test('a session that a person sits before is a peer, with its pane, at every event', async (t) => {
  for (const event of EVENTS)
    t.strictSame(readHook(payload(event), ENV)?.session, { ...SESSION, tmux: TMUX }, event)
})

t.test('a hook tells the permission mode of its session, where its client says one', async (t) => {
  const modeIn = (more: object) => readHook(payload('Stop', more), ENV)?.session.mode
  t.equal(modeIn({ permission_mode: 'bypassPermissions' }), 'bypassPermissions')
  for (const permission_mode of [undefined, null, 1, {}]) t.equal(modeIn({ permission_mode }), undefined)
})

for (const [what, env] of [
  ['headless', { CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' }],
  ['without a word of how it was started', { CLAUDE_CODE_ENTRYPOINT: undefined }],
  ['in a terminal, and nobody sits before it', { CLAUDE_CODE_SESSION_ATTENDED: '0' }],
] as const) {
  t.test(`a run that is ${what} is no peer, and has no pane, also where it inherits one`, async (t) => {
    for (const event of EVENTS) t.equal(readHook(payload(event), { ...ENV, ...env }), undefined, event)
    t.strictSame(sessionOf({ ...ENV, ...env }, 7, '/tmp'), { ...SESSION, headless: true })
  })
}

t.test('the hooks of a subagent are not of this peer, but what it was shown of our tools is', async (t) => {
  for (const event of EVENTS.filter((event) => event !== 'PostToolUse'))
    t.equal(readHook(payload(event, { agent_id: 'a' }), ENV), undefined, event)
  const used = readHook(payload('PostToolUse', { agent_id: 'a', tool_response: [{ text: 'shown' }] }), ENV)
  t.match(used?.event, { type: 'tool-used', result: 'shown' })
})

t.test('a long paste is read without the marks that the client puts around it', async (t) => {
  const prompt = '[repowire:x]\n<pasted_content id="1">\nlong\n</pasted_content id="1"> end'
  t.match(readHook(payload('UserPromptSubmit', { prompt }), ENV)?.event, {
    type: 'prompted',
    text: '[repowire:x]\n\nlong\n end',
  })
})

t.test('/clear and /resume end the questions of a session, and any other reason the session', async (t) => {
  const typeOf = (reason?: string) => readHook(payload('SessionEnd', { reason }), ENV)?.event.type
  t.strictSame(['clear', 'resume'].map(typeOf), ['session-cleared', 'session-cleared'])
  t.strictSame(['logout', 'prompt_input_exit', undefined].map(typeOf), Array(3).fill('session-ended'))
})

t.test("the prompt that tells of the end of a task is nobody's words", async (t) => {
  const of = (prompt: string) => readHook(payload('UserPromptSubmit', { prompt }), ENV)?.event
  const ended = (summary: string) =>
    `<task-notification>\n<task-id>x</task-id>\n<summary>${summary}</summary>`
  t.match(of(ended('Agent "dig" finished')), { ofTask: 'other' })
  t.match(of(ended('MCP task x (repowire/ask_peer) completed.')), { ofTask: 'other' })
  t.match(of(ended('Background command "wait" completed (exit code 0)')), { ofTask: 'shell' })
  t.match(of('what is a <task-notification>?'), { ofTask: undefined })
})

t.test('the end of a turn tells of the tasks that still run', async (t) => {
  const transcript_path = join(makeDir(t), 't.jsonl')
  writeFileSync(transcript_path, 'begun: x')
  const grant = { id: 'q', transcript: transcript_path, offset: 0, alone: true, reminded: false }
  const pending = (background_tasks: object[]) => {
    const stop = readHook(payload('Stop', { transcript_path, background_tasks }), ENV)?.event
    return stop?.type === 'turn-ended' && stop.turn.pending?.(grant)
  }
  t.equal(pending([{ id: 'x', type: 'subagent' }]), true)
  t.equal(pending([]), false)
})

t.test('a field of a payload that is of another type counts as missing', async (t) => {
  const turn = readHook(payload('Stop', { transcript_path: null, background_tasks: [null, 3] }), ENV)?.event
  if (turn?.type !== 'turn-ended') return void t.fail('it is a turn')
  t.equal(turn.turn.prompts({ id: 'x', offset: 0, alone: true, reminded: false }), undefined)
  t.match(readHook(payload('UserPromptSubmit', { prompt: 3, cwd: {} }), ENV)?.event, {
    type: 'prompted',
    text: '',
  })
})
