// Screens of the real client, captured with their escapes; the directory says what each must be taken for.
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { fits, holdsExactly, readComposer } from '../../src/agents/claude-code/composer.ts'
import type { Message } from '../../src/protocol/message.ts'
import { framed } from '../world.ts'

const SCREENS = new URL('../../fixtures/screens/claude-code/', import.meta.url)

for (const state of ['empty', 'holds', 'unknown']) {
  const names = readdirSync(new URL(state, SCREENS))
  t.ok(names.length > 10, `there are screens that are ${state}`)
  for (const name of names) {
    t.test(`the screen ${name} is taken for ${state}`, async (t) => {
      const composer = readComposer(readFileSync(new URL(`${state}/${name}`, SCREENS), 'utf8'))
      t.equal(composer.state, state, JSON.stringify(composer))
    })
  }
}

t.test('a draft is read as it was typed, without what the client shows dim', async (t) => {
  const read = (name: string) => readComposer(readFileSync(new URL(`holds/${name}.txt`, SCREENS), 'utf8'))
  t.match(read('draft-short'), { text: 'my half typed draft' })
  t.match(read('draft-short-cursor-home'), { text: 'my half typed draft' })
  t.match(read('draft-multiline'), { text: /^line one\s+line two\s+line three$/ })
})

t.test('a draft under the cursor or in the rows below it is a draft', async (t) => {
  t.match(
    readComposer(screen(RULE, `❯\u00a0${BLANK}word`)),
    { state: 'holds', text: 'word' },
    'a blank before it',
  )
  t.match(readComposer(screen(RULE, `❯\u00a0${BLANK}\n  below`)), { state: 'holds', text: 'below' })
})

t.test('a draft in any script, of wide and joined characters or right to left, is a draft', async (t) => {
  for (const draft of ['Grüße', '日本語', '👩‍👧', 'ещё', 'שלום', '\u3000。'])
    t.match(readComposer(screen(RULE, `❯\u00a0${draft}${BLANK}`)), { state: 'holds', text: draft.trim() })
})

t.test('only the header and the folded body with its number of lines are exactly ours', async (t) => {
  const message: Message = {
    spec: 'mailbox/1',
    id: '20261122t094012412z-k3v9x2p8',
    kind: 'query',
    from: 'frontend@laptop',
    to: 'backend@laptop',
    sent: '2026-11-22T09:40:12.412Z',
    body: 'one\ntwo',
  }
  const frame = framed(message)
  const wrapped = frame.header.replaceAll(' ', '\n  ')
  t.ok(holdsExactly(`${wrapped}[Pasted text #3 +6 lines]`, frame))
  t.notOk(holdsExactly(wrapped, frame), 'the header alone')
  t.notOk(holdsExactly(`${wrapped}[Pasted text #3 +7 lines]`, frame), 'another body')
  t.notOk(holdsExactly(`draft ${wrapped}[Pasted text #3 +6 lines]`, frame), 'a draft before it')
  t.notOk(holdsExactly(`${wrapped}[Pasted text #3 +6 lines] x`, frame), 'a key after it')
  t.notOk(
    holdsExactly(`${wrapped.replace('k3v9x2p8', 'k3v9x2p9')}[Pasted text #3 +6 lines]`, frame),
    'another id',
  )
})

const RULE = '─'.repeat(60)
const BLANK = '\x1b[7m \x1b[0m'
const screen = (rule: string, box: string) =>
  `a turn of before\n${rule}\n${box}\n${rule}\n  ? for shortcuts\n`

t.test('a box is one only between undimmed rules, and with the sign and its no-break space', async (t) => {
  t.match(readComposer(screen(RULE, `❯\u00a0${BLANK}`)), { state: 'empty' })
  t.match(readComposer(screen(`\x1b[2m${RULE}\x1b[0m`, `❯\u00a0${BLANK}`)), { state: 'unknown' }, 'dim rules')
  t.match(readComposer(screen(RULE, `❯ ${BLANK}`)), { state: 'unknown' }, 'a space after the sign')
  t.match(readComposer(screen(RULE, `!\u00a0${BLANK}`)), { state: 'unknown' }, 'another sign')
  t.match(readComposer(screen(RULE, '❯\u00a0 ')), { state: 'unknown' }, 'no cursor')
})

t.test('a box without a cursor is empty only where the terminal keeps its own behind the sign', async (t) => {
  const at = (x: number, y: number, box: string) => readComposer(screen(RULE, box), { x, y }).state
  t.equal(at(2, 2, '❯\u00a0'), 'empty')
  t.equal(at(2, 2, '❯\u00a0\x1b[2mTry "edit"\x1b[0m'), 'empty', 'a hint that nobody typed')
  t.equal(at(0, 4, '❯\u00a0'), 'unknown', 'another part has the keys')
  t.equal(at(2, 3, '❯\u00a0'), 'unknown', 'another row')
  t.equal(at(3, 2, '❯\u00a0'), 'unknown', 'another column')
  t.equal(at(2, 2, '❯\u00a0\n  '), 'unknown', 'two rows')
  t.equal(at(2, 2, '❯\u00a0word'), 'holds', 'a cursor that was moved to the start of a draft')
  t.equal(at(2, 2, '❯\u00a0 \x1b[7m \x1b[0m'), 'unknown', 'a blank was typed')
})

const FRAME = framed({
  spec: 'mailbox/1',
  id: '20261122t094012412z-k3v9x2p8',
  kind: 'query',
  from: 'frontend@laptop',
  to: 'backend@laptop',
  sent: '2026-11-22T09:40:12.412Z',
  body: 'x',
})

for (const [width, height, fit] of [
  [120, 40, true],
  [120, 9, true],
  [120, 8, false],
  [60, 9, true],
  [50, 9, false],
  [50, 18, true],
  [20, 18, false],
  [20, 40, true],
  [0, 40, false],
] as const) {
  t.test(
    `a pane of ${width}x${height} ${fit ? 'shows the whole of' : 'is too small for'} what is typed`,
    async (t) => {
      t.equal(fits(FRAME, width, height), fit)
    },
  )
}
