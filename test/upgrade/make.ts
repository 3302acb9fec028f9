// Wrote fixtures/upgrade/<name>/, once for each version of which later ones must read the tree; it replaces none:
// node --import=./test/typescript.mjs test/upgrade/make.ts <name>

import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Card } from '../../src/protocol/card.ts'
import { frameText } from '../../src/protocol/frame.ts'
import { fileName } from '../../src/protocol/layout.ts'
import { blockOn } from '../../src/spool/asks.ts'
import { record } from '../../src/spool/journal.ts'
import { claim } from '../../src/spool/moves.ts'
import { pause } from '../../src/spool/pause.ts'
import { readAnywhere } from '../../src/spool/scan.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { broadcast } from '../../src/verbs/broadcast.ts'
import { cancel } from '../../src/verbs/cancel.ts'
import { frameFor } from '../../src/verbs/exchange.ts'
import { given } from '../../src/verbs/given.ts'
import { notify } from '../../src/verbs/notify.ts'
import { register } from '../../src/verbs/register.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { rename } from '../../src/verbs/rename.ts'
import { reply } from '../../src/verbs/reply.ts'
import { makeEnds } from '../conformance/ends.ts'
import { here, makeWorld, message, place, startProcess, waitOf } from '../world.ts'
import { reserve } from './names.ts'

const [name] = process.argv.slice(2)
const target = reserve(name)
const ends = makeEnds()
const { tree } = makeWorld(ends)
const enrol = (directory: string, process = startProcess(ends).mark): Card =>
  register(tree, { agent: 'other', directory: `/nowhere/${directory}`, process })
const me = enrol('frontend', here)
const peer = enrol('backend')
enrol('web')
rename(tree, enrol('old'), 'renamed')
const person = registerPerson(tree, 'Ada', startProcess(ends).mark, '/nowhere').address
const asked = (body: string, more = {}) =>
  ask(tree, me.address, here, { peer: peer.address, body, ...more }).id
const show = (id: string) => {
  const found = readAnywhere(tree, peer.address, id, 'query')
  if (found === undefined) throw new Error(`${id} is nowhere`)
  claim(tree, peer.address, fileName(id, 'query'))
  given(tree, peer, {
    text: frameText(frameFor(tree, found.message)),
    transcript: '/nowhere/transcript',
    hook: 'prompt',
  })
}

const answered = asked('Which port?')
show(answered)
reply(tree, peer.address, answered, 'On 8080.')
await awaitReply(tree, me.address, here, answered, waitOf(1))
const open = asked('And on which address?', { replyTo: answered })
show(open)
const unread = asked('Answered, and not taken.')
show(unread)
reply(tree, peer.address, unread, 'Nobody has read this yet.')
cancel(tree, me.address, asked('Never mind.'))
claim(tree, peer.address, fileName(asked('On its way.'), 'query'))
const waiting = asked('Waits in new/.')
await awaitReply(tree, me.address, here, waiting, waitOf(1))
notify(tree, peer.address, me.address, 'A notice.', true)
notify(tree, me.address, person, 'To a person.', true)
broadcast(tree, person, 'To everybody.', {})
place(tree, peer.address, 'dead', fileName('20261122t094012412z-k3v9x2p8', 'notice'), '{"spec":')
const stranger = message({
  id: '20261122t094012412z-0000held',
  kind: 'notice',
  from: 'x@desktop',
  to: peer.address,
})
place(tree, peer.address, 'held', fileName(stranger.id, 'notice'), `${JSON.stringify(stranger)}\n`)
blockOn(tree, person, {
  id: '20261122t094012412z-00000ask',
  to: peer.address,
  process: here,
  since: '',
})
record(tree, 'left', 'web@laptop', undefined, { why: 'exit' })
pause(tree, 'web@laptop', { since: '2026-11-28T08:00:00.000Z', by: person })

for (const [from, to] of [
  [tree.root, 'mailbox'],
  [tree.state, 'state'],
] as const)
  cpSync(from, join(target, to), { recursive: true })
rmSync(join(target, 'state/keys'), { recursive: true, force: true }) // a key in a repository is none
if (!existsSync(join(target, 'state/journal'))) throw new Error('it has no journal')
console.log(JSON.stringify({ answered, open, unread, waiting }))
await ends.close()
