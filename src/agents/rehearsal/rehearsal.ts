import type { Agent } from '../agent.ts'
import { holdsExactly, readComposer } from './composer.ts'
import { readHook, sessionOf, writeHook } from './hooks.ts'
import { activityOf, transcriptOf } from './session-file.ts'
import { hasPromptWith } from './transcript.ts'

/** The agent of the demonstration: no model, the same interface as a real client. */
export const rehearsal: Agent = {
  kind: 'rehearsal',
  readHook,
  writeHook,
  startedServer: (parent, env) => sessionOf(env, parent),
  activity: activityOf,
  composer: readComposer,
  fits: () => true,
  holdsExactly,
  taken: (card, id) => (hasPromptWith(transcriptOf(card), id) ? 'prompt' : undefined),
  inbox: () => ({ why: 'its client has no inbox of its own' }),
  mayBypass: () => false,
}
