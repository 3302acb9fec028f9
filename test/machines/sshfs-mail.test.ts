// A tree that one host has on its own disk and the other over a real sshfs. mailbox-spec §2.2

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { livingCourier } from '../../src/courier/courier-file.ts'
import { runCourier } from '../../src/courier/run.ts'
import { cardPath, fileName, messagePath, type State } from '../../src/protocol/layout.ts'
import { askOf, blockOn, forgetAsk, goLate, listAskFiles, whoWants } from '../../src/spool/asks.ts'
import { createCard, listAddresses, readCard, replaceCard } from '../../src/spool/cards.ts'
import { createWhole, linkOnce, listByKind, replaceFile } from '../../src/spool/disk.ts'
import { isRemote } from '../../src/spool/file-system.ts'
import * as moves from '../../src/spool/moves.ts'
import { makeMailbox, publish } from '../../src/spool/publish.ts'
import { scan, timeInState } from '../../src/spool/scan.ts'
import { temporaryPath } from '../../src/spool/tree.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { handOver } from '../../src/verbs/given.ts'
import { enrol, gone, here, mailOf, message, mockFs, Q, thrown, until, waitOf } from '../world.ts'
import { withoutSshfs } from './sshfs.ts'
import { answerer, exchange, leftOver, makeTwoHosts } from './two-hosts.ts'

const skip = withoutSshfs()
const TO = 'backend@far'
const MOUNTS = { 'dir_cache=no': ['dir_cache=no'], 'its standard options': [] }
const number = (n: number) => `20261122t0940124${String(n).padStart(2, '0')}z-00000000`

for (const [name, options] of Object.entries(MOUNTS)) {
  t.test(
    `over sshfs with ${name} each move is made once, and its time is this host's`,
    { skip },
    async (t) => {
      const { near, far } = await makeTwoHosts(t, ...options)
      t.ok(isRemote(far.tree.root))
      t.notOk(isRemote(near.tree.root))
      makeMailbox(far.tree, TO)
      const rows: [State, State, (file: string) => boolean][] = [
        ['new', 'cur', (file) => moves.claim(far.tree, TO, file)],
        ['cur', 'new', (file) => moves.putBack(far.tree, TO, file)],
        ['new', 'open', (file) => moves.giveQueryUnclaimed(far.tree, TO, file)],
        ['open', 'done', (file) => moves.closeQuery(far.tree, TO, file)],
      ]
      for (const n of [1, 2, 3]) publish(far.tree, message({ id: number(n), to: TO, from: 'frontend@far' }))
      t.notOk(publish(far.tree, message({ id: number(1), to: TO, from: 'frontend@far' })), 'it was published')
      const file = fileName(number(1), 'query')
      for (const [from, to, move] of rows) {
        t.ok(move(file), `${from} → ${to}`)
        t.notOk(move(file), 'and not again')
        t.ok(mailOf(near.tree, TO).includes(`${to}/${file}`))
        if (to !== 'done') t.ok((timeInState(far.tree, TO, to, file) ?? 9e9) < 1_000)
      }
      t.strictSame(
        scan(far.tree, TO, 'new').map(({ id }) => id),
        [number(2), number(3)],
      )
      t.ok(moves.claim(far.tree, TO, fileName(number(2), 'query')))
      t.ok(moves.giveQuery(far.tree, TO, fileName(number(2), 'query')))
      t.ok(moves.bury(far.tree, TO, fileName(number(2), 'query'), 'open'))
      t.ok(moves.finishUnclaimed(far.tree, TO, fileName(number(3), 'query')))
      t.ok(moves.discard(far.tree, TO, 'done', fileName(number(3), 'query')))
      makeMailbox(far.tree, 'other@far')
      t.ok(moves.forward(far.tree, TO, 'other@far', 'dead', fileName(number(2), 'query')))
      t.strictSame(mailOf(near.tree, TO), [`done/${file}`])
      t.strictSame(readdirSync(join(near.tree.root, 'tmp/far')), [])
    },
  )

  t.test(
    `over sshfs with ${name} a copy of what is further on is removed, and the move replaces nothing`,
    { skip },
    async (t) => {
      const { near, far } = await makeTwoHosts(t, ...options)
      makeMailbox(far.tree, TO)
      const file = fileName(Q, 'query')
      const at = (state: State) => join(near.tree.root, messagePath(TO, state, file))
      writeFileSync(at('new'), 'the copy')
      writeFileSync(at('cur'), 'the message')
      t.notOk(moves.claim(far.tree, TO, file))
      t.strictSame(mailOf(near.tree, TO), [`cur/${file}`])
      t.equal(readFileSync(at('cur'), 'utf8'), 'the message')
    },
  )

  t.test(`over sshfs with ${name} cards, asks and whole files are what was written`, { skip }, async (t) => {
    const { near, far } = await makeTwoHosts(t, ...options)
    const card = enrol(t, far, 'backend')
    t.notOk(createCard(far.tree, { ...card, process: here }), 'the name is taken')
    t.strictSame(listAddresses(near.tree), [card.address])
    t.strictSame(listByKind(join(far.tree.root, 'inbox')), { files: [], directories: [card.address] })
    blockOn(far.tree, card.address, { id: Q, to: TO, process: here, since: '' })
    t.equal(whoWants(far.tree, card.address, Q), 'waiting')
    goLate(far.tree, card.address, Q)
    t.match(listAskFiles(far.tree, card.address), [{ id: Q, state: 'late' }])
    t.match(askOf(far.tree, card.address, Q), { to: TO })
    forgetAsk(far.tree, card.address, Q)
    t.strictSame(listAskFiles(near.tree, card.address), [])
    const [file, text] = [join(far.tree.root, 'whole'), 'text']
    t.ok(createWhole(temporaryPath(far.tree), file, text))
    t.notOk(createWhole(temporaryPath(far.tree), file, 'another'))
    replaceFile(temporaryPath(far.tree), file, 'a longer text', true)
    t.equal(readFileSync(join(near.tree.root, 'whole'), 'utf8'), 'a longer text')
    t.equal(readFileSync(file, 'utf8'), 'a longer text')
  })

  t.test(
    `over sshfs with ${name} a card is never cut, however often its host replaces it`,
    { skip },
    async (t) => {
      const { near, far } = await makeTwoHosts(t, ...options)
      const card = enrol(t, near, 'backend')
      for (let n = 0; n < 20; n += 1) {
        const tmux = { socket: `/tmp/${'x'.repeat(n * 3)}`, pane: '%3' }
        replaceCard(near.tree, n % 2 === 0 ? { ...card, tmux } : card)
        t.equal(
          readCard(far.tree, card.address)?.address,
          card.address,
          readFileSync(join(far.tree.root, cardPath(card.address)), 'utf8'),
        )
      }
    },
  )

  t.test(
    `over sshfs with ${name} a link that succeeds and says EPERM is a success, and another file is not`,
    { skip },
    async (t) => {
      const { far } = await makeTwoHosts(t, ...options)
      const [from, to, other] = ['from', 'to', 'other'].map((name) => join(far.tree.root, name)) as [
        string,
        string,
        string,
      ]
      writeFileSync(from, 'the text')
      writeFileSync(other, 'another')
      const refused = Object.assign(new Error('EPERM'), { code: 'EPERM' })
      mockFs(t, 'linkSync', (real) => (a: string, b: string) => {
        if (b === to) real(a, b)
        throw refused
      })
      t.ok(linkOnce(from, to))
      t.notOk(linkOnce(from, other))
      t.equal(
        thrown(() => linkOnce(from, join(far.tree.root, 'none'))),
        refused,
      )
    },
  )
}

const half = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number

t.test(
  'over sshfs with dir_cache=no a question comes back within a second, whoever asks',
  { skip },
  async (t) => {
    const { near, far } = await makeTwoHosts(t, 'dir_cache=no')
    for (const [asking, answering] of [
      [near, far],
      [far, near],
    ] as const) {
      const me = enrol(t, asking, 'asker', { process: here })
      const peer = await answerer(t, answering, 'peer')
      const times: number[] = []
      for (let n = 0; n < 9; n += 1) {
        const { body, ms } = await exchange(asking, me, peer.address, `question ${n}`)
        t.equal(body, `question ${n}: yes`)
        times.push(ms)
      }
      t.ok(half(times) <= 1_000, `half of them within ${Math.round(half(times))} ms`)
      t.comment(`${me.address} → ${peer.address}: ${times.map(Math.round).join(' ')} ms`)
      t.strictSame(leftOver(near, me, peer), [])
    }
  },
)

t.test(
  'over sshfs with its standard options an answer is found by its name at once, and a question when the directory cache is over',
  { skip },
  async (t) => {
    const { near, far } = await makeTwoHosts(t)
    const me = enrol(t, far, 'asker', { process: here })
    const peer = await answerer(t, near, 'peer')
    for (const n of [1, 2, 3]) t.ok((await exchange(far, me, peer.address, `question ${n}`)).ms < 5_000)
    const other = enrol(t, near, 'other', { process: here })
    const late = await answerer(t, far, 'late')
    const { body, ms } = await exchange(near, other, late.address, 'question')
    t.equal(body, 'question: yes')
    t.comment(`${Math.round(ms)} ms`)
    t.strictSame(leftOver(near, me, peer, other, late), [])
  },
)

t.test('a courier whose root is on sshfs finds what came, and ends what is over', { skip }, async (t) => {
  const { near, far } = await makeTwoHosts(t, 'dir_cache=no')
  const me = enrol(t, near, 'asker', { process: here })
  const peer = enrol(t, far, 'peer', { process: gone })
  const stop = new AbortController()
  const courier = runCourier(far.tree, stop.signal, { stay: true, by: 'a test' })
  await until(() => livingCourier(far.tree))
  for (const n of [1, 2]) {
    const { id } = ask(near.tree, me.address, here, { peer: peer.address, body: `question ${n}` })
    const start = performance.now()
    t.match(await awaitReply(near.tree, me.address, here, id, waitOf(20_000)), { outcome: 'gone' })
    t.ok(performance.now() - start < 4_000, 'earlier than the pass over everything')
    handOver(near.tree, me, id, 'shell')
  }
  stop.abort('the test is over')
  t.equal(await courier, true)
})
