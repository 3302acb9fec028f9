// The random tests can fail: each finds what is switched off here without being told where to look.

import { without } from './without.mjs'

const inModel = [
  'test/model/model.test.ts',
  'whatever several peers do, and whatever befalls them, nothing is lost, given twice or answered wrongly',
]
const inFuzz = (what) => [
  'test/fuzz/fuzz.test.ts',
  `bad ${what}: no crash, nothing outside of the root, no control character, always a code and a reason`,
]

export const proof = [
  without(
    'src/spool/disk.ts',
    'model-own-files',
    'what is written is for nobody else to read',
    'const FILE_MODE = 0o600',
    ...inModel,
    'const FILE_MODE = 0o644',
  ),
  without(
    'src/verbs/end-query.ts',
    'model-reply-is-journalled',
    'a reply is in the journal before anybody can read it',
    "  record(tree, 'replied', address, query.id, { to, outcome, by, ...(provisional && { provisional }), body })",
    ...inModel,
  ),
  without(
    'src/spool/moves.ts',
    'model-outcome-tells-the-directory',
    'an answered question lies in done/',
    "  return move(tree, address, file, 'open', 'done')",
    ...inModel,
    "  return move(tree, address, file, 'open', 'dead')",
  ),
  without(
    'src/verbs/repair.ts',
    'unpublished-is-not-asked',
    'a question that was never published is not asked',
    '  if (state === undefined && !isSaid(tree, query)) return',
    'test/verbs/repair.test.ts',
    'a question that was never published is not asked, though its text was kept',
  ),
  without(
    'src/spool/process.ts',
    'exhausted-is-not-over',
    'a process that cannot be looked at is not over',
    '    if (isExhausted(error)) throw error // it may live',
    'test/spool/exhausted.test.ts',
    'a process whose line cannot be read is not over',
  ),
  without(
    'src/spool/scan.ts',
    'exhausted-refuses-nothing',
    'a message that cannot be opened for want of descriptors is not refused',
    '    if (isExhausted(error)) throw error // it says nothing about the file',
    'test/spool/exhausted.test.ts',
    'a message that cannot be opened is not refused',
  ),
  without(
    'src/spool/cards.ts',
    'unread-card-is-there',
    'a card that cannot be read for the moment is not no card',
    '    if (isExhausted(error) || (isPassing(error) && isRemote(tree.root))) throw error',
    'test/spool/exhausted.test.ts',
    'a card that cannot be opened is there: a person gets no second name',
  ),
  without(
    'src/protocol/frame.ts',
    'fuzz-no-control',
    'no control character of a peer is typed into a pane',
    ".replace(CONTROL, '')",
    ...inFuzz('bodies'),
  ),
  without(
    'src/spool/publish.ts',
    'no-linked-mailbox',
    'a mailbox that is a link is not followed out of the root',
    '  refuseLink(mailbox)\n',
    'test/spool/hostile.test.ts',
    'a mailbox that is a link is refused: nothing is made or written behind it',
  ),
  without(
    'src/spool/moves.ts',
    'no-linked-state',
    'nothing is moved through a link out of the root',
    '  refuseLink(path.dirname(target))\n',
    'test/spool/hostile.test.ts',
    'nothing is moved into a directory that is a link',
  ),
  without(
    'src/protocol/config.ts',
    'wrong-settings-let-nobody-in',
    'what keeps somebody out and is wrong lets nobody in',
    'strict ?? standard',
    'test/protocol/config.test.ts',
    'a wrong value of what is of one host is complained of, and lets nobody in',
    'standard',
  ),
  without(
    'src/verbs/inbox.ts',
    'taken-before-an-error',
    'what was taken before an error is handed over',
    "    if (taken.length === 0) throw error\n    return 'failed'",
    'test/verbs/inbox.test.ts',
    'what was taken before an error is handed over all the same, and the next call tells of it',
    '    throw error',
  ),
  without(
    'src/agents/claude-code/hooks.ts',
    'fuzz-hook-types',
    'a field of a hook that is of another type counts as missing',
    '  const fields = wellTyped(payload)',
    'test/fuzz/fuzz.test.ts',
    'fixtures/hostile/hooks/transcript-is-null.json is borne',
    '  const fields = payload as Payload',
  ),
  without(
    'src/protocol/errors.ts',
    'fuzz-errors-are-plain',
    'an error that quotes what it was given acts on no terminal',
    '    super(sayable(what))',
    ...inFuzz('calls'),
    '    super(what)',
  ),
]
