/** Who gives a peer its mail, and the hooks that see it given. */

import type { Test } from 'tap'
import type { Message } from '../../../src/protocol/message.ts'
import { blockOn, forgetAsk, goLate } from '../../../src/spool/asks.ts'
import { noteMode } from '../../../src/spool/modes.ts'
import { holdBack } from '../../../src/spool/moves.ts'
import { lay, message, place } from '../../world.ts'
import type { Town } from '../acts/town.ts'
import { mailOf } from '../acts/town.ts'
import { type Cast, id, makeTown, over, rest } from '../cast.ts'
import type { Scenario } from '../scenario.ts'
import { courier, courierAlone, doing, inTurn } from '../successors.ts'

const atRest = (t: Test, cast: Cast, about: Partial<Message> = {}) => {
  const town = makeTown(t, cast, { about })
  return { ...town, peer: rest(town, town.peer) }
}

/** A message is on its way into the terminal of `backend`. */
function typed(t: Test, cast: Cast, about: Partial<Message> = {}): Town {
  const town = atRest(t, cast, about)
  const { tree, me, peer, message } = town
  lay(tree, 'cur', message)
  if (message.kind === 'query')
    blockOn(tree, me.address, { id: message.id, to: peer.address, process: over(1), since: '' })
  return town
}

/** The answer to a question of `backend` that nobody waits for any more. */
function lateReply(town: Town, of: string): void {
  const [from, to] = [town.me.address, town.peer.address]
  lay(town.tree, 'done', message({ id: of, from: to, to: from }))
  blockOn(town.tree, to, { id: of, to: from, process: over(1), since: '' })
  goLate(town.tree, to, of)
}

const LATE = { kind: 'reply', from: 'frontend@laptop', to: 'backend@laptop' } as const

function mixedMail(town: Town): Town {
  lay(town.tree, 'new', town.message)
  lay(town.tree, 'new', message({ id: id(1), kind: 'notice' }))
  lay(town.tree, 'new', message({ id: id(2), ...LATE }))
  lateReply(town, id(2))
  return town
}

/** A message is held for the user of `backend`, which bypasses permissions. */
function held(t: Test, cast: Cast, about: Partial<Message> = {}): Town {
  const town = bypassing(t, cast, about)
  lay(town.tree, 'new', town.message)
  holdBack(town.tree, town.peer.address, mailOf(town.message).file)
  return town
}

function bypassing(t: Test, cast: Cast, about: Partial<Message> = {}): Town {
  const town = makeTown(t, cast, { about })
  noteMode(town.tree, town.peer.process, 'bypassPermissions', () => false)
  return town
}

export const receiving: Scenario[] = [
  {
    who: 'a hook that tells of another mode',
    act: 'note a mode',
    prepare: bypassing,
    next: [doing('note a mode')],
  },
  {
    who: 'a server that finds mail of one with limits',
    act: 'take the mail without hooks',
    prepare: (t, cast) => {
      const town = bypassing(t, cast)
      lay(town.tree, 'new', town.message)
      return town
    },
    next: [courierAlone],
  },
  {
    who: 'a person who approves a question',
    act: 'approve what is held',
    prepare: (t, cast) => held(t, cast),
    next: [doing('approve what is held'), courier],
  },
  {
    who: 'a person who refuses a question',
    act: 'refuse what is held',
    prepare: (t, cast) => held(t, cast),
    next: [doing('refuse what is held'), courier],
  },
  {
    who: 'a person who refuses a notice',
    act: 'refuse what is held',
    prepare: (t, cast) => held(t, cast, { kind: 'notice' }),
    next: [doing('refuse what is held'), courier],
  },
  {
    who: 'a courier that is asked itself',
    act: "answer the courier's mail",
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      const to = 'courier@laptop'
      lay(town.tree, 'new', message({ id: id(3), from: town.me.address, to }))
      blockOn(town.tree, town.me.address, { id: id(3), to, process: cast.asker, since: '' })
      return town
    },
    next: [doing("answer the courier's mail")],
  },
  {
    who: 'a hook that tells of quiet notices',
    act: 'tell of waiting notices',
    prepare: (t, cast) => {
      const town = makeTown(t, cast, { about: { kind: 'notice', wake: false } })
      lay(town.tree, 'new', town.message)
      return town
    },
    next: [doing('tell of waiting notices')],
  },
  {
    who: 'a hook that sees a question in a prompt',
    act: 'see a prompt',
    prepare: (t, cast) => typed(t, cast),
    next: [doing('see a prompt'), courier],
  },
  {
    who: 'a hook that sees the follow-up of a question in a prompt',
    act: 'see a prompt',
    prepare: (t, cast) => {
      const town = typed(t, cast, { in_reply_to: id(1) })
      const [from, to] = [town.peer.address, town.me.address]
      lay(town.tree, 'done', message({ id: id(1) }))
      lay(town.tree, 'done', message({ id: id(1), kind: 'reply', from, to }))
      return town
    },
    next: [doing('see a prompt'), courier],
  },
  {
    who: 'a hook that sees a notice in a prompt',
    act: 'see a prompt',
    prepare: (t, cast) => typed(t, cast, { kind: 'notice' }),
    next: [doing('see a prompt'), courier],
  },
  {
    who: 'a hook that sees a late answer in a prompt',
    act: 'see a prompt',
    prepare: (t, cast) => {
      const town = typed(t, cast, LATE)
      lateReply(town, town.message.id)
      return town
    },
    next: [doing('see a prompt'), courier],
  },
  {
    who: 'a hook that sees an answer in the result of a tool',
    act: 'see a result',
    prepare: (t, cast) => {
      const town = typed(t, cast, LATE)
      lay(town.tree, 'done', message({ id: town.message.id, from: 'backend@laptop', to: 'frontend@laptop' }))
      return town
    },
    next: [doing('see a result')],
  },
  {
    who: 'a server that hands over the mail',
    act: 'take the mail',
    prepare: (t, cast) => mixedMail(atRest(t, cast)),
    next: [courier],
  },
  {
    who: 'a server that hands over the mail of a client without hooks',
    act: 'take the mail without hooks',
    prepare: (t, cast) => mixedMail(makeTown(t, cast)),
    next: [inTurn(courier, doing('take the mail without hooks'))],
  },
  {
    who: 'a courier that obeys a cancel',
    act: 'obey a cancel',
    prepare: (t, cast) => {
      const town = makeTown(t, cast, { about: { kind: 'cancel' } })
      lay(town.tree, 'new', message())
      lay(town.tree, 'new', town.message)
      forgetAsk(town.tree, town.me.address, town.message.id)
      return town
    },
    next: [courierAlone],
  },
  {
    who: 'a courier that refuses what it cannot read',
    act: 'refuse',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      place(town.tree, town.peer.address, 'new', mailOf(town.message).file, '{"from":"frontend@laptop"}')
      return town
    },
    next: [doing('refuse'), courier],
  },
  {
    who: 'a courier that files an answer that nobody wants',
    act: 'file what nobody wants',
    prepare: (t, cast) => {
      const town = makeTown(t, cast, { about: LATE })
      lay(town.tree, 'new', town.message)
      lay(town.tree, 'done', message({ from: 'backend@laptop', to: 'frontend@laptop' }))
      return town
    },
    next: [courierAlone],
  },
]
