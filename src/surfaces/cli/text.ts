import { readInput } from '../../spool/program.ts'
import { refuseEmpty } from '../../verbs/ask.ts'
import { STDIN } from './stdin.ts'

/** The text from the words of the command line, or from standard input where it is "-" alone. Errors: bad-input. */
export function textFrom(words: string[]): string {
  const text = words.length === 1 && words[0] === STDIN ? readInput() : words.join(' ').replaceAll(STDIN, '-')
  refuseEmpty(text)
  return text
}
