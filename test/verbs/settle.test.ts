import t from 'tap'
import { formatMessage } from '../../src/protocol/message.ts'
import { blockOn } from '../../src/spool/asks.ts'
import { writeGrant } from '../../src/spool/grants.ts'
import { record } from '../../src/spool/journal.ts'
import { keepSent } from '../../src/spool/outbox.ts'
import { publish } from '../../src/spool/publish.ts'
import { settle } from '../../src/verbs/settle.ts'
import { entriesOf, filesIn, gone, lay, mailOf, makePair, message, place, Q, read } from '../world.ts'

const id = (n: number) => `20261122t09401240${n}z-00000000`

t.test('a process that has ended leaves no question open and loses no notice', async (t) => {
  const { tree, me, peer } = makePair(t)
  lay(tree, 'new', { id: id(0) })
  lay(tree, 'cur', { id: id(1) })
  lay(tree, 'open', { id: id(2) })
  lay(tree, 'new', { id: id(3), kind: 'notice' })
  lay(tree, 'cur', { id: id(4), kind: 'notice' })
  lay(tree, 'cur', { id: id(5), kind: 'reply', from: 'web@laptop', to: peer.address })
  lay(tree, 'new', { id: id(6), kind: 'cancel' })
  lay(tree, 'done', { id: id(7) })
  lay(tree, 'open', { id: id(8), from: peer.address, to: 'web@laptop' })
  for (const n of [8, 9])
    blockOn(tree, peer.address, { id: id(n), to: 'web@laptop', process: gone, since: '' })
  writeGrant(tree, { id: id(2), offset: 0, alone: true, reminded: false })

  t.equal(settle(tree, peer), 3)
  t.strictSame(mailOf(tree, peer.address), [
    `asks/${id(5)}.late.json`,
    `asks/${id(8)}.late.json`,
    `dead/${id(0)}.query.json`,
    `dead/${id(1)}.query.json`,
    `dead/${id(2)}.query.json`,
    `done/${id(7)}.query.json`,
    `new/${id(3)}.notice.json`,
    `new/${id(4)}.notice.json`,
    `new/${id(5)}.reply.json`,
    `new/${id(6)}.cancel.json`,
  ])
  const replies = [0, 1, 2].map((n) => `new/${id(n)}.reply.json`)
  t.strictSame(
    mailOf(tree, me.address).filter((file) => !file.startsWith('asks/')),
    replies,
  )
  for (const n of [0, 1, 2]) {
    t.match(read(tree, me.address, 'new', `${id(n)}.reply.json`), {
      outcome: 'gone',
      from: peer.address,
      body: /ended/,
    })
    t.match(entriesOf(tree, id(n)), [
      { event: 'replied', outcome: 'gone' },
      { event: 'ended', outcome: 'gone' },
    ])
  }
  t.strictSame(
    filesIn(tree.state).filter((file) => file.startsWith('given/')),
    [],
    'nothing says any more where a question was given',
  )
})

t.test('settling again changes nothing', async (t) => {
  const { tree, peer } = makePair(t)
  lay(tree, 'open')
  lay(tree, 'cur', { id: id(1), kind: 'notice' })
  settle(tree, peer)
  const before = filesIn(tree.root)
  t.equal(settle(tree, peer), 0)
  t.strictSame(filesIn(tree.root), before)
})

t.test('a question whose answer was published before the process ended is answered, not gone', async (t) => {
  const { tree, me, peer } = makePair(t)
  lay(tree, 'open')
  publish(tree, message({ kind: 'reply', from: peer.address, to: me.address, body: '8080' }))
  settle(tree, peer)
  t.equal(read(tree, me.address, 'new', `${Q}.reply.json`).body, '8080')
  t.strictSame(mailOf(tree, peer.address), [`done/${Q}.query.json`])
  t.match(entriesOf(tree, Q), [{ event: 'ended', outcome: 'answered' }])
})

t.test('a question that nobody can read does not keep the others from ending', async (t) => {
  const { tree, me, peer } = makePair(t)
  place(tree, peer.address, 'open', `${id(0)}.query.json`, '{"spec"')
  lay(tree, 'open', { id: id(1) })
  settle(tree, peer)
  t.strictSame(mailOf(tree, peer.address), [`dead/${id(0)}.query.json`, `dead/${id(1)}.query.json`])
  t.strictSame(mailOf(tree, me.address), [`new/${id(1)}.reply.json`])
})

t.test('a question to another host that was never published is forgotten, and no other', async (t) => {
  const { tree, peer } = makePair(t)
  for (const n of [1, 2, 3])
    blockOn(tree, peer.address, { id: id(n), to: 'web@desktop', process: gone, since: '' })
  record(tree, 'asked', peer.address, id(2))
  const query = message({ id: id(3), from: peer.address, to: 'web@desktop' })
  keepSent(tree, query, formatMessage(query))
  settle(tree, peer)
  t.strictSame(mailOf(tree, peer.address), [`asks/${id(2)}.late.json`, `asks/${id(3)}.late.json`])
})
