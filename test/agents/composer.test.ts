// Screens of the real client, captured with their escapes; the directory says what each must be taken for.
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { holdsExactly, readComposer } from '../../src/agents/claude-code/composer.ts'
import { frameOf } from '../../src/protocol/frame.ts'
import type { Message } from '../../src/protocol/message.ts'

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
  const frame = frameOf(message)
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
