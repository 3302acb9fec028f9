/** The completion of shells, made from the table of commands; only the names of peers are asked for when they are needed. */

import { RepowireError } from '../../protocol/errors.ts'
import type { Command } from './commands.ts'
import { forBash } from './completion-bash.ts'
import { forFish } from './completion-fish.ts'
import { forZsh } from './completion-zsh.ts'
import { type Grammar, grammarOf, type Meaning } from './grammar.ts'
import { say } from './print.ts'

const SHELLS: Record<string, (grammars: Grammar[], meaning: Meaning) => string> = {
  bash: forBash,
  zsh: forZsh,
  fish: forFish,
}

/** Prints the script for this shell. Errors: bad-input. */
export function completionCommand(shell: string, commands: Command[], meaning: Meaning): number {
  const make = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined
  if (make === undefined)
    throw new RepowireError('bad-input', `"${shell}" is no shell known here.`, 'Use bash, zsh or fish.')
  say(make(commands.filter(({ hidden }) => !hidden).map(grammarOf), meaning))
  return 0
}
