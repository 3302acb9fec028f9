/** Who edits what belongs to others, holds a lock, or only looks. */

import { symlinkSync, writeFileSync } from 'node:fs'
import { blockOn } from '../../../src/spool/asks.ts'
import { writeFields } from '../../../src/spool/config.ts'
import { inState } from '../../../src/spool/tree.ts'
import { lay } from '../../world.ts'
import { settingsOf, type Town } from '../acts/town.ts'
import { makeTown } from '../cast.ts'
import type { Scenario } from '../scenario.ts'
import { doing } from '../successors.ts'

function editing(
  who: string,
  act: 'edit a file of others' | 'remove a file of others',
  lie: (town: Town) => void,
) {
  const prepare: Scenario['prepare'] = (t, cast) => {
    const town = makeTown(t, cast)
    lie(town)
    return town
  }
  return { who, act, prepare, next: [doing(act)] }
}

const write = (town: Town) => writeFileSync(settingsOf(town), '"before"')

/** config.json has a key of ours, and one of another program. */
const configured: Scenario['prepare'] = (t, cast) => {
  const town = makeTown(t, cast)
  writeFields(town.tree, { chain_depth: 5, x_mine: [1] })
  return town
}

export const others: Scenario[] = [
  { who: 'who sets the first key', act: 'set a key', prepare: makeTown, next: [doing('set a key')] },
  { who: 'who sets another key', act: 'set a key', prepare: configured, next: [doing('set a key')] },
  { who: 'who takes a key out', act: 'take a key out', prepare: configured, next: [doing('take a key out')] },
  editing('who edits a file of others', 'edit a file of others', write),
  editing('who edits a file that is not there yet', 'edit a file of others', () => {}),
  editing('who edits a file behind a link to nowhere', 'edit a file of others', (town) =>
    symlinkSync('elsewhere.json', settingsOf(town)),
  ),
  editing('who removes a file of others', 'remove a file of others', write),
  { who: 'who holds a lock', act: 'hold a lock', prepare: makeTown, next: [doing('hold a lock')] },
  {
    who: 'who empties a file that another process appends to',
    act: 'empty a file',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      writeFileSync(inState(town.tree, 'courier.stderr'), 'last words', { mode: 0o600 })
      return town
    },
    next: [doing('empty a file')],
  },
  {
    who: 'who uses a directory of its own',
    act: 'use a directory of its own',
    prepare: makeTown,
    looks: true,
    next: [],
  },
  {
    who: 'who looks at the tree',
    act: 'look at the tree',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      const { tree, me, peer, message } = town
      lay(tree, 'open', message)
      blockOn(tree, me.address, { id: message.id, to: peer.address, process: cast.asker, since: '' })
      return town
    },
    looks: true,
    next: [],
  },
  { who: 'who looks around', act: 'look around', prepare: makeTown, looks: true, next: [] },
]
