/** Publishing, and each move on its own. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Kind, State } from '../../../src/protocol/layout.ts'
import type { Outcome } from '../../../src/protocol/message.ts'
import { lay, message } from '../../world.ts'
import type { Town } from '../acts/town.ts'
import type { ActName } from '../acts.ts'
import { makeTown } from '../cast.ts'
import type { Scenario } from '../scenario.ts'
import { doing } from '../successors.ts'

/** Somebody moves a message that lies in this state; a query that ends has its reply already. */
function move(act: ActName, state: State, kind: Kind, outcome?: Outcome): Scenario {
  return {
    who: `who is to ${act}`,
    act,
    prepare: (t, cast) => {
      const town = makeTown(t, cast, { about: { kind } })
      lay(town.tree, state, town.message)
      if (outcome !== undefined) lay(town.tree, 'new', replyTo(town, outcome))
      return town
    },
    next: [doing(act)],
  }
}

export function replyTo({ message: { id, from, to } }: Town, outcome: Outcome = 'answered') {
  return message({ id, kind: 'reply', from: to, to: from, outcome, body: 'On port 8080.' })
}

function publishing(who: string, spoil: (town: Town) => void): Scenario {
  return {
    who,
    act: 'publish',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      spoil(town)
      return town
    },
    next: [doing('publish')],
  }
}

const remove = (path: string) => (town: Town) => rmSync(join(town.dir, path), { recursive: true })

export const moving: Scenario[] = [
  publishing('a sender', () => {}),
  publishing('a sender whose tmp/ is missing', remove('root/tmp/laptop')),
  publishing('a sender to a mailbox that lost its new/', remove('root/inbox/backend@laptop/new')),
  {
    who: 'a sender whose name another sender has taken',
    act: 'link a name that is taken',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      lay(town.tree, 'new', town.message)
      writeFileSync(join(town.tree.root, 'tmp/laptop/other'), 'another text', { mode: 0o600 })
      return town
    },
    looks: true,
    next: [],
  },
  move('claim', 'new', 'query'),
  move('give a query', 'cur', 'query'),
  move('give an unclaimed query', 'new', 'query'),
  move('finish', 'cur', 'notice'),
  move('finish what is unclaimed', 'new', 'notice'),
  move('put back', 'cur', 'notice'),
  move('close a query', 'open', 'query', 'answered'),
  move('bury', 'open', 'query', 'gone'),
]
