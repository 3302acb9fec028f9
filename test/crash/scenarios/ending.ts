/** Who ends a question: its answer, the end of the turn that had it, and the end of its process. */

import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { blockOn } from '../../../src/spool/asks.ts'
import { createCard, replaceCard } from '../../../src/spool/cards.ts'
import { type Grant, rememberAnswer, writeGrant } from '../../../src/spool/grants.ts'
import { makeMailbox } from '../../../src/spool/publish.ts'
import { lay, message } from '../../world.ts'
import type { Town } from '../acts/town.ts'
import { type Cast, id, makeTown, over } from '../cast.ts'
import type { Scenario } from '../scenario.ts'
import { courier, courierAlone, doing, heir } from '../successors.ts'

/** A question that the agent was given as the only prompt of its turn. */
function given(t: Test, cast: Cast, more: Partial<Grant> = {}, process = cast.peer): Town {
  const town = makeTown(t, cast, { peer: { process } })
  lay(town.tree, 'open', town.message)
  const grant = { id: town.message.id, transcript: 'transcript', offset: 0, alone: true, reminded: false }
  writeGrant(town.tree, { ...grant, ...more })
  return town
}

/** The agent has answered, and a task that it began for the question still runs. */
const heldFor = (t: Test, cast: Cast) => given(t, cast, { held: { text: 'On port 8080.', since: 1 } })

/** The last turn answered a question, and would amend the answer if it went on. */
function amendable(t: Test, cast: Cast): Town {
  const town = makeTown(t, cast)
  const { tree, me, peer, message } = town
  const grant = { id: message.id, offset: 0, alone: true, reminded: false }
  const answer = { grant, from: peer.address, to: me.address, question: message.body, text: 'On port 8080.' }
  rememberAnswer(tree, peer.process.pid, answer)
  return town
}

/** The peer has another name, and whoever gave it was killed before the mail had moved. */
function halfRenamed(t: Test, cast: Cast): Town {
  const town = given(t, cast, {}, over(1))
  const { tree, peer } = town
  const api = {
    ...peer,
    address: 'api@laptop',
    formerly: peer.address,
    registered: '2131-01-01T00:00:00.000Z',
  }
  makeMailbox(tree, api.address)
  createCard(tree, api)
  replaceCard(tree, { ...peer, renamed: api.address, registered: api.registered })
  return { ...town, peer: api }
}

/** What a process may leave behind when it ends. */
export function leftBehind(t: Test, cast: Cast): Town {
  const town = given(t, cast, {}, over(1))
  const { tree, me, peer } = town
  lay(tree, 'new', message({ id: id(1) }))
  lay(tree, 'cur', message({ id: id(2) }))
  lay(tree, 'cur', message({ id: id(3), kind: 'notice' }))
  lay(tree, 'open', message({ id: id(4), from: peer.address, to: me.address }))
  blockOn(tree, peer.address, { id: id(4), to: me.address, process: peer.process, since: '' })
  lay(tree, 'cur', message({ id: id(5), kind: 'reply', from: me.address, to: peer.address }))
  return town
}

export const ending: Scenario[] = [
  {
    who: 'a server that answers',
    act: 'reply',
    prepare: (t, cast) => given(t, cast, {}, over(1)),
    next: [doing('reply'), heir],
  },
  {
    who: 'a server that answers while its peer gets another name',
    act: 'reply',
    prepare: halfRenamed,
    next: [doing('reply'), courier],
  },
  {
    who: 'a hook that answers with the text of a turn',
    act: 'end a turn',
    prepare: (t, cast) => given(t, cast, {}, over(1)),
    next: [doing('end a turn'), heir],
  },
  {
    who: 'a hook that reminds the agent of what it owes',
    act: 'end a mixed turn',
    prepare: (t, cast) => given(t, cast),
    next: [doing('reply')],
  },
  {
    who: 'a hook that gives up after its reminder',
    act: 'end a mixed turn',
    prepare: (t, cast) => given(t, cast, { reminded: true }),
    next: [doing('end a mixed turn')],
  },
  {
    who: 'a hook of a turn that failed',
    act: 'fail a turn',
    prepare: (t, cast) => given(t, cast),
    next: [doing('fail a turn')],
  },
  {
    who: 'a courier that finds a turn interrupted',
    act: 'interrupt',
    prepare: (t, cast) => given(t, cast),
    next: [doing('interrupt')],
  },
  {
    who: 'a hook of a turn that begins after an answer',
    act: 'begin a turn',
    prepare: amendable,
    next: [doing('begin a turn')],
  },
  {
    who: 'a hook of a turn that a task has begun',
    act: 'begin a turn of a task',
    prepare: heldFor,
    next: [doing('begin a turn of a task')],
  },
  {
    who: 'a hook that holds an answer',
    act: 'hold an answer',
    prepare: (t, cast) => given(t, cast),
    next: [doing('hold an answer')],
  },
  {
    who: 'a courier that publishes what was held for too long',
    act: 'publish a held answer',
    prepare: heldFor,
    next: [courierAlone],
  },
  {
    who: 'a hook of a session that ends while an answer is held',
    act: 'end a session',
    prepare: heldFor,
    next: [doing('end a session')],
  },
  {
    who: 'a courier that ends what waited too long',
    act: 'expire',
    prepare: (t, cast) => {
      const town = makeTown(t, cast, { about: { ttl_seconds: 1 } })
      const file = lay(town.tree, 'new', town.message)
      utimesSync(join(town.tree.root, 'inbox/backend@laptop/new', file), 1, 1)
      return town
    },
    next: [doing('expire')],
  },
  {
    who: 'a courier that settles what a process left behind',
    act: 'settle',
    prepare: leftBehind,
    next: [courierAlone],
  },
  {
    who: 'a hook that says that its process leaves',
    act: 'leave',
    prepare: (t, cast) => given(t, cast, {}, over(1)),
    next: [courierAlone],
  },
]
