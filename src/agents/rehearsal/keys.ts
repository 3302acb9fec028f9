/** What a terminal in raw mode sends, as keys and pastes. Pure: bytes that are not whole yet are handed back. */

export type Key = { type: 'text' | 'paste'; text: string } | { type: 'enter' | 'erase' | 'escape' | 'end' }

export const ASK_FOR_PASTES = '\x1b[?2004h'
export const NO_MORE_PASTES = '\x1b[?2004l'
export const ESCAPE = '\x1b'

const PASTE_BEGINS = '\x1b[200~'
const PASTE_ENDS = '\x1b[201~'
const SEQUENCE = /^\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|[^[O\x1b])/
const CUT_SEQUENCE = /^\x1b(?:\[[0-9;?]*|O)?$/

/** The keys in `input`; `rest` is the beginning of a sequence or of a paste, to be put before what comes next. */
export function readKeys(input: string): { keys: Key[]; rest: string } {
  const keys: Key[] = []
  let rest = input
  while (rest !== '') {
    const next = readKey(rest)
    if (next === undefined) break
    if (next.key !== undefined) keys.push(next.key)
    rest = rest.slice(next.length)
  }
  return { keys, rest }
}

type Read = { key?: Key; length: number }

function readKey(input: string): Read | undefined {
  if (input.startsWith(PASTE_BEGINS)) return readPaste(input)
  if (CUT_SEQUENCE.test(input)) return undefined
  if (input.startsWith(ESCAPE)) return readSequence(input)
  const text = input.match(/^[^\x00-\x1f\x7f]+/)?.[0]
  return text === undefined
    ? { key: control(input), length: 1 }
    : { key: { type: 'text', text }, length: text.length }
}

function readPaste(input: string): Read | undefined {
  const end = input.indexOf(PASTE_ENDS)
  if (end < 0) return undefined
  const text = plain(input.slice(PASTE_BEGINS.length, end))
  return { key: { type: 'paste', text }, length: end + PASTE_ENDS.length }
}

/** Arrows and the like are passed over; an escape with another one behind it is the key itself. */
function readSequence(input: string): Read {
  const sequence = input.match(SEQUENCE)?.[0]
  return sequence === undefined ? { key: { type: 'escape' }, length: 1 } : { length: sequence.length }
}

function control(input: string): Key | undefined {
  switch (input[0]) {
    case '\r':
      return { type: 'enter' }
    case '\n':
      return { type: 'text', text: '\n' }
    case '\x7f':
    case '\b':
      return { type: 'erase' }
    case '\x03':
    case '\x04':
      return { type: 'end' }
    default:
      return undefined
  }
}

function plain(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\t/g, '    ')
  return lines.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, '')
}
