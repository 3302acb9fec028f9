// What the courier does about an answer that is held: nothing for ten minutes, whatever the agent's record of itself says.

import t from 'tap'
import { attend } from '../../src/courier/attend.ts'
import { writeGrant } from '../../src/spool/grants.ts'
import { lay, mailOf, makePair, Q, read } from '../world.ts'
import { actor } from './stage.ts'

const TO = 'actor@laptop'

for (const [minutes, sent] of [
  [9, false],
  [11, true],
] as const) {
  t.test(`an answer that has been held for ${minutes} minutes is ${sent ? 'sent' : 'held on'}`, async (t) => {
    const world = makePair(t)
    const { tree, me } = world
    const { card, status } = actor(t, world)
    lay(tree, 'open', { to: TO })
    const held = { text: 'I look.', since: Date.now() }
    writeGrant(tree, { id: Q, offset: 0, alone: true, reminded: false, held })
    const { now } = Date
    const at = now() + minutes * 60_000
    t.teardown(() => {
      Date.now = now
    })
    Date.now = () => at
    status({ statusUpdatedAt: at - 50_000 })
    await attend(tree, card, { attempts: new Map(), typedBefore: new Set(), known: new Map() })
    t.strictSame(mailOf(tree, TO), [`${sent ? 'done' : 'open'}/${Q}.query.json`])
    if (!sent) t.strictSame(mailOf(tree, me.address), [])
    else
      t.match(read(tree, me.address, 'new', `${Q}.reply.json`), {
        outcome: 'answered',
        body: 'I look.',
        provisional: true,
      })
  })
}
