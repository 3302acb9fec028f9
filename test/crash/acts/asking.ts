import { markLate } from '../../../src/spool/asks.ts'
import { makeHints } from '../../../src/spool/hints.ts'
import { ask } from '../../../src/verbs/ask.ts'
import { awaitReply, type Wait } from '../../../src/verbs/await-reply.ts'
import { broadcast } from '../../../src/verbs/broadcast.ts'
import { cancel } from '../../../src/verbs/cancel.ts'
import { notify } from '../../../src/verbs/notify.ts'
import { type Acts, BROADCAST, type Scene } from './town.ts'

const wait = ({ tree, me, own, message }: Scene, counter = false) => {
  const how: Wait = { milliseconds: 1, hints: makeHints(), counter }
  return awaitReply(tree, me.address, own, message.id, how)
}

const NEWS = 'The route has a new name.'

export const asking = {
  ask: ({ tree, me, own }) => ask(tree, me.address, own, { peer: 'backend', body: 'Which port?' }),
  'ask on': ({ tree, me, own, message }) =>
    ask(tree, me.address, own, { peer: 'backend', body: 'And the host?', replyTo: message.id }),
  'wait for a reply': (scene) => wait(scene),
  'wait and be asked': (scene) => wait(scene, true),
  cancel: ({ tree, me, message }) => cancel(tree, me.address, message.id),
  notify: ({ tree, me }) => notify(tree, me.address, 'backend', NEWS),
  broadcast: ({ tree, me }) => broadcast(tree, me.address, NEWS, { id: BROADCAST }),
  'call a reply late': ({ tree, me, own, message }) =>
    markLate(tree, me.address, { id: message.id, to: message.from, process: own, since: '' }),
} satisfies Acts
