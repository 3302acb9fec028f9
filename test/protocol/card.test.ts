import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Card, parseCard, sameProcess } from '../../src/protocol/card.ts'
import { listCards, readCard } from '../../src/spool/cards.ts'
import { gone, here, makeWorld } from '../world.ts'
import { bytesOf, vectorsIn } from './fixtures.ts'

const VALID = vectorsIn('cards/valid')
const INVALID = vectorsIn('cards/invalid')

t.test('there are vectors of valid cards of every agent, and of invalid ones', async (t) => {
  const agents = VALID.map((vector) => (JSON.parse(bytesOf(vector).toString()) as Card).agent)
  t.strictSame([...new Set(agents)].sort(), ['claude-code', 'other', 'person', 'rehearsal'])
  t.ok(INVALID.length > 0)
})

for (const vector of VALID) {
  t.test(`a reader accepts cards/valid/${vector.file} and keeps all of its fields`, async (t) => {
    const { tree } = makeWorld(t)
    copyFileSync(vector.path, join(tree.root, 'peers', vector.file))
    const card = JSON.parse(bytesOf(vector).toString()) as Card
    t.strictSame(readCard(tree, card.address), card)
    t.strictSame(listCards(tree), [card])
  })
}

for (const vector of INVALID) {
  t.test(`a reader passes over cards/invalid/${vector.file}`, async (t) => {
    const { tree } = makeWorld(t)
    copyFileSync(vector.path, join(tree.root, 'peers', vector.file))
    copyFileSync(VALID[0]?.path as string, join(tree.root, 'peers', VALID[0]?.file as string))
    t.equal(readCard(tree, vector.file.slice(0, -'.json'.length)), undefined)
    t.strictSame(
      listCards(tree).map((card) => `${card.address}.json`),
      [VALID[0]?.file],
      'and sees the others',
    )
  })
}

t.test('what is no text of a card is no card', async (t) => {
  for (const text of ['', 'null', '7', '"card"', '[]', '{}', '{"spec":"mailbox/1"}'])
    t.equal(parseCard(text), undefined, text)
})

t.test('a process is the same only if pid, start, boot and namespace are', async (t) => {
  t.ok(sameProcess(here, { ...here }))
  t.notOk(sameProcess(here, gone))
  t.notOk(sameProcess(here, { ...here, pid: here.pid + 1 }))
  t.notOk(sameProcess(here, { ...here, boot: 'another' }))
  t.notOk(sameProcess(here, { ...here, pid_namespace: 'pid:[1]' }))
})
