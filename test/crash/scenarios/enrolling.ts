/** Who makes the tree, registers, and keeps it in order. */

import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { blockOn } from '../../../src/spool/asks.ts'
import { winTakeOver } from '../../../src/spool/cards.ts'
import { writeGrant } from '../../../src/spool/grants.ts'
import { pause } from '../../../src/spool/pause.ts'
import { registerPerson } from '../../../src/verbs/register-person.ts'
import { rename } from '../../../src/verbs/rename.ts'
import { enrol, lay, message } from '../../world.ts'
import type { Town } from '../acts/town.ts'
import { type Cast, id, makeTown, over } from '../cast.ts'
import type { Scenario } from '../scenario.ts'
import { courier, doing, heir, inTurn } from '../successors.ts'
import { leftBehind } from './ending.ts'
import { replyTo } from './moving.ts'

/** `backend` is in no card, and its directory is there. */
function unknown(t: Test, cast: Cast): Town {
  const town = makeTown(t, cast)
  for (const path of ['root/peers/backend@laptop.json', 'root/inbox/backend@laptop', 'state/by-pid'])
    rmSync(join(town.dir, path), { recursive: true })
  return town
}

/** Another directory has the name. */
function taken(t: Test, cast: Cast): Town {
  const town = makeTown(t, cast)
  mkdirSync(join(town.me.directory, 'backend/.git'), { recursive: true })
  return town
}

function littered(t: Test, cast: Cast): Town {
  const town = makeTown(t, cast)
  for (const file of ['root/tmp/laptop/1-a-1', 'state/given/x.json.1-a-1.tmp', 'state/typing/x.txt']) {
    mkdirSync(join(town.dir, file, '..'), { recursive: true, mode: 0o700 })
    writeFileSync(join(town.dir, file), 'x', { mode: 0o600 })
    utimesSync(join(town.dir, file), 1, 1)
  }
  return town
}

/** Mail in every state in which it is on its way. */
function mailed(t: Test, cast: Cast): Town {
  const town = makeTown(t, cast)
  const { tree, me, peer } = town
  lay(tree, 'open', town.message)
  lay(tree, 'cur', message({ id: id(1), kind: 'notice' }))
  lay(tree, 'new', message({ id: id(2) }))
  lay(tree, 'open', message({ id: id(3), from: peer.address, to: me.address }))
  blockOn(tree, peer.address, { id: id(3), to: me.address, process: over(1), since: '' })
  return town
}

/** An exchange that is over, a peer that has left, and what a crash may have left in the state directory. */
function archived(t: Test, cast: Cast): Town {
  const town = makeTown(t, cast)
  lay(town.tree, 'done', town.message)
  lay(town.tree, 'done', replyTo(town))
  enrol(t, town, 'web', { process: over(1) })
  writeGrant(town.tree, { id: town.message.id, offset: 0, alone: true, reminded: false })
  return town
}

export const enrolling: Scenario[] = [
  {
    who: 'the first program of all',
    act: 'open the tree',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      rmSync(town.tree.root, { recursive: true })
      rmSync(town.tree.state, { recursive: true })
      return town
    },
    next: [doing('open the tree')],
  },
  {
    who: 'a process that registers for the first time',
    act: 'register',
    prepare: unknown,
    next: [doing('register')],
  },
  {
    who: 'a process whose name is taken',
    act: 'register elsewhere under that name',
    prepare: taken,
    next: [doing('register elsewhere under that name')],
  },
  {
    who: 'a process that takes a name over',
    act: 'register',
    prepare: leftBehind,
    next: [heir],
  },
  {
    who: 'a process that takes a name over from one that died doing so',
    act: 'register',
    prepare: (t, cast) => {
      const town = makeTown(t, cast, { peer: { process: over(1) } })
      winTakeOver(town.tree, town.peer, over(2))
      return town
    },
    next: [heir],
  },
  {
    who: 'a hook that completes a card',
    act: 'complete a card',
    prepare: makeTown,
    next: [doing('complete a card')],
  },
  {
    who: "a person's shell",
    act: 'register a person',
    prepare: makeTown,
    next: [doing('register a person')],
  },
  {
    who: 'the second shell of a person',
    act: 'register a person',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      registerPerson(town.tree, 'ada', over(1), town.dir)
      return town
    },
    next: [doing('register a person')],
  },
  {
    who: 'who gives a peer another name',
    act: 'rename',
    prepare: mailed,
    next: [courier, inTurn(doing('rename'), courier)],
  },
  {
    who: 'who gives a peer its former name',
    act: 'rename back',
    prepare: (t, cast) => {
      const town = mailed(t, cast)
      return { ...town, peer: rename(town.tree, town.peer, 'api') }
    },
    next: [courier, inTurn(doing('rename back'), courier)],
  },
  { who: 'who pauses a peer', act: 'pause', prepare: makeTown, next: [doing('pause')] },
  {
    who: 'who resumes a peer',
    act: 'resume',
    prepare: (t, cast) => {
      const town = makeTown(t, cast)
      pause(town.tree, town.peer.address, { since: '', by: town.me.address })
      return town
    },
    next: [doing('resume')],
  },
  {
    who: 'a courier that removes what is over',
    act: 'collect what is over',
    prepare: archived,
    forgets: true,
    next: [doing('collect what is over')],
  },
  { who: 'a courier that sweeps', act: 'sweep', prepare: littered, next: [doing('sweep')] },
  {
    who: 'whoever writes the journal',
    act: 'write the journal',
    prepare: makeTown,
    next: [doing('write the journal')],
  },
]
