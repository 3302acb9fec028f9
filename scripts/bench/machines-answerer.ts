// A peer of a host that answers what it is asked after so many ms as the question says.

import type { ProcessMark } from '../../src/protocol/card.ts'
import { markOf } from '../../src/spool/process.ts'
import { openTree } from '../../src/spool/tree.ts'
import { watchMail } from '../../src/spool/watch.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { register } from '../../src/verbs/register.ts'
import { reply } from '../../src/verbs/reply.ts'

// Only for an event that never comes.
const SLOW_MS = 1_000

const tree = openTree(process.env)
const me = markOf(process.pid) as ProcessMark
const card = register(tree, { agent: 'other', process: me, directory: process.cwd() })

function serve(): void {
  for (const { id, kind, body } of takeInbox(tree, card, false))
    if (kind === 'query') setTimeout(() => reply(tree, card.address, id, '8080'), Number(body))
}

const watch = watchMail(tree, [card.address], serve)
setInterval(serve, SLOW_MS)
await watch.ready
console.log(JSON.stringify({ ready: card.address }))
process.stdin.resume().on('end', () => process.exit(0))
