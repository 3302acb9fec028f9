/**
 * Claude Code's input box on a captured screen. Only the box as it looks when typing is safe is recognised: between the
 * last two rules of the screen, both undimmed, its first row beginning with the prompt sign and a no-break space. In
 * shell mode the sign is another; in the transcript view and the agents view the rules are dim; dialogs, searches and
 * editors have no such rules. All of that is `unknown`, and unknown is not free.
 */

import type { Frame } from '../../protocol/frame.ts'
import type { Composer, Cursor } from '../agent.ts'
import { type Row, readRows, rowText } from '../screen.ts'

const RULE = /^─{3,}.*─\s*$/
const SIGN = '❯\u00a0'
const SCROLLED = '↑'

export function readComposer(screen: string, cursor?: Cursor): Composer {
  const rows = readRows(screen)
  const rules = rows.flatMap((row, at) => (isRule(row) ? [at] : []))
  const [top, bottom] = rules.slice(-2)
  if (top === undefined || bottom === undefined || bottom - top < 2)
    return unknown('the screen shows no input box')
  const box = rows.slice(top + 1, bottom)
  // A draft that is higher than the box: its first rows, and with them the sign, are out of sight.
  const text = box.map((row) => rowText(row, true)).join('\n')
  if (rowText(rows[top] as Row).includes(SCROLLED)) return { state: 'holds', text }
  const first = rowText(box[0] as Row)
  if (!first.startsWith(SIGN)) return unknown(`the box begins with "${first.slice(0, 12).trim()}"`)
  if (isEmpty(box) || isEmptyUnfocused(box, cursor?.x === SIGN.length && cursor.y === top + 1))
    return { state: 'empty' }
  const draft = text.replace(SIGN, '').trim()
  return draft === ''
    ? unknown('the box looks empty, but its cursor is not in it')
    : { state: 'holds', text: draft }
}

function isRule(row: Row): boolean {
  return RULE.test(rowText(row)) && row.cells[0]?.dim === false
}

/** One row, and after the sign nothing but the cursor: a blank in reverse video. Without it another part has the keys. */
function isEmpty(box: Row[]): boolean {
  const [row, more] = box
  if (row === undefined || more !== undefined) return false
  const [cursor, ...rest] = row.cells.slice(SIGN.length)
  const blank = cursor === undefined ? row.reverse : cursor.reverse && cursor.text.trim() === ''
  return blank && rest.every((cell) => cell.dim || cell.text.trim() === '')
}

/**
 * The same in a terminal that has told the client that it lost the focus (tmux: focus-events): no cursor is drawn, but the
 * terminal's own, hidden, is kept where it would be. It is elsewhere while another part has the keys.
 */
function isEmptyUnfocused([row, more]: Row[], cursorBehindSign: boolean): boolean {
  if (!cursorBehindSign || row === undefined || more !== undefined) return false
  return row.cells.slice(SIGN.length).every((cell) => !cell.reverse && (cell.dim || cell.text.trim() === ''))
}

function unknown(why: string): Composer {
  return { state: 'unknown', why }
}

/**
 * True when the box shows this header and then the placeholder into which the client folds the body, with the body's
 * number of lines. Wrapping moves white space; every other character counts, so that no draft is overlooked.
 */
export function holdsExactly(text: string, frame: Frame): boolean {
  const shown = squeezed(text)
  const header = squeezed(frame.header)
  if (!shown.startsWith(header)) return false
  const folded = shown.slice(header.length).match(/^\[Pastedtext#\d+\+(\d+)lines\]$/)
  return Number(folded?.[1]) === frame.body.split('\n').length - 1
}

/** The box grows to half of the pane less five rows, at least three; above that its first rows scroll out of sight. */
export function fits(frame: Frame, width: number, height: number): boolean {
  const characters = frame.header.length + '[Pasted text #99 +9999 lines]'.length
  const rows = Math.ceil(characters / Math.max(1, width - 4)) + 1 // one more, for words that do not fill their row
  return height >= 9 && rows <= Math.max(3, Math.floor(height / 2) - 5)
}

function squeezed(text: string): string {
  return text.replace(/\s/g, '')
}
