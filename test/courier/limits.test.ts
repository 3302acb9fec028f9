// What is held is never typed, in a real pane: neither when it comes nor when it was let through before its peer's mode changed. mailbox-spec §11.2

import t, { type Test } from 'tap'
import { attend } from '../../src/courier/attend.ts'
import { enterOffice } from '../../src/courier/courier-file.ts'
import { whereIs } from '../../src/courier/where.ts'
import { writeFields } from '../../src/spool/config.ts'
import { noteMode } from '../../src/spool/modes.ts'
import { pause, resume } from '../../src/spool/pause.ts'
import { approve } from '../../src/verbs/approve.ts'
import { sortOut } from '../../src/verbs/vouch.ts'
import { lay, mailOf, Q } from '../world.ts'
import { makeStage, openTmux } from './stage.ts'

const tmux = await openTmux(t)
const memory = () => ({ attempts: new Map(), typedBefore: new Set<string>(), known: new Map() })

/** A client at rest, and a question of one that has limits. */
async function makeUneven(t: Test, its: string) {
  const stage = await makeStage(t, tmux)
  const { tree, me, peer } = stage
  const enter = (mode: string) => noteMode(tree, peer.process, mode, () => false)
  noteMode(tree, me.process, 'default', () => false)
  enter(its)
  enterOffice(tree)
  lay(tree, 'new', { to: peer.address, sender_mode: 'default' })
  const remembered = memory()
  return { ...stage, id: Q, enter, round: async () => await attend(tree, peer, remembered) }
}

t.test('to one that bypasses permissions nothing is typed, until a person approves', async (t) => {
  const { tree, peer, id, round, typed } = await makeUneven(t, 'bypassPermissions')
  await round()
  sortOut(tree)
  await round()
  t.equal(typed(), '')
  t.strictSame(mailOf(tree, peer.address), [`held/${id}.query.json`])
  t.match(
    await whereIs(tree, id, peer.address),
    /waits for actor@laptop, because its user has not let it through yet/,
  )
  approve(tree, process.ppid, id)
  await round()
  t.match(typed(), 'Which port?')
})

t.test('to one with limits it is typed', async (t) => {
  const { round, typed } = await makeUneven(t, 'default')
  await round()
  t.match(typed(), 'Which port?')
})

for (const [what, change] of [
  ['the mode of its peer changes', ({ enter }) => enter('bypassPermissions')],
  ['its sender is denied', ({ tree }) => writeFields(tree, { deny: ['frontend -> actor'] }, true)],
] as [string, (it: Awaited<ReturnType<typeof makeUneven>>) => void][])
  t.test(`nor is anything typed where ${what} while it waits`, async (t) => {
    const it = await makeUneven(t, 'default')
    const { tree, peer, round, typed } = it
    pause(tree, peer.address, { since: '', by: '' })
    await round()
    change(it)
    resume(tree, peer.address)
    await round()
    t.equal(typed(), '')
    t.match(mailOf(tree, peer.address), [/^(held|dead)/])
  })
