// Nothing is given, published, answered or withdrawn twice.

import { without } from './without.mjs'

const GIVEN = 'src/verbs/given.ts'
const END_QUERY = 'src/verbs/end-query.ts'
const CANCEL = 'src/verbs/cancel.ts'
const BROADCAST = 'src/verbs/broadcast.ts'
const PUBLISH = 'src/spool/publish.ts'
const MOVES = 'src/spool/moves.ts'
const INBOX = 'src/verbs/inbox.ts'
const inRules = 'test/courier/rules.test.ts'
const inGiven = 'test/verbs/given.test.ts'
const inCancel = 'test/verbs/cancel.test.ts'

export const dedupe = [
  without(
    PUBLISH,
    'publish-looks',
    'a name that the mailbox has is not published again',
    '    return !wasPublished(tree, to, file) && deliver(tree, to, file, temporary)',
    'test/spool/publish.test.ts',
    'a message that lies in cur/ already is not published again',
    '    return deliver(tree, to, file, temporary)',
  ),
  without(
    MOVES,
    'move-never-replaces',
    'a move replaces nothing',
    '  if (there === undefined) return renameFile(source, target) && noteMove(tree, address, file, to)',
    'test/spool/moves.test.ts',
    'new → cur (claim): never replaces; the copy that was to be moved is removed',
    '  if (there === undefined || there !== undefined) return renameFile(source, target)',
  ),
  without(
    GIVEN,
    'given-once',
    'a prompt that is seen again gives nothing again',
    "  return state === 'cur' || state === 'new' ? state : undefined",
    inGiven,
    'a prompt with its id leaves a query in open/',
    "  return state === 'new' ? 'new' : state === undefined ? undefined : 'cur'",
  ),
  without(
    GIVEN,
    'given-after-put-back',
    'what was put back and then seen is given',
    "  return state === 'cur' || state === 'new' ? state : undefined",
    inGiven,
    'a prompt with its id moves a query from new/ to open/',
    "  return state === 'cur' ? state : undefined",
  ),
  without(
    GIVEN,
    'consumed-once',
    'an answer that is shown is finished, and forgotten',
    "  if (kind === 'reply') forgetAsk(tree, card.address, id)",
    inGiven,
    'an answer that is shown as a tool result is consumed, and nobody waits for it any more',
  ),
  without(
    GIVEN,
    'closed-is-told',
    'an old prompt that is submitted again is told of',
    "  return state === 'done' || state === 'dead'",
    inGiven,
    'an old prompt that is submitted again is told of, once for each closed question',
    '  return false',
  ),
  without(
    END_QUERY,
    'one-reply',
    'a question that has its reply gets no other',
    "  if (wasPublished(tree, to, fileName(query.id, 'reply'))) return there() ?? wanted.outcome",
    'test/verbs/settle.test.ts',
    'a question whose answer was published before the process ended is answered, not gone',
  ),
  without(
    END_QUERY,
    'journalled-reply',
    'an answer that a kill kept from being published is sent, not the outcome of the kill',
    'CLOSING.includes(wanted.outcome) ? undefined : repliedBefore(tree, address, id)',
    'test/verbs/names-rename.test.ts',
    'a rename that was cut short > an answer that only the journal has is sent, whichever name was journalled',
    'undefined',
  ),
  without(
    CANCEL,
    'cancel-same-asker',
    'nobody withdraws the question of another',
    "  if (query !== undefined && !sameAsker(tree, cancel.message, query.message))\n    return void refuse(tree, address, mail, 'wrong-sender', `${query.message.from} asked it`)",
    inCancel,
    'nobody withdraws the question of another peer',
  ),
  without(
    CANCEL,
    'cancel-confirmed',
    'a cancel that its asker has not confirmed waits',
    '  if (mayComeYet(query?.state) && isAskedStill(tree, cancel.message)) return',
    inCancel,
    'a cancel that its asker has not written waits, and the question is given and answered',
  ),
  without(
    CANCEL,
    'cancel-while-typed',
    'a question that is being typed is not withdrawn',
    "  if (query?.state === 'cur') return",
    inCancel,
    'a question that is being typed is withdrawn when it is put back, and not before',
  ),
  without(
    CANCEL,
    'cancel-withdraws',
    'a question that was taken back is not given',
    "query?.state === 'new' || ",
    inCancel,
    'a question that is withdrawn before it was given ends, and its asker files the outcome',
  ),
  without(
    CANCEL,
    'cancel-before-its-question',
    'a question that comes after its cancel was taken back, and is not forged',
    '  return sameAsker(tree, cancel.message, query) && !isAskedStill(tree, query)',
    inCancel,
    'a question that comes after its cancel is not given by the courier',
    '  return false',
  ),
  without(
    CANCEL,
    'cancel-of-a-stranger',
    'a cancel that was refused withdraws nothing',
    "  if (cancel === undefined || cancel.state === 'dead') return false",
    inRules,
    'a cancel that was refused withdraws nothing that comes later',
    '  if (cancel === undefined) return false',
  ),
  without(
    BROADCAST,
    'broadcast-derived-id',
    'a broadcast that is repeated reaches nobody twice',
    '{ id: derivedId(done.id, to), to }\n',
    'test/verbs/tell.test.ts',
    'a broadcast that is repeated with its id reaches who was left out, and nobody twice',
    '{ id: newId(), to }\n',
  ),
  without(
    BROADCAST,
    'broadcast-renamed',
    'nor who has another name meanwhile',
    '  if (told !== undefined) return void done.reached.push({ ...told, again: true })',
    'test/verbs/names-rename.test.ts',
    'what is over > a broadcast that is repeated does not reach again who has another name meanwhile',
  ),
  without(
    INBOX,
    'inbox-leaves-waited-for',
    'a reply that a process waits for is not handed over by inbox',
    " || (mail.kind === 'reply' && whoWants(tree, card.address, mail.id) !== 'late')",
    inRules,
    'the inbox tool leaves a reply to the process that waits for it',
  ),
]
