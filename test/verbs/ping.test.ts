// Two hosts in one tree: a question to the other courier, and what else may lie in the mailbox of one.

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Kind } from '../../src/protocol/layout.ts'
import { fileName, messagePath, SPEC } from '../../src/protocol/layout.ts'
import { hasAsks } from '../../src/spool/asks.ts'
import { otherHosts } from '../../src/spool/hosts.ts'
import { newId, timestamp } from '../../src/spool/new-id.ts'
import { listSent } from '../../src/spool/outbox.ts'
import { findMessage, publish } from '../../src/spool/publish.ts'
import { scan } from '../../src/spool/scan.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { answerPings, hasCouriersMailbox, ping } from '../../src/verbs/ping.ts'
import { register } from '../../src/verbs/register.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { rename } from '../../src/verbs/rename.ts'
import { allowEachOther } from '../machines/two-hosts.ts'
import { enrol, here, makeWorld, type World } from '../world.ts'

/** Another host's view of the same root: a state directory of its own. */
function besideIt(t: Test, host: string, allowed = true): { near: World; far: Tree } {
  const near = makeWorld(t)
  const far = { ...near.tree, host, state: join(near.dir, `state-${host}`) }
  for (const dir of [far.state, join(far.state, 'tmp')]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (allowed) allowEachOther([near, { ...near, tree: far }])
  return { near, far }
}

const wait = { milliseconds: 10_000, signal: new AbortController().signal }

t.test('a courier answers a question to itself, and both mailboxes are at rest afterwards', async (t) => {
  const { near, far } = besideIt(t, 'far')
  const asked = ping(near.tree, here, 'far', wait)
  t.equal(scan(far, 'courier@far', 'new').length, 1)
  answerPings(far)
  const pong = await asked
  t.equal(pong?.outcome, 'answered')
  t.ok(pong !== undefined && pong.ms >= 0 && pong.ms < 10_000)
  const own = `courier@${near.tree.host}`
  t.equal(scan(far, 'courier@far', 'done').length, 1)
  t.equal(scan(near.tree, own, 'done').length, 1)
  for (const state of ['new', 'cur', 'open', 'dead'] as const)
    t.strictSame([...scan(far, 'courier@far', state), ...scan(near.tree, own, state)], [])
  t.notOk(hasAsks(near.tree, own))
})

t.test('a question that nobody answers in time is taken back', async (t) => {
  const { near, far } = besideIt(t, 'far')
  t.equal(await ping(near.tree, here, 'far', { ...wait, milliseconds: 60 }), undefined)
  t.notOk(hasAsks(near.tree, `courier@${near.tree.host}`))
  t.notOk(listSent(near.tree).some(({ kind }) => kind === 'query'))
  answerPings(far)
  t.strictSame(scan(far, 'courier@far', 'new'), [])
  t.strictSame(
    scan(far, 'courier@far', 'dead').map(({ kind }) => kind),
    ['query'],
  )
})

t.test('an answer that comes when its asker has died is filed', async (t) => {
  const { near, far } = besideIt(t, 'far')
  const own = `courier@${near.tree.host}`
  const stop = new AbortController()
  const asked = ping(near.tree, { ...here, start: 'another' }, 'far', { ...wait, signal: stop.signal })
  answerPings(far)
  answerPings(near.tree)
  t.notOk(hasAsks(near.tree, own))
  t.strictSame(scan(near.tree, own, 'new'), [])
  stop.abort()
  await asked.catch(() => undefined)
})

t.test('what else comes is checked and filed, and answered by nothing', (t) => {
  const { near, far } = besideIt(t, 'far')
  const to = 'courier@far'
  const send = (kind: Kind, from: string) => {
    const id = newId()
    const of = kind === 'query' || kind === 'notice' ? {} : { in_reply_to: id }
    const outcome = kind === 'reply' ? { outcome: 'answered' as const } : {}
    publish(near.tree, { spec: SPEC, id, kind, from, to, sent: timestamp(), ...of, ...outcome, body: 'x' })
    return fileName(id, kind)
  }
  const notice = send('notice', `backend@${near.tree.host}`)
  const reply = send('reply', `backend@${near.tree.host}`)
  const forged = send('query', 'backend@far')
  answerPings(far)
  t.equal(findMessage(far, to, notice), 'done')
  t.equal(findMessage(far, to, reply), 'dead', 'it was not asked')
  t.equal(findMessage(far, to, forged), 'dead', 'nobody of this host asks it')
  t.notOk(existsSync(join(far.root, 'inbox', 'backend@far')))
  t.end()
})

t.test('a host that is alone has no mailbox for its courier', (t) => {
  const { near, far } = besideIt(t, 'far')
  enrol(t, near, 'backend')
  t.strictSame(otherHosts(near.tree), [])
  t.notOk(hasCouriersMailbox(near.tree))
  t.notOk(existsSync(join(near.tree.root, messagePath(`courier@${near.tree.host}`, 'new', ''))))
  t.strictSame(otherHosts(far), [near.tree.host])
  t.ok(hasCouriersMailbox(far))
  t.ok(readdirSync(join(far.root, 'inbox', 'courier@far')).includes('new'))
  t.end()
})

t.test('nobody is called as the courier is', (t) => {
  const { near } = besideIt(t, 'far')
  const directory = join(near.dir, 'courier')
  const card = register(near.tree, { agent: 'other', process: here, directory })
  t.equal(card.address, `courier-1@${near.tree.host}`)
  t.equal(registerPerson(near.tree, 'courier', here, near.dir).address, `courier-2@${near.tree.host}`)
  t.throws(() => rename(near.tree, card, 'courier'), { code: 'name-taken' })
  t.end()
})

t.test('a host that was not allowed gets no answer, and its question is held', async (t) => {
  const { near, far } = besideIt(t, 'far', false)
  const asked = ping(near.tree, here, 'far', { ...wait, milliseconds: 300 })
  answerPings(far)
  t.equal(scan(far, 'courier@far', 'held').length, 1)
  t.equal(await asked, undefined)
  t.strictSame(scan(near.tree, `courier@${near.tree.host}`, 'new'), [])
})
