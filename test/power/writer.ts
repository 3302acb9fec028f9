// Asks itself and answers, as fast as the disk takes it, until its disk is gone: one line on stdout for each answer that was acknowledged.
// Words: the asker's directory and the other peer's, below which nothing has to be.

import { writeSync } from 'node:fs'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { markOf } from '../../src/spool/process.ts'
import { openTree } from '../../src/spool/tree.ts'
import { ask } from '../../src/verbs/ask.ts'
import { register } from '../../src/verbs/register.ts'
import { reply } from '../../src/verbs/reply.ts'
import { bodyOf } from './body.ts'

const [asking = '', answering = ''] = process.argv.slice(2)
const tree = openTree(process.env)
const mine = markOf(process.pid) as ProcessMark
const parent = markOf(process.ppid) as ProcessMark
const asker = register(tree, { agent: 'other', directory: asking, process: mine })
const peer = register(tree, { agent: 'other', directory: answering, process: parent })
for (let n = 1; ; n++) {
  const { id } = ask(tree, asker.address, mine, { peer: peer.address, body: bodyOf(n) })
  reply(tree, peer.address, id, bodyOf(n))
  writeSync(1, `${asker.address} ${id} ${n}\n`)
}
