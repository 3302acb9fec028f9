/** The rehearsal agent's screen as one string of lines and escapes: the conversation, below it the input box, below it the status. */

import { PROMPT, RULE } from './composer.ts'

export type Said = { mark: string; text: string }
export type View = { title: string; said: Said[]; draft: string; status: string }
export type Size = { rows: number; columns: number }

export const OPEN_SCREEN = '\x1b[?1049h\x1b[?7l'
export const CLOSE_SCREEN = '\x1b[?7h\x1b[?1049l'

/** The whole screen, painted over the old one line by line: whoever captures it in between still sees a box. */
export function paint(view: View, size: Size): string {
  const width = Math.max(20, size.columns - 1)
  const box = boxLines(view.draft, width).slice(-(size.rows - 3))
  const below = [RULE.repeat(width), dim(view.status)]
  const room = Math.max(0, size.rows - box.length - below.length - 1)
  const above = conversation(view, width).slice(-room || Number.POSITIVE_INFINITY)
  const lines = [...above, RULE.repeat(width), ...box, ...below]
  const row = above.length + 1 + box.length
  return `\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J\x1b[${row};${cells(box.at(-1) ?? '') + 1}H`
}

function conversation({ title, said }: View, width: number): string[] {
  return [dim(title), '', ...said.flatMap(({ mark, text }) => [...indented(`${mark} `, text, width), ''])]
}

function boxLines(draft: string, width: number): string[] {
  return indented(PROMPT, draft, width)
}

function indented(first: string, text: string, width: number): string[] {
  const lines = text.split('\n').flatMap((line) => wrap(line, width - cells(first)))
  return lines.map((line, n) => (n === 0 ? first : ' '.repeat(cells(first))) + line)
}

/** Lines of at most `width` cells, broken after a space where there is one. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = Array.from(text)
  while (cells(rest.join('')) > width) {
    const end = breakAt(rest, width)
    lines.push(rest.slice(0, end).join(''))
    rest = rest.slice(end)
  }
  return [...lines, rest.join('')]
}

function breakAt(characters: string[], width: number): number {
  const fits = characters.findIndex((_, n) => cells(characters.slice(0, n + 1).join('')) > width)
  const space = characters.slice(0, fits).lastIndexOf(' ')
  return space > width / 2 ? space + 1 : Math.max(1, fits)
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const NO_CELL = /\p{Mn}|\p{Me}|\p{Cf}/u

/** How many columns a terminal gives to this text. */
function cells(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  return Array.from(text).reduce(
    (sum, character) => sum + (NO_CELL.test(character) ? 0 : WIDE.test(character) ? 2 : 1),
    0,
  )
}

function dim(text: string): string {
  return `\x1b[2m${text}\x1b[0m`
}
