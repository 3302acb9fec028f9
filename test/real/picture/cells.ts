/**
 * A captured pane (`tmux capture-pane -p -e -N`) as rows of cells with their colours. tmux writes no escapes but SGR, and
 * carries a style over the end of a row. Each character is one cell: what the picture shows has no wide ones.
 */

export type Style = {
  /** `#rrggbb`; undefined is the terminal's own. */
  fg?: string
  bg?: string
  bold?: boolean
  dim?: boolean
  italic?: boolean
  reverse?: boolean
}

export type Cell = { text: string; style: Style }

const TOKEN = /\x1b\[([0-9;:]*)m|[^\x1b]/gu

export function cellsOf(screen: string): Cell[][] {
  const rows: Cell[][] = [[]]
  let style: Style = {}
  for (const [text, parameters] of screen.matchAll(TOKEN)) {
    if (parameters !== undefined) style = styleAfter(style, parameters)
    else if (text === '\n') rows.push([])
    else rows.at(-1)?.push({ text, style })
  }
  return rows
}

const SWITCHES: Record<number, Style> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  7: { reverse: true },
  22: { bold: undefined, dim: undefined },
  23: { italic: undefined },
  27: { reverse: undefined },
  39: { fg: undefined },
  49: { bg: undefined },
}

function styleAfter(before: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map(Number)
  let style = before
  while (codes.length > 0) style = withCode(style, codes.shift() as number, codes)
  return style
}

/** Takes the numbers of a colour out of `more`. */
function withCode(style: Style, code: number, more: number[]): Style {
  if (code === 0) return {}
  if (code === 38) return { ...style, fg: colourIn(more) }
  if (code === 48) return { ...style, bg: colourIn(more) }
  if (code >= 30 && code <= 37) return { ...style, fg: palette(code - 30) }
  if (code >= 40 && code <= 47) return { ...style, bg: palette(code - 40) }
  if (code >= 90 && code <= 97) return { ...style, fg: palette(code - 82) }
  if (code >= 100 && code <= 107) return { ...style, bg: palette(code - 92) }
  return { ...style, ...SWITCHES[code] }
}

function colourIn(more: number[]): string {
  if (more.shift() === 5) return palette(more.shift() ?? 0)
  return hex(more.splice(0, 3))
}

// As dark terminals have them.
const SIXTEEN =
  '#484f58 #ff7b72 #3fb950 #d29922 #58a6ff #bc8cff #39c5cf #b1bac4 #6e7681 #ffa198 #56d364 #e3b341 #79c0ff #d2a8ff #56d4dd #ffffff'.split(
    ' ',
  )
const LEVELS = [0, 95, 135, 175, 215, 255]

/** One of the 256: sixteen names, a cube of six by six by six, and 24 greys. */
function palette(n: number): string {
  if (n < 16) return SIXTEEN[n] as string
  if (n >= 232) return hex(Array(3).fill(8 + 10 * (n - 232)))
  const at = n - 16
  return hex([at / 36, (at / 6) % 6, at % 6].map((level) => LEVELS[Math.floor(level)] as number))
}

function hex(levels: number[]): string {
  return `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`
}
