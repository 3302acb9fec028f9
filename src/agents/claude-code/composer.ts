/**
 * Claude Code's input box on a captured screen. Only the box as it looks when typing is safe is recognised: between the
 * last two full-width rules, first row beginning with the prompt sign, nothing below but the footer. Anything else, a
 * dialog, a search, an editor, a picker, is `unknown`, and unknown is not free.
 */

import type { Frame } from '../../protocol/frame.ts'
import type { Composer } from '../agent.ts'
import { plainText, undimmedText } from '../screen.ts'

const RULE = /^─{10,}/
const PROMPT = '❯'

export function readComposer(screen: string): Composer {
  const rows = plainText(screen).trimEnd().split('\n')
  const rules = rows.flatMap((row, at) => (RULE.test(row.trim()) ? [at] : []))
  const [top, bottom] = rules.slice(-2)
  if (top === undefined || bottom === undefined || bottom - top < 2)
    return unknown('there is no input box on the screen')
  const first = rows[top + 1] ?? ''
  if (!first.startsWith(PROMPT)) return unknown(`the box begins with "${first.slice(0, 12).trim()}"`)
  const box = undimmedText(screen)
    .split('\n')
    .slice(top + 1, bottom)
  const text = box.join('\n').replace(PROMPT, '').trim()
  return text === '' ? { state: 'empty' } : { state: 'holds', text }
}

function unknown(why: string): Composer {
  return { state: 'unknown', why }
}

/**
 * True when the box shows this header and then the body, as text or as the placeholder into which the client folds a
 * long paste. Wrapping moves white space and wide characters, so printable ASCII alone is compared.
 */
export function holdsExactly(text: string, frame: Frame): boolean {
  const shown = ascii(text)
  const header = ascii(frame.header)
  if (!shown.startsWith(header)) return false
  const rest = shown.slice(header.length)
  return rest === ascii(frame.body) || /^\[Pastedtext#\d+(\+\d+lines)?\]$/.test(rest)
}

function ascii(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '')
}
