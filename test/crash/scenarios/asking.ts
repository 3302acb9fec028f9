/** Who asks, waits and tells. */

import type { Test } from 'tap'
import type { State } from '../../../src/protocol/layout.ts'
import { blockOn, forgetAsk, goLate } from '../../../src/spool/asks.ts'
import { enrol, lay, message } from '../../world.ts'
import type { Town } from '../acts/town.ts'
import { type Cast, id, makeTown, over, rest } from '../cast.ts'
import type { Scenario } from '../scenario.ts'
import { courier, doing, heir, inTurn } from '../successors.ts'
import { replyTo } from './moving.ts'

/** The question stands, and its asker lives; who waited for the answer is over. */
function asked(t: Test, cast: Cast, { me = cast.asker, state = 'open' as State } = {}): Town {
  const town = makeTown(t, cast, { me: { process: me } })
  lay(town.tree, state, town.message)
  wait(town, town.message.id)
  return town
}

function wait({ tree, me, peer }: Town, id: string): void {
  blockOn(tree, me.address, { id, to: peer.address, process: over(1), since: '' })
}

function answered(t: Test, cast: Cast): Town {
  const town = asked(t, cast, { state: 'done' })
  lay(town.tree, 'new', replyTo(town))
  return town
}

const alone = (t: Test, cast: Cast) => makeTown(t, cast, { me: { process: over(1) } })

export const asking: Scenario[] = [
  {
    who: 'a peer that asks',
    act: 'ask',
    prepare: alone,
    next: [courier, heir],
  },
  {
    who: 'a peer that follows up a question',
    act: 'ask on',
    prepare: (t, cast) => {
      const town = alone(t, cast)
      lay(town.tree, 'done', town.message)
      lay(town.tree, 'done', replyTo(town))
      return town
    },
    next: [courier],
  },
  {
    who: 'a server whose answer is there',
    act: 'wait for a reply',
    prepare: (t, cast) => {
      const town = answered(t, cast)
      return { ...town, me: rest(town, town.me) }
    },
    next: [inTurn(doing('wait for a reply'), courier, doing('wait for a reply')), courier],
  },
  {
    who: 'a server that waits in vain',
    act: 'wait for a reply',
    prepare: (t, cast) => asked(t, cast, { me: over(1) }),
    next: [heir, doing('wait for a reply')],
  },
  {
    who: 'a server that waits again',
    act: 'wait for a reply',
    prepare: (t, cast) => {
      const town = asked(t, cast, { me: over(1) })
      goLate(town.tree, town.me.address, town.message.id)
      return town
    },
    next: [heir, doing('wait for a reply')],
  },
  {
    who: 'a server that is asked by whom it waits for',
    act: 'wait and be asked',
    prepare: (t, cast) => {
      const town = asked(t, cast)
      const [from, to] = [town.peer.address, town.me.address]
      blockOn(town.tree, from, { id: id(1), to, process: cast.peer, since: '' })
      lay(town.tree, 'new', message({ id: id(1), from, to }))
      return town
    },
    next: [doing('wait and be asked')],
  },
  {
    who: 'a peer that takes its question back',
    act: 'cancel',
    prepare: (t, cast) => asked(t, cast, { me: over(1), state: 'new' }),
    between: [({ tree }) => lay(tree, 'new', message({ kind: 'cancel' }))],
    next: [inTurn(doing('cancel'), courier), courier],
  },
  { who: 'a peer that tells something', act: 'notify', prepare: alone, next: [courier] },
  {
    who: 'a peer that tells everybody',
    act: 'broadcast',
    prepare: (t, cast) => {
      const town = alone(t, cast)
      enrol(t, town, 'web', { process: cast.third })
      return town
    },
    next: [doing('broadcast')],
  },
  {
    who: 'a courier that will bring an answer as mail',
    act: 'call a reply late',
    prepare: (t, cast) => {
      const town = answered(t, cast)
      forgetAsk(town.tree, town.me.address, town.message.id)
      return town
    },
    next: [doing('call a reply late')],
  },
]
