/** A captured screen (`tmux capture-pane -p -e`) as cells. */

type Cell = { text: string; dim: boolean; reverse: boolean }

/** `reverse`: how the row ends; tmux leaves out blank cells at the end of a row, and with them a cursor that stands there. */
export type Row = { cells: Cell[]; reverse: boolean }

const TOKEN =
  /\x1b\[([0-9;:]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|[\x0e\x0f]|[^\x1b]/gu

/** The rows of a screen. tmux carries a style over the end of a row, so the whole is read at once. */
export function readRows(screen: string): Row[] {
  let style = { dim: false, reverse: false }
  const rows: Row[] = [{ cells: [], reverse: false }]
  for (const [text, parameters, command] of screen.matchAll(TOKEN)) {
    const row = rows.at(-1) as Row
    if (command === 'm') style = styleAfter(style, parameters ?? '')
    else if (text === '\n') rows.push({ cells: [], reverse: false })
    else if (!text.startsWith('\x1b') && text >= ' ') row.cells.push({ text, ...style })
    ;(rows.at(-1) as Row).reverse = style.reverse
  }
  return rows
}

/** The text of a row; with `undimmed`, without hints and placeholders of the client, which nobody typed. */
export function rowText(row: Row, undimmed = false): string {
  return row.cells.map((cell) => (undimmed && cell.dim ? '' : cell.text)).join('')
}

function styleAfter(before: { dim: boolean; reverse: boolean }, parameters: string) {
  const style = { ...before }
  const codes = parameters.split(';')
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] === '' ? '0' : codes[at]
    if (code === '38' || code === '48')
      at += codes[at + 1] === '5' ? 2 : 4 // a colour's own numbers
    else if (code === '0') Object.assign(style, { dim: false, reverse: false })
    else if (code === '2' || code === '22') style.dim = code === '2'
    else if (code === '7' || code === '27') style.reverse = code === '7'
  }
  return style
}

/** All rows as text. */
export function plainText(screen: string): string {
  return readRows(screen)
    .map((row) => rowText(row))
    .join('\n')
}
