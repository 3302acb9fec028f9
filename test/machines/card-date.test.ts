// Syncthing gives a file the time of another version of it, without a look at what is there: a card that was replaced meanwhile would be overlooked for ever.

import { statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readCard, replaceCard } from '../../src/spool/cards.ts'
import { enrol, here, type World } from '../world.ts'
import { makeSynced, startCouriers } from './synced.ts'
import { type Node, settled, until, withoutSyncthing } from './syncthing.ts'

const LONG_AGO = new Date('2026-01-01T00:00:00Z')

/** What this node believes of a file without looking at it. */
async function believed(node: Node, file: string): Promise<number> {
  const query = `folder=${node.folder}&file=${encodeURIComponent(file)}`
  const { local } = (await node.call('GET', `/rest/db/file?${query}`)) as { local: { modified: string } }
  return Date.parse(local.modified)
}

t.test(
  'a card that was replaced while Syncthing put back its date reaches the other host',
  { skip: withoutSyncthing() },
  async (t) => {
    const { worlds, nodes } = await makeSynced(t, ['a', 'b'], { more: { fsWatcherEnabled: false } })
    const [[near, far], [nodeOfNear, nodeOfFar]] = [worlds as [World, World], nodes as [Node, Node]]
    for (const { tree } of worlds) writeFileSync(join(tree.root, '.stignore'), '/tmp\n')
    startCouriers(t, [near])
    const card = enrol(t, near, 'api')
    const file = `peers/${card.address}.json`
    await settled(nodes)
    await until('both have the card', () => readCard(far.tree, card.address) !== undefined)
    utimesSync(join(far.tree.root, file), LONG_AGO, LONG_AGO)
    replaceCard(near.tree, { ...card, process: here, registered: new Date().toISOString() })
    await nodeOfFar.rescan()
    const isPutBack = async () => (await believed(nodeOfNear, file)) === LONG_AGO.getTime()
    await until('the date is put back', isPutBack)
    const dated = () => statSync(join(near.tree.root, file)).mtimeMs
    await until('the courier has dated it anew', () => dated() > LONG_AGO.getTime())
    await nodeOfNear.rescan()
    const isThere = () => readCard(far.tree, card.address)?.process.pid === here.pid
    await until('the other host has the new card', isThere)
    t.strictSame(readCard(far.tree, card.address), readCard(near.tree, card.address))
  },
)
