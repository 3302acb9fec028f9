// The picture in the README is what the renderer makes of the captured panes beside this file, and is drawn by nobody's hand.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../../world.ts'
import { cellsOf } from './cells.ts'
import { COLUMNS, SAYS, svgOf } from './svg.ts'

const captured = JSON.parse(readFileSync(join(ROOT, 'test/real/picture/panes.json'), 'utf8'))
const drawn = readFileSync(join(ROOT, 'docs/panes.svg'), 'utf8')

/** What a screen of this text says of its first character. */
const styleOf = (escapes: string) => cellsOf(`${escapes}x`)[0]?.[0]?.style

t.test('the picture is drawn from the captured panes', async (t) => {
  t.equal(svgOf(captured, COLUMNS, SAYS), drawn, 'run: npm run picture')
})

t.test('the README shows the picture and says what is on it', async (t) => {
  const shown = readFileSync(join(ROOT, 'README.md'), 'utf8').match(/!\[([^\]]+)\]\(docs\/panes\.svg\)/)
  t.equal(shown?.[1], SAYS)
})

t.test('the picture shows both names, the question and the answer, and is small', async (t) => {
  for (const text of ['>shop-frontend<', '>shop-backend<', 'Which port does the API listen on?', 'Port 4810'])
    t.ok(drawn.includes(text), text)
  t.ok(drawn.length < 60_000)
})

t.test('nothing of the machine that made the picture is in it', async (t) => {
  t.notMatch(drawn, /\/(tmp|home|root|Users|var)\//)
  t.strictSame([...new Set(drawn.match(/@[a-z0-9.-]+/g))], ['@laptop'])
})

const COLOURS: [escapes: string, style: object][] = [
  ['\x1b[31m', { fg: '#ff7b72' }],
  ['\x1b[91m', { fg: '#ffa198' }],
  ['\x1b[42m', { bg: '#3fb950' }],
  ['\x1b[102m', { bg: '#56d364' }],
  ['\x1b[38;5;1m', { fg: '#ff7b72' }],
  ['\x1b[38;5;16m', { fg: '#000000' }],
  ['\x1b[38;5;174m', { fg: '#d78787' }],
  ['\x1b[48;5;231m', { bg: '#ffffff' }],
  ['\x1b[38;5;232m', { fg: '#080808' }],
  ['\x1b[38;5;246m', { fg: '#949494' }],
  ['\x1b[38;2;1;2;255m', { fg: '#0102ff' }],
  ['\x1b[38:2:1:2:255m', { fg: '#0102ff' }],
  ['\x1b[48;2;0;95;0;1m', { bg: '#005f00', bold: true }],
  ['\x1b[1;2;3;7m', { bold: true, dim: true, italic: true, reverse: true }],
  ['\x1b[1;2m\x1b[22m', {}],
  ['\x1b[3;7m\x1b[23;27m', {}],
  ['\x1b[31;42m\x1b[39m', { bg: '#3fb950' }],
  ['\x1b[31;42m\x1b[49m', { fg: '#ff7b72' }],
  ['\x1b[31;42;1m\x1b[0m', {}],
  ['\x1b[31;1m\x1b[m', {}],
]

for (const [escapes, style] of COLOURS) {
  t.test(`${JSON.stringify(escapes)} is ${JSON.stringify(style)}`, async (t) => {
    t.strictSame(JSON.parse(JSON.stringify(styleOf(escapes))), style)
  })
}

t.test('a style goes on over the end of a row', async (t) => {
  t.strictSame(
    cellsOf('\x1b[31ma\nb').map(([cell]) => cell?.style),
    [{ fg: '#ff7b72' }, { fg: '#ff7b72' }],
  )
})

const svg = (screen: string) => svgOf([{ title: 'one', screen }], 20, 'A picture')

t.test('a run stands where its first character stood, and is as long as it was', async (t) => {
  t.match(
    svg('  two words  more'),
    '<text x="16.8" y="48.96" textLength="75.6" lengthAdjust="spacingAndGlyphs">two words</text>',
  )
  t.match(
    svg('  two words  more'),
    '<text x="109.2" y="48.96" textLength="33.6" lengthAdjust="spacingAndGlyphs">more</text>',
  )
})

t.test('a character that may come from another font stands alone', async (t) => {
  t.match(svg('● yes'), '>●</text>\n<text x="16.8"')
})

t.test('reverse exchanges ink and paper', async (t) => {
  t.match(
    svg('\x1b[31;7mx'),
    'fill="#ff7b72"/>\n<text x="0" y="48.96" textLength="8.4" lengthAdjust="spacingAndGlyphs" fill="#161b22">x',
  )
})

t.test('what would act as markup is text', async (t) => {
  t.match(svg('a<b>&c'), '>a&lt;b&gt;&amp;c</text>')
})

t.test('lines and blocks are drawn, so that they join', async (t) => {
  t.notMatch(svg('──▐█'), /[─▐█]/)
  t.match(svg('──'), '<path d="M0 44.1L16.8 44.1L16.8 45.9L0 45.9Z"')
})
