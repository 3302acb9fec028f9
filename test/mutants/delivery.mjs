// One delivery: who may type, what is pressed, and what becomes of a message that no hook has seen.

import { without } from './without.mjs'

const DELIVER = 'src/courier/deliver.ts'
const TERMINAL = 'src/courier/terminal.ts'
const ATTEND = 'src/courier/attend.ts'
const inDeliver = 'test/courier/deliver.test.ts'
const inAttend = 'test/courier/attend.test.ts'
const inRules = 'test/courier/rules.test.ts'
const inBox = (title) => `the box holds exactly the message > ${title}`

export const delivery = [
  without(
    TERMINAL,
    'room',
    'nothing is typed into a pane that is too small to show it',
    ' ?? (parcel && whyNoRoom(found.agent, found.view, parcel.frame))',
    inDeliver,
    'a pane that is too small to show what is typed gets nothing',
  ),
  without(
    DELIVER,
    'office-before-paste',
    'a courier that is no more in office pastes nothing',
    "  if (!inOffice(tree)) return { why: 'another courier has taken over' }\n  const claimed",
    inDeliver,
    'a courier that is no more in office claims nothing and types nothing',
    '  const claimed',
  ),
  without(
    TERMINAL,
    'office-before-enter',
    'a courier that is no more in office presses no Enter',
    "  if (!inOffice(tree)) return { why: 'another courier has taken over' }\n  const at",
    inDeliver,
    inBox('a courier that is no more in office does not press Enter'),
    '  const at',
  ),
  without(
    DELIVER,
    'claim-won',
    'who lost the claim types nothing',
    '  if (!claim(tree, card.address, mail.file)) return false',
    inRules,
    'a courier that loses the claim types nothing',
    '  claim(tree, card.address, mail.file)',
  ),
  without(
    DELIVER,
    'reply-waited-for',
    'a reply that a process waits for is not typed',
    '  if (!isWaitedFor(tree, card, mail)) return true\n  putBack(tree, card.address, mail.file)\n  return false',
    inRules,
    'a reply that a process has just begun to wait for is left to it',
    '  return true',
  ),
  without(
    DELIVER,
    'intent-first',
    'the intent is on the disk before the first byte is typed',
    "  record(tree, 'typing', card.address, parcel.id, {",
    inRules,
    'the intent to type is in the journal before tmux is told to paste',
    '  void ({',
  ),
  without(
    TERMINAL,
    'enter-only-ours',
    'Enter is pressed only on a box that holds exactly ours',
    "composer.state === 'holds' && agent.holdsExactly(composer.text, frame)",
    inDeliver,
    inBox('with a word of its user beside it nothing is pressed'),
    "composer.state === 'holds'",
  ),
  without(
    TERMINAL,
    'enters-bounded',
    'Enter is pressed three times at most',
    '  if (attempt.enters >= MAX_ENTERS)',
    inDeliver,
    inBox('after three Enters that the client did not take there is no fourth'),
    '  if (attempt.enters > MAX_ENTERS)',
  ),
  without(
    TERMINAL,
    'enter-refused',
    'an Enter that the pane refused is none of the three',
    "  if (pressed === 'refused') return { why: 'it was typed, and its pane took no Enter', again: STATUS_MS }",
    inRules,
    'an Enter that its pane refused is none of the three',
  ),
  without(
    TERMINAL,
    'transcript-believed',
    'a prompt that the transcript has is not typed again',
    "agent.taken(card, parcel.id) === undefined ? 'nowhere' : 'taken'",
    inDeliver,
    'a prompt that the transcript has counts as given, although no hook ran',
    "'nowhere'",
  ),
  without(
    DELIVER,
    'missing-twice',
    'what is missing is put back at the second look only',
    '  if (first !== undefined && first.since === since && performance.now() - first.at >= MISSING_MS) {',
    inDeliver,
    'a query that is nowhere to be seen is put back at the second look, not at the first',
    '  if (first === undefined || first !== undefined) {',
  ),
  without(
    DELIVER,
    'missing-while-still',
    'nor where the client did something in between',
    'first.since === since && ',
    inDeliver,
    'a query that is nowhere to be seen is put back at the second look, not at the first',
  ),
  without(
    ATTEND,
    'typed-before',
    'what another courier was typing is looked for',
    'memory.attempts.has(file) || memory.typedBefore.has(file)',
    inDeliver,
    'a message that another courier was typing is looked for, not put back unseen',
    'memory.attempts.has(file)',
  ),
  without(
    ATTEND,
    'one-at-a-time',
    'nothing is typed while another message is on its way',
    '  if (next === undefined || claimed.length > 0) return undefined',
    inRules,
    'nothing is typed while another message is on its way',
    '  if (next === undefined) return undefined',
  ),
  without(
    ATTEND,
    'hooks-may-run-still',
    'a question stays open while the hooks of its turn may run',
    '  return over && since !== undefined && elapsed(since) >= SETTLED_MS',
    inAttend,
    'a question in open/ of an agent that fell idle only now: its hooks may run still stays',
    '  return over && since !== undefined',
  ),
]
