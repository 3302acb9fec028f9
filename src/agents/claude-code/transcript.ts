/**
 * Claude Code's transcript: which prompts a turn took up, and its whole final message. The Stop payload has only the
 * last text block of that message; and the file lags behind the hooks (by up to 150 ms at rest, by more than 600 on a
 * busy machine), so it is read until it has what the payload says, or a deadline passes.
 */

import { idsIn } from '../../protocol/frame.ts'
import { fileSize, readFrom } from '../../spool/disk.ts'
import type { Grant } from '../../spool/grants.ts'
import type { Prompt, TaskKind, Turn } from '../../verbs/end-turn.ts'

type Block = { type?: string; text?: string }

/** One of the Stop payload's `background_tasks`. */
export type Task = { id?: string; type?: string; status?: string }

type Line = {
  type?: string
  isMeta?: boolean
  isSidechain?: boolean
  promptSource?: string
  origin?: { kind?: string }
  message?: { id?: string; role?: string; content?: string | Block[] }
  operation?: string
  reason?: string
  content?: string
  attachment?: { type?: string; prompt?: string | Block[]; origin?: { kind?: string } }
}

const SETTLE_MS = 3_000
/** A prompt that stands only in the queue after this long is still there. */
const QUEUED_MS = 600
const LOOK_MS = 10
const TAIL_BYTES = 4 * 1024 * 1024

/** `whole`: they hold the grant's prompt and, after it, the text that the client reported. */
type Part = { lines: Line[]; whole: boolean }

/** A finished turn, by its transcript and what the client reported: the last text block, and the tasks that still run. */
export function turnOf(
  transcript: string | undefined,
  lastText: string | undefined,
  tasks: Task[] = [],
): Turn {
  const deadline = Date.now() + SETTLE_MS
  const known = new Map<string, Part>()
  const part = (grant: Grant) => {
    const found = known.get(grant.id) ?? settled(transcript, grant, lastText, deadline)
    known.set(grant.id, found)
    return found
  }
  return {
    prompts: (grant) => {
      const { lines, whole } = part(grant)
      if (!whole && !isQueued(lines, grant.id)) return undefined
      return lines.flatMap(promptOf).map(({ task, ...prompt }) => {
        // Its end is told of a task that was begun since the grant: whatever begins a task names it.
        const own = task !== undefined && !isNamedBefore(transcript, grant, task)
        return own ? { ...prompt, ofTask: taskEndedBy(prompt.text) } : prompt
      })
    },
    text: (grant) =>
      lastText === undefined ? undefined : (wholeMessage(part(grant).lines, lastText) ?? lastText),
    pending: (grant) =>
      tasks.some(
        ({ id, type }) =>
          type !== 'shell' && isNamedSince(transcript, grant, id) && !isNamedBefore(transcript, grant, id),
      ),
  }
}

function isNamedBefore(transcript = '', grant: Grant, id = ''): boolean {
  return readFrom(transcript, 0, offsetIn(transcript, grant)).includes(id)
}

function isNamedSince(transcript = '', grant: Grant, id = ''): boolean {
  return id !== '' && readFrom(transcript, offsetIn(transcript, grant)).includes(id)
}

function offsetIn(transcript: string, grant: Grant): number {
  return grant.transcript === transcript ? grant.offset : 0
}

/** What a transcript has of this message's header: a prompt that was taken up, or one that is still queued. */
export function takenIn(transcript: string | undefined, id: string): 'prompt' | 'queued' | undefined {
  if (transcript === undefined) return undefined
  const lines = parse(readFrom(transcript, Math.max(0, fileSize(transcript) - TAIL_BYTES)))
  if (lines.flatMap(promptOf).some(({ text }) => idsIn(text).includes(id))) return 'prompt'
  return isQueued(lines, id) ? 'queued' : undefined
}

/** Entered while a turn was running; taken up later, in a line of its own. */
function isQueued(lines: Line[], id: string): boolean {
  return lines.some(
    ({ operation, content }) => operation === 'enqueue' && idsIn(textOf(content)).includes(id),
  )
}

/** A prompt as it was typed: the client wraps long pastes. */
export function withoutPasteMarks(prompt: string): string {
  return prompt.replace(/<\/?pasted_content id="[^"]*">/g, '')
}

/** The lines since the grant, read again until they are whole or the deadline passes. */
function settled(
  transcript: string | undefined,
  grant: Grant,
  lastText: string | undefined,
  deadline: number,
): Part {
  if (transcript === undefined) return { lines: [], whole: false }
  const offset = offsetIn(transcript, grant)
  for (; ; pause(LOOK_MS)) {
    const lines = parse(readFrom(transcript, offset))
    const whole = isWhole(lines, grant.id, lastText)
    const left = deadline - Date.now()
    const elsewhere = left < SETTLE_MS - QUEUED_MS && isElsewhere(lines, grant.id, lastText)
    if (whole || elsewhere || left < 0) return { lines, whole }
  }
}

function isWhole(lines: Line[], id: string, lastText: string | undefined): boolean {
  const start = lines.findIndex((line) => promptOf(line).some(({ text }) => idsIn(text).includes(id)))
  return start >= 0 && (lastText === undefined || wholeMessage(lines.slice(start), lastText) !== undefined)
}

/** The turn that ended is another one: it is whole, and the prompt still queued. */
function isElsewhere(lines: Line[], id: string, lastText: string | undefined): boolean {
  return lastText !== undefined && isQueued(lines, id) && wholeMessage(lines, lastText) !== undefined
}

function parse(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    try {
      const parsed = line === '' ? undefined : (JSON.parse(line) as Line | undefined)
      return typeof parsed === 'object' && parsed !== null ? [parsed] : []
    } catch {
      return [] // a line that is still being written
    }
  })
}

/** `task`: the id of the task whose end this prompt tells. */
type Found = Prompt & { task?: string }

/** The prompt that this line says was put before the model: typed, queued or sent, or taken up in the middle of a turn. */
function promptOf(line: Line): Found[] {
  if (line.isSidechain) return []
  if (line.type === 'attachment' && line.attachment?.type === 'queued_command') {
    return [found(textOf(line.attachment.prompt), true, line.attachment.origin?.kind)]
  }
  // Written at once, and the attachment some time after it.
  if (line.operation === 'remove' && line.reason === 'absorbed_mid_turn') {
    const content = textOf(line.content)
    return [found(content, true, taskEndedBy(content) && 'task-notification')]
  }
  // What comes in by the client's own socket is marked as the client's own lines are.
  if (line.type !== 'user' || (line.isMeta && line.origin?.kind !== 'peer')) return []
  const text = textOf(line.message?.content)
  const isPrompt = (line.promptSource ?? line.origin?.kind) !== undefined || text.startsWith('<bash-input>')
  return isPrompt ? [found(text, false, line.origin?.kind)] : []
}

function found(text: string, absorbed: boolean, origin: string | undefined): Found {
  const own = origin === 'peer' ? withoutClientsWords(text) : withoutPasteMarks(text)
  const task = origin === 'task-notification' ? text.match(/<task-id>([^<]+)<\/task-id>/)?.[1] : undefined
  return { text: own, absorbed, ...(task !== undefined && { task }) }
}

/** The client's words around what came by its socket; they are not there when it is taken up in the middle of a turn. */
function withoutClientsWords(text: string): string {
  const [, inner] =
    text.match(
      /^Another Claude session sent a message:\n([\s\S]*)\n\nThis came from another Claude session/,
    ) ?? []
  return inner ?? text
}

/** The kind of the task, where this is the prompt with which the client tells of the end of one. */
export function taskEndedBy(prompt: string): TaskKind | undefined {
  if (!prompt.startsWith('<task-notification>')) return undefined
  return prompt.includes('<summary>Background command ') ? 'shell' : 'other'
}

function textOf(content: string | Block[] | undefined): string {
  if (typeof content === 'string') return content
  const blocks: unknown[] = Array.isArray(content) ? content : []
  return blocks.map((block) => String((block as Block | null)?.text ?? '')).join('\n')
}

/** All text blocks of the last message that has this text; the client writes one line per block. */
function wholeMessage(lines: Line[], lastText: string): string | undefined {
  const spoken = lines.filter((line) => line.type === 'assistant' && !line.isSidechain)
  const last = spoken.findLast((line) => textOf(line.message?.content).trim() === lastText.trim())
  if (last === undefined) return undefined
  const blocks = spoken.filter((line) => line.message?.id === last.message?.id)
  return blocks
    .map((line) => textOf(line.message?.content))
    .filter((text) => text !== '')
    .join('\n\n')
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
