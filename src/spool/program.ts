/** Where this program lies, and its standard input: the spool is the only reader of files. */

import * as fs from 'node:fs'
import * as path from 'node:path'
import { RepowireError } from '../protocol/errors.ts'
import { decode } from '../protocol/message.ts'

/** The absolute path of a bundle that lies beside the running one; a link in a bin directory is followed. */
export function besideMe(bundle: string): string {
  const me = process.argv[1] ?? process.execPath
  return path.join(path.dirname(fs.realpathSync(me)), bundle)
}

/** All of standard input, as text. Blocks until it ends. Errors: bad-input for what is not UTF-8. */
export function readInput(): string {
  const text = decode(fs.readFileSync(0))
  if (text !== undefined) return text
  throw new RepowireError(
    'bad-input',
    'Standard input is not UTF-8 text.',
    'Convert it, or name a file that the other agent can read.',
  )
}

/** Writes all of the text to standard output before it returns. */
export function writeOutput(text: string): void {
  fs.writeSync(1, text)
}
