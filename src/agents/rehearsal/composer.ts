/**
 * The rehearsal agent's input box: its look, and how it is read from a captured screen. Between two rules, the first
 * line begins with PROMPT and the others are indented as far:
 *
 *     ────────────────────────
 *     rehearsal ▸ what was typed,
 *                 wrapped
 *     ────────────────────────
 */

import type { Frame } from '../../protocol/frame.ts'
import type { Composer } from '../agent.ts'
import { plainText } from '../screen.ts'

export const PROMPT = 'rehearsal ▸ '
export const RULE = '─'

// As in the client that is rehearsed: a longer paste is shown as a placeholder.
const LONG_CHARACTERS = 800
const LONG_LINES = 4

/** What the box shows for a pasted text: itself, or a placeholder that says how much it is. */
export function shownPaste(text: string): string {
  const lines = text.split('\n').length
  if (text.length <= LONG_CHARACTERS && lines < LONG_LINES) return text
  return `[pasted: ${lines} lines, ${text.length} characters]`
}

/** Reads the box of a screen captured with its escapes; unknown where there is no whole box on it. */
export function readComposer(screen: string): Composer {
  const lines = plainText(screen).split('\n')
  const bottom = lines.findLastIndex(isRule)
  const top = lines.slice(0, Math.max(bottom, 0)).findLastIndex(isRule)
  const box = top < 0 ? [] : lines.slice(top + 1, bottom)
  if (!box[0]?.startsWith(PROMPT.trimEnd())) return { state: 'unknown', why: 'no input box is on the screen' }
  const text = box
    .map((line) => line.slice(PROMPT.length))
    .join('\n')
    .trim()
  return text === '' ? { state: 'empty' } : { state: 'holds', text }
}

/** True when the box shows this frame and nothing else; by its ASCII characters, because wide ones are captured with gaps. */
export function holdsExactly(text: string, frame: Frame): boolean {
  return visible(text) === visible(`${frame.header}\n${shownPaste(frame.body)}`)
}

function isRule(line: string): boolean {
  return /^─{8,}\s*$/.test(line)
}

function visible(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '')
}
