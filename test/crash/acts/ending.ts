import { beginTurn } from '../../../src/verbs/begin-turn.ts'
import { endAll, endOpen, failed, interrupted } from '../../../src/verbs/end-open.ts'
import { endTurn, failTurn, type Turn } from '../../../src/verbs/end-turn.ts'
import { leave } from '../../../src/verbs/leave.ts'
import { publishHeld } from '../../../src/verbs/provisional.ts'
import { expire } from '../../../src/verbs/receive.ts'
import { reply } from '../../../src/verbs/reply.ts'
import { settle } from '../../../src/verbs/settle.ts'
import { type Acts, mailOf } from './town.ts'

/** A turn that took up these prompts and ended with an answer. */
const turnOf = (...prompts: string[]): Turn => ({
  text: () => 'On port 8080.',
  prompts: () => prompts.map((text) => ({ text, absorbed: false })),
})

export const ending = {
  reply: ({ tree, peer, message }) => reply(tree, peer.address, message.id, 'On port 8080.'),
  'end a turn': ({ tree, peer, text }) => endTurn(tree, peer, turnOf(text)),
  'end a mixed turn': ({ tree, peer, text }) => endTurn(tree, peer, turnOf('Hello', text)),
  'fail a turn': ({ tree, peer, text }) => failTurn(tree, peer, turnOf(text), failed(peer, 'no credit')),
  interrupt: ({ tree, peer }) => endOpen(tree, peer, interrupted(peer, 'its turn was stopped', 'courier')),
  'begin a turn': ({ tree, peer }) => beginTurn(tree, peer, undefined),
  'begin a turn of a task': ({ tree, peer }) => beginTurn(tree, peer, 'other'),
  'hold an answer': ({ tree, peer, text }) => endTurn(tree, peer, { ...turnOf(text), pending: () => true }),
  'publish a held answer': ({ tree, peer }) => publishHeld(tree, peer),
  'end a session': ({ tree, peer }) => endAll(tree, peer, interrupted(peer, 'its session ended', 'hook')),
  expire: ({ tree, peer, message }) => expire(tree, peer.address, mailOf(message), 'new'),
  settle: ({ tree, peer }) => settle(tree, peer),
  leave: ({ tree, peer }) => leave(tree, peer, 'exit'),
} satisfies Acts
