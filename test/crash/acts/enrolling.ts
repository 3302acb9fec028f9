import { join } from 'node:path'
import { currentCard } from '../../../src/spool/cards.ts'
import { record } from '../../../src/spool/journal.ts'
import { pause, resume } from '../../../src/spool/pause.ts'
import { openTree } from '../../../src/spool/tree.ts'
import { gc } from '../../../src/verbs/gc.ts'
import { register } from '../../../src/verbs/register.ts'
import { registerPerson } from '../../../src/verbs/register-person.ts'
import { rename } from '../../../src/verbs/rename.ts'
import { sweep } from '../../../src/verbs/sweep.ts'
import type { Acts } from './town.ts'

export const enrolling = {
  'open the tree': ({ env }) => openTree(env),
  register: ({ tree, own, peer }) =>
    register(tree, { agent: 'other', process: own, directory: peer.directory }),
  'register elsewhere under that name': ({ tree, own, me }) =>
    register(tree, { agent: 'other', process: own, directory: join(me.directory, 'backend') }),
  'complete a card': ({ tree, peer }) =>
    register(tree, {
      agent: 'claude-code',
      process: peer.process,
      directory: peer.directory,
      tmux: { socket: '/s', pane: '%1' },
    }),
  'register a person': ({ tree, own, dir }) => registerPerson(tree, 'ada', own, dir),
  rename: ({ tree, peer }) => rename(tree, currentCard(tree, peer.address) ?? peer, 'api'),
  'rename back': ({ tree, peer }) => rename(tree, currentCard(tree, peer.address) ?? peer, 'backend'),
  pause: ({ tree, peer }) =>
    pause(tree, peer.address, { since: '2026-11-22T09:40:12.412Z', by: 'ada@laptop' }),
  resume: ({ tree, peer }) => resume(tree, peer.address),
  'collect what is over': ({ tree }) => gc(tree, { days: 0 }),
  sweep: ({ tree }) => sweep(tree),
  'write the journal': ({ tree, peer }) => record(tree, 'given', peer.address),
} satisfies Acts
