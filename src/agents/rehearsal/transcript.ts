/** The transcript of a rehearsal agent: one JSON line per prompt, tool result and answer, appended. */

import { idsIn } from '../../protocol/frame.ts'
import { appendLine, readFrom } from '../../spool/disk.ts'
import type { Turn } from '../../verbs/end-turn.ts'

export type Line = { role: 'prompt' | 'hook' | 'tool' | 'answer'; text: string }

/** Appends one line. */
export function append(transcript: string, line: Line): void {
  appendLine(transcript, JSON.stringify(line), false)
}

/** The turn that has just ended: read from where a question was given, which is before its prompt's line. */
export function turnOf(transcript: string): Turn {
  return {
    prompts: ({ offset }) => texts(transcript, offset, 'prompt').map((text) => ({ text, absorbed: false })),
    text: ({ offset }) => texts(transcript, offset, 'answer').at(-1),
  }
}

export function hasPromptWith(transcript: string | undefined, id: string): boolean {
  return (
    transcript !== undefined && texts(transcript, 0, 'prompt').some((prompt) => idsIn(prompt).includes(id))
  )
}

function texts(transcript: string, offset: number, role: Line['role']): string[] {
  const lines = readFrom(transcript, offset).split('\n')
  return lines.flatMap((line) => parse(line) ?? []).flatMap((line) => (line.role === role ? [line.text] : []))
}

function parse(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line
  } catch {
    return undefined // the last one may be half written
  }
}
