// What somebody writes into any directory of a shared root, and what its cards and asks/ say with it, moves nobody. mailbox-spec §11.1

import { without } from './without.mjs'

const test = 'test/verbs/vouch-places.test.ts'

export const places = [
  without(
    'src/spool/vouch.ts',
    'answers-of-who-was-asked',
    'an answer counts only of the host that was asked, wherever it lies',
    'if (isSignedBy(allowed.key, signed)) return whyNotAsked(tree, message)',
    test,
    'an answer of an allowed host to what this one never asked it is none',
    'if (isSignedBy(allowed.key, signed)) return undefined',
  ),
  without(
    'src/verbs/cancel.ts',
    'cancel-of-the-host-that-asked',
    'a cancel is of the host that asked',
    'isOneHost(tree, a.from, b.from) && ',
    test,
    'a cancel is obeyed only of the host that asked, and a card that leads there makes it no other',
  ),
  without(
    'src/verbs/end-query.ts',
    'answer-to-the-host-that-asked',
    'an answer goes to the host that asked',
    'return isOneHost(tree, from, now) ? now : from',
    test,
    'an answer goes to the host that asked, whatever name its card leads to',
    'return now',
  ),
  without(
    'src/spool/publish.ts',
    'own-mail-survives-a-power-cut',
    'what own mail is known by is on the disk before it',
    'keepSent(tree, message, text, isShared(tree))',
    test,
    'what is kept of own mail in a shared root is on the disk before the mail has its name',
    'keepSent(tree, message, text)',
  ),
  without(
    'src/verbs/repair.ts',
    'asked-is-said-before-it-is-forgotten',
    'what was asked is in the journal before the outbox forgets it',
    "  if (over && message?.kind === 'query') sayAsked(tree, message)\n",
    test,
    'the answer to a question whose asker died before its journal said so is one still',
  ),
  without(
    'src/courier/attend.ts',
    'replaced-is-received-anew',
    'what took the place of a message is received anew',
    '  memory.known.delete(mail.file)\n  return []',
    'test/courier/vouch-replaced.test.ts',
    'what takes the place of a message that waits is put away, and holds up nothing',
    '  return []',
  ),
]
