// A process that has no file descriptor left learns nothing of what it cannot open, and concludes nothing from it.

import t from 'tap'
import { whoWants } from '../../src/spool/asks.ts'
import { readCard } from '../../src/spool/cards.ts'
import { liveness } from '../../src/spool/process.ts'
import { publish } from '../../src/spool/publish.ts'
import { ask } from '../../src/verbs/ask.ts'
import { receive } from '../../src/verbs/receive.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { codeThrown, filesIn, here, lay, mailOf, makePair, makeWorld, message, mockFs, Q } from '../world.ts'

const FILE = `${Q}.query.json`

type Act = (...given: never[]) => unknown

/** What `act` comes to where nothing whose path matches can be opened. */
const without =
  (part: RegExp, code = 'EMFILE') =>
  (real: unknown) =>
  (...given: unknown[]) => {
    if (part.test(String(given[0]))) throw Object.assign(new Error(`${code}: too many open files`), { code })
    return (real as Act)(...(given as never[]))
  }

t.test('a process whose line cannot be read is not over', async (t) => {
  mockFs(t, 'readFileSync', without(/^\/proc\/\d+\/stat$/))
  t.equal(
    codeThrown(() => liveness(here)),
    'EMFILE',
  )
})

t.test('a message that cannot be opened is not refused', async (t) => {
  const { tree } = makePair(t)
  lay(tree, 'new')
  mockFs(t, 'openSync', without(/\/new\//))
  t.equal(
    codeThrown(() => receive(tree, 'backend@laptop', { id: Q, kind: 'query', file: FILE })),
    'EMFILE',
  )
  t.strictSame(mailOf(tree, 'backend@laptop'), [`new/${FILE}`])
})

t.test('a card that cannot be opened is there: a person gets no second name', async (t) => {
  const { tree, dir } = makeWorld(t)
  registerPerson(tree, 'ada', here, dir)
  mockFs(t, 'openSync', (real, restore) => (...given: Parameters<typeof real>) => {
    if (!String(given[0]).includes('/peers/')) return real(...given)
    restore()
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' })
  })
  t.equal(
    codeThrown(() => registerPerson(tree, 'ada', here, dir)),
    'EMFILE',
  )
  t.strictSame(filesIn(tree.root, 'peers'), ['peers/ada@laptop.json'])
})

t.test('on a remote file system neither is a card that cannot be read for the moment', async (t) => {
  const { tree, me } = makePair(t)
  mockFs(t, 'statfsSync', () => () => ({ type: 0x6969 }))
  mockFs(t, 'openSync', without(/\/peers\//, 'EIO'))
  t.equal(
    codeThrown(() => readCard(tree, me.address)),
    'EIO',
  )
})

t.test('a waiter whose file cannot be opened is not taken for one that is over', async (t) => {
  const { tree, me } = makePair(t)
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  mockFs(t, 'openSync', without(/\/asks\//))
  t.equal(
    codeThrown(() => whoWants(tree, me.address, id)),
    'EMFILE',
  )
})

t.test('a question that was published is asked, also where its turn cannot be counted', async (t) => {
  const { tree, me } = makePair(t)
  mockFs(t, 'unlinkSync', (real) => (...given: Parameters<typeof real>) => {
    real(...given)
    // The temporary name of the query is the last that goes before the turn is counted.
    if (mailOf(tree, 'backend@laptop').length > 0) mockFs(t, 'openSync', without(/\/peers\//))
  })
  const { id } = ask(tree, me.address, here, { peer: 'backend', body: 'Which port?' })
  t.strictSame(mailOf(tree, 'backend@laptop'), [`new/${id}.query.json`])
})

t.test('a message is published, also where its temporary name cannot be removed', async (t) => {
  const { tree } = makePair(t)
  mockFs(t, 'unlinkSync', without(/\/root\/tmp\//, 'EIO'))
  t.equal(publish(tree, message({ kind: 'notice' })), true)
  t.strictSame(mailOf(tree, 'backend@laptop'), [`new/${Q}.notice.json`])
})
