/**
 * Panes side by side as an SVG. Every run of characters has a place and a length of its own, and lines and blocks are drawn:
 * the grid holds whatever font a viewer has.
 */

import { type Cell, cellsOf, type Style } from './cells.ts'

/** `screen`: as tmux captured it, escapes and all. */
export type Pane = { title: string; screen: string }

/** Of the picture in the README. */
export const COLUMNS = 58
export const SAYS =
  'Two Claude Code sessions side by side: shop-frontend asks shop-backend for a port, gets 4810, and goes on with it.'

const [WIDE, HIGH, SIZE, MARGIN] = [8.4, 18, 14, 14]
const PAPER = '#161b22'
const INK = '#d0d7de'
const BORDER = '#3fb950'
const FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"

/** Panes of `columns` columns each, as high as the highest; blank rows at the end are left out. */
export function svgOf(panes: Pane[], columns: number, says: string): string {
  const screens = panes.map(({ screen }) => withoutEnd(cellsOf(screen)))
  const rows = Math.max(...screens.map((screen) => screen.length)) + 2
  const width = columns * panes.length + 3 * (panes.length - 1)
  const [w, h] = [round(width * WIDE + 2 * MARGIN), rows * HIGH + 2 * MARGIN]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img">`,
    `<title>${escaped(says)}</title>`,
    `<rect width="${w}" height="${h}" rx="10" fill="${PAPER}"/>`,
    `<g transform="translate(${MARGIN} ${MARGIN})" font-family="${FONTS}" font-size="${SIZE}" fill="${INK}" shape-rendering="crispEdges">`,
    ...panes.flatMap(({ title }, n) => pane(title, screens[n] as Cell[][], n, columns)),
    ...between(panes.length, columns, rows),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

function pane(title: string, screen: Cell[][], n: number, columns: number): string[] {
  const left = n * (columns + 3)
  return [
    ...titled(title, left, columns),
    ...screen.flatMap((cells, row) => rowOf(cells.slice(0, columns), left, row + 2)),
  ]
}

/** As tmux shows the title of a pane: in its upper border. */
function titled(title: string, left: number, columns: number): string[] {
  const after = left + title.length + 4
  return [
    rect(left, 0.5, 1.5, 0.1, BORDER),
    textAt(title, left + 2.5, 0, { fg: BORDER, bold: true }),
    rect(after - 0.5, 0.5, left + columns - after + 0.5, 0.1, BORDER),
  ]
}

function between(panes: number, columns: number, rows: number): string[] {
  return Array.from({ length: panes - 1 }, (_, n) =>
    rect((n + 1) * (columns + 3) - 1.6, 0, 0.2, rows, BORDER),
  )
}

function withoutEnd(screen: Cell[][]): Cell[][] {
  return screen.slice(0, screen.findLastIndex((row) => row.some((cell) => !isBlank(cell))) + 1)
}

function isBlank({ text, style }: Cell): boolean {
  return text.trim() === '' && paper(style) === undefined
}

function rowOf(cells: Cell[], left: number, row: number): string[] {
  const papers = runs(cells, (a, b) => paper(a.style) === paper(b.style))
  const texts = runs(cells, goTogether)
  return [
    ...papers.flatMap(({ at, cells: [first], length }) => {
      const fill = paper((first as Cell).style)
      return fill === undefined ? [] : [rect(left + at, row, length, 1, fill)]
    }),
    ...texts.flatMap((run) => drawn(run, left, row)),
  ]
}

type Run = { at: number; length: number; cells: Cell[] }

/** Neighbours that go together. */
function runs(cells: Cell[], together: (a: Cell, b: Cell) => boolean): Run[] {
  const found: Run[] = []
  for (const [at, cell] of cells.entries()) {
    const last = found.at(-1)
    if (last !== undefined && together(last.cells[0] as Cell, cell)) {
      last.cells.push(cell)
      last.length += 1
    } else found.push({ at, length: 1, cells: [cell] })
  }
  return found
}

function goTogether(a: Cell, b: Cell): boolean {
  const alike = isPlain(a.text) ? isPlain(b.text) : a.text in SHAPES && a.text === b.text
  return alike && (b.text === ' ' || sameInk(a.style, b.style))
}

/** A viewer may take any other character from another font, of another width: it stands alone. */
function isPlain(text: string): boolean {
  return text >= ' ' && text <= '~'
}

function sameInk(a: Style, b: Style): boolean {
  return ink(a) === ink(b) && a.bold === b.bold && a.dim === b.dim && a.italic === b.italic
}

function drawn({ at, cells }: Run, left: number, row: number): string[] {
  const { text, style } = cells[0] as Cell
  const shapes = SHAPES[text]
  if (shapes !== undefined) return [shapesAt(shapes, left + at, cells.length, row, ink(style) ?? INK)]
  const line = cells.map((cell) => cell.text).join('')
  // Two blanks would be drawn as one.
  return Array.from(line.matchAll(/[^\s]+(?: [^\s]+)*/g), (word) =>
    textAt(word[0], left + at + word.index, row, style),
  )
}

type Shape = [x: number, y: number][]

const box = (x: number, y: number, w: number, h: number): Shape => [
  [x, y],
  [x + w, y],
  [x + w, y + h],
  [x, y + h],
]
const [UPPER, LOWER] = [box(0, 0, 1, 0.5), box(0, 0.5, 1, 0.5)]
const [UPPER_LEFT, UPPER_RIGHT] = [box(0, 0, 0.5, 0.5), box(0.5, 0, 0.5, 0.5)]
const [LOWER_LEFT, LOWER_RIGHT] = [box(0, 0.5, 0.5, 0.5), box(0.5, 0.5, 0.5, 0.5)]

/** What must join its neighbours or is missing in many fonts, in a cell of one by one. */
const SHAPES: Record<string, Shape[]> = {
  '─': [box(0, 0.45, 1, 0.1)],
  '⎿': [box(0.4, 0, 0.2, 0.55), box(0.4, 0.45, 0.6, 0.1)],
  '⏵': [
    [
      [0.1, 0.27],
      [0.9, 0.5],
      [0.1, 0.73],
    ],
  ],
  '█': [box(0, 0, 1, 1)],
  '▀': [UPPER],
  '▄': [LOWER],
  '▌': [UPPER_LEFT, LOWER_LEFT],
  '▐': [UPPER_RIGHT, LOWER_RIGHT],
  '▘': [UPPER_LEFT],
  '▝': [UPPER_RIGHT],
  '▖': [LOWER_LEFT],
  '▗': [LOWER_RIGHT],
  '▛': [UPPER, LOWER_LEFT],
  '▜': [UPPER, LOWER_RIGHT],
  '▙': [LOWER, UPPER_LEFT],
  '▟': [LOWER, UPPER_RIGHT],
}

/** The same shapes in `length` cells; what fills its cells from side to side is drawn once for all of them. */
function shapesAt(shapes: Shape[], left: number, length: number, row: number, fill: string): string {
  const wide = shapes.every((shape) => [0, 1].every((side) => shape.some(([x]) => x === side)))
  const cells = wide ? [0] : Array.from({ length }, (_, n) => n)
  const put = (n: number, [x, y]: [number, number]) =>
    `${round((left + n + x * (wide ? length : 1)) * WIDE)} ${round((row + y) * HIGH)}`
  const lines = cells.flatMap((n) => shapes.map((shape) => shape.map((point) => put(n, point)).join('L')))
  return `<path d="M${lines.join('ZM')}Z" fill="${fill}"/>`
}

function ink({ fg, bg, reverse }: Style): string | undefined {
  return reverse ? (bg ?? PAPER) : fg
}

function paper({ fg, bg, reverse }: Style): string | undefined {
  return reverse ? (fg ?? INK) : bg
}

function textAt(text: string, column: number, row: number, style: Style): string {
  const fill = ink(style)
  const attributes = [
    `x="${round(column * WIDE)}" y="${round(row * HIGH + 0.72 * HIGH)}"`,
    `textLength="${round(text.length * WIDE)}" lengthAdjust="spacingAndGlyphs"`,
    ...(fill === undefined ? [] : [`fill="${fill}"`]),
    ...(style.dim ? ['opacity=".6"'] : []),
    ...(style.bold ? ['font-weight="bold"'] : []),
    ...(style.italic ? ['font-style="italic"'] : []),
  ]
  return `<text ${attributes.join(' ')}>${escaped(text)}</text>`
}

function rect(column: number, row: number, width: number, height: number, fill: string): string {
  const [x, y, w, h] = [column * WIDE, row * HIGH, width * WIDE, height * HIGH].map(round)
  return `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${fill}"/>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
