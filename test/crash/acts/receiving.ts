import { join } from 'node:path'
import { noteMode } from '../../../src/spool/modes.ts'
import { approve, refuseHeld } from '../../../src/verbs/approve.ts'
import { obeyCancel } from '../../../src/verbs/cancel.ts'
import { given } from '../../../src/verbs/given.ts'
import { fileUnwanted, takeInbox } from '../../../src/verbs/inbox.ts'
import { answerPings, hasCouriersMailbox } from '../../../src/verbs/ping.ts'
import { refuse } from '../../../src/verbs/refuse.ts'
import { shown } from '../../../src/verbs/shown.ts'
import { waitingNotices } from '../../../src/verbs/waiting-notices.ts'
import { type Acts, mailOf } from './town.ts'

export const receiving = {
  'see a prompt': ({ tree, peer, text, dir }) =>
    given(tree, peer, { text, transcript: join(dir, 'transcript'), hook: 'prompt' }),
  'tell of waiting notices': ({ tree, peer }) => waitingNotices(tree, peer, 'Hello'),
  'see a result': ({ tree, peer, text }) => shown(tree, peer, text),
  'take the mail': ({ tree, peer }) => takeInbox(tree, peer, true),
  'take the mail without hooks': ({ tree, peer }) => takeInbox(tree, peer, false),
  'obey a cancel': ({ tree, peer, message }) => obeyCancel(tree, peer.address, mailOf(message)),
  'note a mode': ({ tree, peer }) => noteMode(tree, peer.process, 'plan', () => false),
  // No agent is above the first process of all.
  'approve what is held': ({ tree, message }) => approve(tree, 1, message.id),
  'refuse what is held': ({ tree, message }) => refuseHeld(tree, 1, message.id, 'no'),
  refuse: ({ tree, peer, message }) => refuse(tree, peer.address, mailOf(message), 'bad-field', 'no text'),
  "answer the courier's mail": ({ tree }) => hasCouriersMailbox(tree) && answerPings(tree),
  'file what nobody wants': ({ tree, message }) => fileUnwanted(tree, message.to, mailOf(message)),
} satisfies Acts
