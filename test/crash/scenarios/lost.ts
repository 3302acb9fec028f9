/** A tree that was rolled back. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { State } from '../../../src/protocol/layout.ts'
import { formatMessage } from '../../../src/protocol/message.ts'
import { blockOn, forgetAsk } from '../../../src/spool/asks.ts'
import { removeCard } from '../../../src/spool/cards.ts'
import { writeGrant } from '../../../src/spool/grants.ts'
import { type Event, record } from '../../../src/spool/journal.ts'
import { publish } from '../../../src/spool/publish.ts'
import { lay, said } from '../../world.ts'
import type { Town } from '../acts/town.ts'
import { makeTown } from '../cast.ts'
import type { Scenario } from '../scenario.ts'
import { doing } from '../successors.ts'

function returning(state: State, event: Event, more: object = {}): Scenario {
  return {
    who: `a courier that finds a query in ${state}/ that the journal has as ${event}`,
    act: 'put what came back in its place',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      lay(town.tree, state, town.message)
      said(town.tree, event, town.peer.address, town.message.id, more)
      return town
    },
    next: [doing('put what came back in its place')],
  }
}

const grantOf = ({ message }: Town) => ({
  ...{ id: message.id, offset: 0, alone: true, reminded: false },
  query: formatMessage(message),
})

export const lost: Scenario[] = [
  returning('new', 'given'),
  returning('cur', 'given'),
  returning('open', 'replied', { to: 'frontend@laptop', outcome: 'answered', by: 'stop', body: '8080.' }),
  {
    who: 'a courier that misses a query that was given',
    act: 'put what came back in its place',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      writeGrant(town.tree, grantOf(town))
      record(town.tree, 'given', town.peer.address, town.message.id)
      return town
    },
    next: [doing('put what came back in its place')],
  },
  {
    who: 'a courier that misses a query that its host has sent',
    act: 'publish again what is lost',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      const { tree, me, peer, message } = town
      blockOn(tree, me.address, { id: message.id, to: peer.address, process: cast.asker, since: '' })
      publish(tree, message)
      record(tree, 'asked', me.address, message.id)
      rmSync(join(tree.root, `inbox/${peer.address}/new/${message.id}.query.json`))
      forgetAsk(tree, me.address, message.id)
      return town
    },
    next: [doing('publish again what is lost')],
  },
  {
    who: 'a courier that misses a card',
    act: 'keep the cards',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      removeCard(town.tree, town.peer.address)
      const copy = `${town.peer.address}.sync-conflict-20261122-094012-6TBEYXB.json`
      writeFileSync(join(town.tree.root, 'peers', copy), `${JSON.stringify(town.peer)}\n`, { mode: 0o600 })
      return town
    },
    next: [doing('keep the cards')],
  },
]
