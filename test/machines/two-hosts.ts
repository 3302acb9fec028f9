/** Two hosts that share one tree: `near` has it on its own disk, `far` over sshfs. Each has a state directory of its own on its own disk. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { pinHost } from '../../src/spool/allowed.ts'
import { isAsked } from '../../src/spool/asks.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { scan } from '../../src/spool/scan.ts'
import { ownPublicKey } from '../../src/spool/signing.ts'
import { openTree } from '../../src/spool/tree.ts'
import { watchForWaiter, watchMail } from '../../src/spool/watch.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { handOver } from '../../src/verbs/given.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { reply } from '../../src/verbs/reply.ts'
import { enrol, here, makeDir, type World } from '../world.ts'
import { startSshd } from './sshfs.ts'

export type TwoHosts = { near: World; far: World }

/** `options`: those of the mount. Everything is ended and removed with the test. */
export async function makeTwoHosts(t: Test, ...options: string[]): Promise<TwoHosts> {
  const dir = makeDir(t)
  const [near, far] = ['near', 'far'].map((host) => join(dir, host)) as [string, string]
  for (const host of [near, far]) mkdirSync(join(host, 'root'), { recursive: true, mode: 0o700 })
  const sshd = await startSshd()
  t.teardown(sshd.close)
  await sshd.mount(join(near, 'root'), join(far, 'root'), ...options)
  const worlds = { near: worldOf(near, 'near'), far: worldOf(far, 'far') }
  allowEachOther([worlds.near, worlds.far])
  return worlds
}

/** Each takes the mail of every other. */
export function allowEachOther(worlds: World[]): void {
  for (const { tree } of worlds)
    for (const other of worlds.filter((world) => world.tree.host !== tree.host))
      pinHost(tree, { host: other.tree.host, host_id: '', key: ownPublicKey(other.tree) })
}

/** A host with this directory to itself: its state, and its replica of the root where none is given. */
export function worldOf(dir: string, label: string, root = join(dir, 'root')): World {
  const state = join(dir, 'state')
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const host_id = Buffer.from(label).toString('hex').padEnd(32, '0')
  writeFileSync(join(state, 'host.json'), JSON.stringify({ label, host_id }), { mode: 0o600 })
  const env = { REPOWIRE_HOME: root, REPOWIRE_STATE: state }
  return { dir, env, tree: openTree(env) }
}

/** A peer that answers what it is asked as soon as its host's watch tells of it. */
export async function answerer(t: Test, world: World, name: string): Promise<Card> {
  const card = enrol(t, world, name)
  const answerAll = () => {
    for (const { id, kind, body } of takeInbox(world.tree, card, false))
      if (kind === 'query') reply(world.tree, card.address, id, `${body}: yes`)
  }
  const watch = watchMail(world.tree, [card.address], answerAll)
  t.teardown(watch.close)
  await watch.ready
  return card
}

export type Exchanged = { id: string; body: string; ms: number }

/** Asks as this process, waits, and returns the answer and how long it took in ms. `asked` is told the id. */
export async function exchange(
  world: World,
  me: Card,
  peer: string,
  body: string,
  asked = (_id: string) => {},
): Promise<Exchanged> {
  const hints = makeHints()
  const watch = watchForWaiter(world.tree, me.address, hints.poke)
  const start = performance.now()
  const { id } = ask(world.tree, me.address, here, { peer, body })
  asked(id)
  const answer = await awaitReply(world.tree, me.address, here, id, { milliseconds: 60_000, hints })
  const ms = performance.now() - start
  await watch.close()
  handOver(world.tree, me, id, 'shell')
  return { id, body: answer?.body ?? 'no answer', ms }
}

/** What is left of the mail of these peers that is not over. */
export function leftOver({ tree }: World, ...peers: Card[]): string[] {
  const states = ['new', 'cur', 'open', 'dead', 'held'] as const
  return peers.flatMap(({ address }) =>
    states.flatMap((state) =>
      scan(tree, address, state).map(({ file, id }) => `${state}/${file} ${isAsked(tree, address, id)}`),
    ),
  )
}
