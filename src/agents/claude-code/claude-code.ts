import type { Agent } from '../agent.ts'
import { fits, holdsExactly, readComposer } from './composer.ts'
import { readHook, sessionOf, writeHook } from './hooks.ts'
import { inboxOf, mayBypass } from './inbox.ts'
import { activityOf, hasSessionFile, transcriptOf } from './session-file.ts'
import { takenIn } from './transcript.ts'

export const claudeCode: Agent = {
  kind: 'claude-code',
  readHook,
  writeHook,
  // Its own session file is the proof: the environment alone is inherited by whatever a session starts.
  startedServer: (parent, env, directory) =>
    hasSessionFile(env, parent) ? sessionOf(env, parent, directory) : undefined,
  activity: activityOf,
  composer: readComposer,
  fits,
  holdsExactly,
  taken: (card, id) => takenIn(transcriptOf(card), id),
  inbox: inboxOf,
  mayBypass,
}
