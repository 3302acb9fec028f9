/** The terminal in raw mode: keys come in, a painted screen goes out, and the terminal is left as it was found. */

import { ASK_FOR_PASTES, ESCAPE, type Key, NO_MORE_PASTES, readKeys } from './keys.ts'
import { CLOSE_SCREEN, OPEN_SCREEN, paint, type View } from './screen.ts'

export type Terminal = { show(view: View): void; close(): void }

// An escape that nothing follows for this long is the key, not the beginning of a sequence.
const ALONE_MS = 30

/** Takes the terminal over; `onKey` hears each key, `onResize` that the screen must be painted again. */
export function openTerminal(onKey: (key: Key) => void, onResize: () => void): Terminal {
  const { stdin, stdout } = process
  stdin.setRawMode(true).setEncoding('utf8').on('data', keyReader(onKey))
  stdout.on('resize', onResize).on('error', () => {}) // its pane was closed
  stdout.write(OPEN_SCREEN + ASK_FOR_PASTES)
  return {
    show: (view) => void stdout.write(paint(view, { rows: stdout.rows, columns: stdout.columns })),
    close: () => {
      stdout.write(NO_MORE_PASTES + CLOSE_SCREEN)
      stdin.setRawMode(false).pause()
    },
  }
}

function keyReader(onKey: (key: Key) => void): (input: string) => void {
  let rest = ''
  let alone: NodeJS.Timeout | undefined
  const pressed = () => {
    rest = ''
    onKey({ type: 'escape' })
  }
  return (input) => {
    clearTimeout(alone)
    const read = readKeys(rest + input)
    rest = read.rest
    read.keys.forEach(onKey)
    if (rest === ESCAPE) alone = setTimeout(pressed, ALONE_MS)
  }
}
