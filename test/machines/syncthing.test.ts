// A question between two hosts whose replicas a real Syncthing keeps the same.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { cardPath } from '../../src/protocol/layout.ts'
import { ping } from '../../src/verbs/ping.ts'
import { enrol, here } from '../world.ts'
import { makeSynced, startCouriers } from './synced.ts'
import { settled, until, withoutSyncthing } from './syncthing.ts'
import { answerer, exchange, leftOver } from './two-hosts.ts'

t.setTimeout(120_000)
const skip = withoutSyncthing()

/** A node that looks at nothing by itself for an hour: what crosses does so because it was told of. */
const BLIND = { fsWatcherEnabled: false, rescanIntervalS: 3600 }

t.test('a question crosses two nodes because the couriers tell them of it', { skip }, async (t) => {
  const { worlds, nodes } = await makeSynced(t, ['alpha', 'beta'], { nudged: true, more: BLIND })
  const [alpha, beta] = worlds as [(typeof worlds)[0], (typeof worlds)[0]]
  const me = enrol(t, alpha, 'asker', { process: here })
  const peer = await answerer(t, beta, 'backend')
  await settled(nodes)
  startCouriers(t, worlds)
  await until('alpha knows its peer', () => existsSync(join(alpha.tree.root, cardPath(peer.address))))
  const times: number[] = []
  for (let n = 0; n < 5; n += 1) {
    const { body, ms } = await exchange(alpha, me, peer.address, `question ${n}`)
    t.equal(body, `question ${n}: yes`)
    times.push(Math.round(ms))
  }
  t.comment(`ms: ${times.join(' ')}`)
  await settled(nodes)
  t.strictSame(leftOver(alpha, me), [])
  t.strictSame(leftOver(beta, peer), [])
  t.strictSame(
    readdirSync(alpha.tree.root, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.includes('conflict'),
    ),
    [],
  )
})

t.test('the courier of the other host answers whether mail reaches it', { skip }, async (t) => {
  const { worlds, nodes } = await makeSynced(t, ['alpha', 'beta'], { nudged: true, more: BLIND })
  const [alpha, beta] = worlds as [(typeof worlds)[0], (typeof worlds)[0]]
  enrol(t, alpha, 'frontend', { process: here })
  enrol(t, beta, 'backend', { process: here })
  await settled(nodes)
  startCouriers(t, worlds)
  for (const { tree } of worlds)
    for (const host of ['alpha', 'beta'])
      await until(`${tree.host} knows the mailbox of ${host}'s courier`, async () => {
        await Promise.all(nodes.map((node) => node.rescan()))
        return existsSync(join(tree.root, `inbox/courier@${host}/asks`))
      })
  const signal = new AbortController().signal
  const times: number[] = []
  for (let n = 0; n < 5; n += 1) {
    const pong = await ping(alpha.tree, here, 'beta', { milliseconds: 20_000, signal })
    t.equal(pong?.outcome, 'answered')
    times.push(pong?.ms ?? Number.POSITIVE_INFINITY)
  }
  t.comment(`ms: ${times.join(' ')}`)
})
