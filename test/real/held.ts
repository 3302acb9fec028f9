// One hazard: a question is asked while it is there, waits with its reason, and is answered when it is cleared.
import type { Test } from 'tap'
import { readComposer } from '../../src/agents/claude-code/composer.ts'
import type { Office } from './office.ts'
import type { ClaudeSession } from './session.ts'

export interface Hazard {
  session: ClaudeSession
  peer: string
  /** What the journal and `repowire inbox` say of it; the latter with the peer's name. */
  why: RegExp
  clear: () => Promise<unknown>
}

/** Asks, sees that the question is held for this reason and that the screen stays, then clears the hazard and gets the answer. */
export async function heldUntil(
  t: Test,
  office: Office,
  { session, peer, why, clear }: Hazard,
): Promise<void> {
  const since = (await office.journal()).length
  const before = await boxOf(session)
  const asked = office.repowire('ask', peer, 'Are you free?')
  await office.waitMail(peer, /^new\/.*query/)
  const lines = async () => (await office.journal()).slice(since)
  const { id } = await office.waitJournal(`held: ${why}`, (line, at) => at >= since && isHeld(line, why))
  const { stdout } = await office.repowire('inbox', peer)
  t.match(stdout, why)
  t.match(stdout, `It waits because ${peer}`)
  t.notOk(
    (await lines()).some(({ event }) => event === 'typing'),
    'nothing was typed',
  )
  t.strictSame(await boxOf(session), before, 'what the box held it holds')
  await clear()
  t.equal((await asked).stdout, 'An answer.\n')
  t.ok(
    (await lines()).some((line) => line.event === 'given' && line.id === id),
    'the same question was given afterwards',
  )
}

function isHeld({ event, why }: { event: string; why?: unknown }, reason: RegExp): boolean {
  return event === 'held' && reason.test(String(why))
}

async function boxOf(session: ClaudeSession) {
  return readComposer(await session.screen({ escapes: true }))
}
