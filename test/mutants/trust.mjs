// Who writes every file of a shared root, and nothing of the state directory, puts nothing before an agent. mailbox-spec §11.1

import { without } from './without.mjs'

const test = 'test/verbs/vouch.test.ts'
const VOUCH = 'src/spool/vouch.ts'
const REFUSE = 'src/verbs/refuse.ts'

export const trust = [
  without(
    'src/spool/scan.ts',
    'readers-ask-who-wrote-it',
    'every reader asks who wrote a message',
    'whyUnvouched(tree, parsed.message, bytes as Buffer) ?? parsed',
    test,
    'a query of another host that nobody signed is given to nobody',
    'parsed',
  ),
  without(
    VOUCH,
    'signature-is-verified',
    'a signature is verified',
    'if (isSignedBy(allowed.key, signed)) return undefined',
    test,
    'a query whose text was changed after it was signed is given to nobody',
    'return undefined',
  ),
  without(
    VOUCH,
    'own-mail-is-vouched-for',
    'mail of this host is in its own records',
    'if (!isShared(tree) || isSent(tree, message, bytes)) return undefined',
    test,
    'a query in the name of a peer of this host is given to nobody',
    'return undefined',
  ),
  without(
    VOUCH,
    'the-journal-tells-the-text',
    'the journal vouches for the same text only',
    "'urgent', 'body'] },",
    test,
    'what this host sent is believed from its own records, while it is on its way and long after',
    "'urgent'] },",
  ),
  without(
    REFUSE,
    'no-word-of-a-stranger',
    'a refused reply quotes nothing of the file',
    'isShared(tree) ? fault :',
    test,
    'words in the place of a spec reach nobody in the answer that it is refused',
    '',
  ),
  without(
    REFUSE,
    'not-allowed-is-held',
    'what waits for its host to be allowed is held',
    "if (fault === 'not-allowed' && state === 'new') return wait(tree, address, mail, why)",
    test,
    'mail that was held is given once its host is allowed, and what it did not sign never',
  ),
  without(
    'src/verbs/sender.ts',
    'asked-by-the-own-records',
    'whom one asked the own records tell, not asks/',
    'shared ? askedOf(tree, address, id) :',
    test,
    'an answer of an allowed host to what was asked of nobody is refused, though a file in asks/ says that it was',
    '',
  ),
  without(
    'src/verbs/repair.ts',
    'a-forged-answer-ends-no-care',
    'an answer is read before its question is forgotten',
    "const reply = underAnyName(tree, message.from, (name) => readAnywhere(tree, name, message.id, 'reply'))",
    test,
    'a forged answer does not end the care for its question',
    "const reply = underAnyName(tree, message.from, (name) => { const state = findMessage(tree, name, fileName(message.id, 'reply')); return state && { state } })",
  ),
  without(
    'src/verbs/address-peer.ts',
    'nobody-there-is-asked',
    'nobody of a host that is not allowed is asked',
    '  refuseNotAllowed(tree, card.address)\n',
    test,
    'nobody of a host that is not allowed is asked or told anything',
  ),
  without(
    'src/spool/shared.ts',
    'shared-stays-shared',
    'a root that was shared stays so',
    'isThere(markPath(tree)) || ',
    test,
    'a root that was found to be shared stays so, whatever is removed from it',
  ),
  without(
    'src/verbs/allow-host.ts',
    'no-agent-allows',
    'an agent does not allow a host',
    '  if (agent === undefined) return\n',
    test,
    'a person allows and denies a host, and an agent cannot',
    '  return\n',
  ),
  without(
    'src/protocol/signature.ts',
    'one-signature',
    'a signature stands in a message once',
    "hasSignature(before) ? 'bad' : ",
    'test/protocol/signature.test.ts',
    'a signature twice is none',
  ),
]
