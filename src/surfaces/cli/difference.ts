/** What a change would do, exactly: a unified difference of each text, and the commands that the client is told. */

import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import type { Change } from '../../agents/claude-code/set-up.ts'
import { wordsForShell } from './print.ts'

export function difference({ file, before, after, commands = [] }: Change): string {
  const told = commands.map((words) => `$ ${wordsForShell(['claude', ...words])}\n`)
  const same = before === undefined && after === undefined
  const patch = same
    ? ''
    : createTwoFilesPatch(
        before === undefined ? '/dev/null' : file,
        after === undefined ? '/dev/null' : file,
        before ?? '',
        after ?? '',
        undefined,
        undefined,
        { headerOptions: FILE_HEADERS_ONLY },
      )
  return patch + told.join('')
}
