/** What can be typed, read from the table of commands: that from which the completion of every shell is made. */

import type { Command } from './commands.ts'

/** `flag` with its dashes; `value`: the name of what follows it. */
export type Flag = { flag: string; description: string; value?: string }

/** `places`: the names of its arguments, in order; `many`: the last one may be repeated. */
export type Grammar = {
  name: string
  description: string
  flags: Flag[]
  places: { name: string; optional: boolean; many: boolean }[]
}

/** What the argument or the value of this name stands for: the peers there are, words, or anything. */
export type Meaning = Record<string, 'peers' | string[]>

const HELP: Flag = { flag: '--help', description: 'what it does, and how' }
export const TOP: Flag[] = [HELP, { flag: '--version', description: 'which version this is' }]

/** The same as its line in the table says. */
export function grammarOf({ usage, description, options = [] }: Command): Grammar {
  const name = usage.split(' ')[0] as string
  const places = [...usage.matchAll(/([<[])(\.\.\.)?([^>\]]+)/g)]
  return {
    name,
    description,
    flags: [...options.map(([flags, said]) => flagOf(flags, said)), HELP],
    places: places.map(([, bracket, many, name = '']) => ({
      name,
      optional: bracket === '[',
      many: many !== undefined,
    })),
  }
}

function flagOf(flags: string, description: string): Flag {
  const [flag = '', value] = flags.split(' ')
  return { flag, description, ...(value !== undefined && { value: value.slice(1, -1) }) }
}

/** Every option that is followed by a value, once. */
export function withValue(grammars: Grammar[]): Flag[] {
  const all = grammars.flatMap(({ flags }) => flags).filter(({ value }) => value !== undefined)
  return all.filter(({ flag }, at) => all.findIndex((other) => other.flag === flag) === at)
}
