/** What is no message's life: files of others, locks, and looking. */

import { join } from 'node:path'
import * as cards from '../../../src/spool/cards.ts'
import * as disk from '../../../src/spool/disk.ts'
import * as foreign from '../../../src/spool/foreign.ts'
import { readJournal, record } from '../../../src/spool/journal.ts'
import { pauseOf } from '../../../src/spool/pause.ts'
import * as processes from '../../../src/spool/process.ts'
import * as program from '../../../src/spool/program.ts'
import { branchOf } from '../../../src/spool/repository.ts'
import { age, timeInState } from '../../../src/spool/scan.ts'
import * as trees from '../../../src/spool/tree.ts'
import { addressLivePeer } from '../../../src/verbs/address-peer.ts'
import { urgentOnTheirWay } from '../../../src/verbs/counter-question.ts'
import { findEverywhere } from '../../../src/verbs/find.ts'
import { lookInbox, unanswered } from '../../../src/verbs/inbox.ts'
import { whyStuck, whyUnreachable } from '../../../src/verbs/reach.ts'
import { cardOfPerson } from '../../../src/verbs/register-person.ts'
import { whyForged } from '../../../src/verbs/sender.ts'
import { type Acts, mailOf, type Scene, settingsOf } from './town.ts'

function edit(scene: Scene, after: Buffer | undefined): void {
  const file = settingsOf(scene)
  foreign.checkWritable(file)
  const before = foreign.readForeign(file)
  if (before !== undefined) foreign.readBackup(scene.tree, foreign.backUp(scene.tree, file, before))
  foreign.replaceForeign(file, before, after)
}

export const others = {
  'edit a file of others': (scene) => edit(scene, Buffer.from('"after"')),
  'remove a file of others': (scene) => edit(scene, undefined),
  'hold a lock': async ({ tree }) => {
    const { withLock } = await import('../../../src/spool/lock.ts') // it loads slowly, and only here
    await withLock(trees.inState(tree, 'courier.start'), async () => record(tree, 'held', 'backend@laptop'))
  },
  'empty a file': ({ tree }) => disk.emptyFile(trees.inState(tree, 'courier.stderr')),
  'set a key': async ({ tree }) => {
    const { setKey } = await import('../../../src/verbs/configure.ts') // it loads the lock
    await setKey(tree, process.pid, 'chain_depth', 3)
  },
  'take a key out': async ({ tree }) => {
    const { unsetKey } = await import('../../../src/verbs/configure.ts')
    await unsetKey(tree, process.pid, 'chain_depth')
  },
  'use a directory of its own': ({ dir }) =>
    disk.removeDirectory(disk.makeTemporaryDirectory(join(dir, 'home'), 'own-')),
  'look at the tree': ({ env, tree, me, peer, message }) => {
    trees.lookTree(env)
    addressLivePeer(tree, me.address, 'backend')
    lookInbox(tree, peer.address)
    unanswered(tree, me.address)
    readJournal(tree)
    cards.cardsOfHost(tree)
    cards.isFor(tree, me.address, peer.address)
    cards.cardOfProcess(tree, peer.process)
    cardOfPerson(tree, 'ada')
    pauseOf(tree, peer.address)
    findEverywhere(tree, message.id)
    whyForged(tree, message.to, message)
    whyStuck(tree, message.id, peer.address)
    urgentOnTheirWay(tree, me.address)
    whyUnreachable(tree, { ...peer, server: peer.process })
    age(tree, message.to, 'open', mailOf(message).file)
    timeInState(tree, message.to, 'open', mailOf(message).file)
  },
  'look around': ({ dir, peer, own }) => {
    branchOf(peer.directory)
    disk.readFrom(join(dir, 'transcript'), 1)
    foreign.isExecutable('/bin/sh')
    program.besideMe('repowire.js')
    program.readInput()
    program.writeOutput('')
    processes.ancestryOf(own.pid)
    processes.isBelow(own.pid, 0)
    processes.readsItsTerminal(own.pid)
    processes.terminalOf(own.pid)
    processes.isStopped(own.pid)
    processes.commandLine(own.pid)
  },
} satisfies Acts
