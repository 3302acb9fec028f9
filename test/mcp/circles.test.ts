// What an agent sees and reaches by its tools, where its user has put sessions into circles. mailbox-spec §5.6

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readCard } from '../../src/spool/cards.ts'
import { bundle, mailOf, makeWorld, until } from '../world.ts'
import { startPeer, stopCourier } from './client.ts'

const program = await bundle(t, new URL('peer.ts', import.meta.url))

t.test(
  'a session is in the circle of its environment or its directory, and sees and reaches that',
  async (t) => {
    const world = makeWorld(t)
    const { tree, dir, env } = world
    stopCourier(t, env)
    writeFileSync(
      join(tree.root, 'config.json'),
      JSON.stringify({ circles: { [join(dir, 'src', 'api')]: 'billing' } }),
    )
    const inBilling = { dir, env: { ...env, REPOWIRE_CIRCLE: 'Billing' } }
    const frontend = await startPeer(t, program, inBilling, 'frontend')
    await startPeer(t, program, world, 'api')
    const web = await startPeer(t, program, world, 'web')
    for (const name of ['frontend', 'api', 'web']) await until(() => readCard(tree, `${name}@laptop`))
    t.strictSame(
      ['frontend', 'api', 'web'].map((name) => readCard(tree, `${name}@laptop`)?.circle),
      ['billing', 'billing', undefined],
    )
    const seen = async (peer: typeof web) =>
      (await peer.call('list_peers')).split('\n').map((line) => line.split('@')[0])
    t.strictSame(await seen(frontend), ['api', 'frontend'])
    t.strictSame(await seen(web), ['web'])
    t.match(
      await frontend.call('whoami'),
      /^You are frontend@laptop, the agent of .*, in the circle billing\.$/,
    )
    const told = await frontend.call('ask_peer', { peer: 'web', question: 'x' })
    t.match(told, /^error: web@laptop is in no circle; yours is billing\..*\[other-circle\]$/)
    t.match(await frontend.call('broadcast', { message: 'x' }), /^In the inboxes of api@laptop\.$/)
    t.match(await frontend.call('notify_peer', { peer: 'api', message: 'x' }), /^In the inbox of api@laptop/)
    t.strictSame(mailOf(tree, 'web@laptop'), [])
  },
)
