// When a tmux server carried out each command, by the log that it writes itself (tmux -vv): what lies between two of them
// is told by no clock of a process that waits for them.

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** `at`: in ms since the epoch, to a thousandth. */
export type Command = { at: number; words: string }

const LINE = /^(\d+\.\d+) cmdq_fire_command \S+ \(\d+\) (.*)$/

const isLook = ({ words }: Command) => words.startsWith('capture-pane ')
const isPaste = ({ words }: Command) => words.startsWith('paste-buffer ')
const isEnter = ({ words }: Command) => /^send-keys .*\bEnter$/.test(words)

/** All of them, oldest first. */
export async function commandsIn(log: string): Promise<Command[]> {
  const commands: Command[] = []
  for await (const line of createInterface({ input: createReadStream(log) })) {
    const [, seconds, words] = line.match(LINE) ?? []
    if (words !== undefined) commands.push({ at: Number(seconds) * 1_000, words })
  }
  return commands
}

/** What lies in one delivery, in ms, between a look and what followed it, and between the paste and Enter. */
export function windowsIn(delivery: Command[]) {
  const paste = delivery.findIndex(isPaste)
  const enter = delivery.findLastIndex(isEnter)
  return {
    lookToPaste: since(isLook, delivery, paste),
    lookToEnter: since(isLook, delivery, enter),
    pasteToEnter: since(isPaste, delivery, enter),
  }
}

/** From the last such command before this one; undefined where one of the two is missing. */
function since(isSuch: (command: Command) => boolean, delivery: Command[], at: number): number | undefined {
  const before = delivery.slice(0, Math.max(0, at)).findLast(isSuch)
  return before && (delivery[at] as Command).at - before.at
}
