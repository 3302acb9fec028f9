/** One turn of a rehearsal agent: the prompt's hook, a moment of thought, the work, and the Stop hook, which may ask for more. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Output, Payload } from './hooks.ts'
import type { Said } from './screen.ts'
import { answerFrom } from './search.ts'
import type { Result, Server } from './server-client.ts'
import { append, type Line } from './transcript.ts'
import { idsOwed, questionsIn, type Task, understand, withoutHeader } from './understand.ts'

/** What a turn works with. `say` puts a line on the screen; `hook` runs the hook and waits for it. */
export type Desk = {
  directory: string
  transcript: string
  server: Server
  thinks: number
  hook(event: Payload['event'], text?: string): Promise<Output>
  say(said: Said): void
  /** The questions that this agent has been shown, by id. */
  questions: Map<string, string>
}

const WHAT_I_AM = `I am a rehearsal agent: no model, only the same hooks, input box and MCP server as a real client. I understand:
  ask <peer>: <question>      I ask that peer with ask_peer and tell you what it says
A question from another agent I answer with the lines of my own files that match it best.`

/** Takes one prompt to its end. Appends to the transcript; everything on disk beside it is the hooks' and the server's work. */
export async function takeTurn(desk: Desk, prompt: string, signal: AbortSignal): Promise<void> {
  desk.say({ mark: '❯', text: prompt })
  await desk.hook('UserPromptSubmit', prompt)
  note(desk, { role: 'prompt', text: prompt })
  await pause(desk.thinks, undefined, { signal })
  conclude(desk, await work(desk, understand(prompt), signal))
  const { decision, reason = '' } = await desk.hook('Stop')
  if (decision === 'block' && !signal.aborted) await goOn(desk, reason, signal)
}

/** The Stop hook says that answers are owed: each question gets its own, and the turn ends again. */
async function goOn(desk: Desk, reason: string, signal: AbortSignal): Promise<void> {
  note(desk, { role: 'hook', text: reason })
  for (const id of idsOwed(reason)) {
    const answer = answerFrom(desk.directory, desk.questions.get(id) ?? '')
    await useTool(desk, 'reply_peer', { id, answer }, signal)
  }
  conclude(desk, 'I have answered what I owed.')
  await desk.hook('Stop')
}

async function work(desk: Desk, task: Task, signal: AbortSignal): Promise<string> {
  switch (task.type) {
    case 'ask':
      return await ask(desk, task.peer, task.question, signal)
    case 'answer':
      return answerFrom(desk.directory, task.question)
    case 'heard':
      return `I was told:\n${task.text}`
    case 'unknown':
      return WHAT_I_AM
  }
}

async function ask(desk: Desk, peer: string, question: string, signal: AbortSignal): Promise<string> {
  const { text, failed } = await useTool(desk, 'ask_peer', { peer, question }, signal)
  if (failed) return text
  const says = text.includes('] The answer') ? 'says' : 'gave no answer'
  return `${peer} ${says}:\n${withoutHeader(text)}`
}

async function useTool(
  desk: Desk,
  tool: string,
  args: Record<string, string>,
  signal: AbortSignal,
): Promise<Result> {
  desk.say({ mark: '⚙', text: `${tool} ${JSON.stringify(args)}` })
  const result = await desk.server.call(tool, args, signal)
  if (!result.failed) await desk.hook('PostToolUse', result.text)
  note(desk, { role: 'tool', text: result.text })
  return result
}

function conclude(desk: Desk, text: string): void {
  note(desk, { role: 'answer', text })
  desk.say({ mark: '●', text })
}

function note(desk: Desk, line: Line): void {
  append(desk.transcript, line)
  for (const [id, question] of questionsIn(line.text)) desk.questions.set(id, question)
}
