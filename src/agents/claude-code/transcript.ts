/**
 * Claude Code's transcript: which prompts a turn took up, and its whole final message. The Stop payload has only the
 * last text block of that message; and the file lags behind the hooks by up to 150 ms, so it is read until it has what
 * the payload says, or a deadline passes.
 */

import { fileSize, readFrom } from '../../spool/disk.ts'
import type { Grant } from '../../spool/grants.ts'
import type { Turn } from '../../verbs/end-turn.ts'

type Block = { type?: string; text?: string }

type Line = {
  type?: string
  isMeta?: boolean
  isSidechain?: boolean
  promptSource?: string
  origin?: { kind?: string }
  message?: { id?: string; role?: string; content?: string | Block[] }
  attachment?: { type?: string; prompt?: string | Block[] }
}

const SETTLE_MS = 600
const LOOK_MS = 10
const TAIL_BYTES = 4 * 1024 * 1024

/** A finished turn, by its transcript and the last text block that the client reported. */
export function turnOf(transcript: string | undefined, lastText: string | undefined): Turn {
  const lines = (grant: Grant) => settled(transcript ?? grant.transcript, grant, lastText)
  return {
    prompts: (grant) => {
      const prompts = lines(grant).flatMap(promptOf)
      return prompts.length === 0 ? undefined : prompts
    },
    text: (grant) =>
      lastText === undefined ? undefined : (wholeMessage(lines(grant), lastText) ?? lastText),
  }
}

/** True when a prompt of this transcript, taken up or still queued, holds the header of this message. */
export function hasPromptWith(transcript: string | undefined, id: string): boolean {
  if (transcript === undefined) return false
  return readFrom(transcript, Math.max(0, fileSize(transcript) - TAIL_BYTES)).includes(`[repowire:${id} `)
}

/** A prompt as it was typed: the client wraps long pastes. */
export function withoutPasteMarks(prompt: string): string {
  return prompt.replace(/<\/?pasted_content id="[^"]*">/g, '')
}

/** The lines since the grant, read again until they hold its prompt and then the reported text, or the deadline passes. */
function settled(transcript: string | undefined, grant: Grant, lastText: string | undefined): Line[] {
  if (transcript === undefined) return []
  const offset = grant.transcript === transcript ? grant.offset : 0
  for (const deadline = Date.now() + SETTLE_MS; ; pause(LOOK_MS)) {
    const lines = parse(readFrom(transcript, offset))
    if (isWhole(lines, grant.id, lastText) || Date.now() > deadline) return lines
  }
}

function isWhole(lines: Line[], id: string, lastText: string | undefined): boolean {
  const start = lines.findIndex((line) => promptOf(line).some((prompt) => prompt.includes(id)))
  return start >= 0 && (lastText === undefined || wholeMessage(lines.slice(start), lastText) !== undefined)
}

function parse(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Line]
    } catch {
      return [] // a line that is still being written
    }
  })
}

/** The prompt that this line says was put before the model: typed or queued, or taken up in the middle of a turn. */
function promptOf(line: Line): string[] {
  if (line.isSidechain) return []
  if (line.type === 'attachment' && line.attachment?.type === 'queued_command')
    return [textOf(line.attachment.prompt)]
  if (line.type !== 'user' || line.isMeta) return []
  const text = textOf(line.message?.content)
  const isPrompt = (line.promptSource ?? line.origin?.kind) !== undefined || text.startsWith('<bash-input>')
  return isPrompt ? [text] : []
}

function textOf(content: string | Block[] | undefined): string {
  if (typeof content === 'string') return content
  return (content ?? []).map((block) => block.text ?? '').join('\n')
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
