// What would go on for ever, or too often: how deep questions may lead to questions, how many turns two agents may cause
// each other, and what causes none. mailbox-spec §9.5

import { without } from './without.mjs'

const CHAIN = 'src/verbs/chain.ts'
const LIMIT = 'src/verbs/turns.ts'
const COUNT = 'src/spool/turns.ts'
const ASK = 'src/verbs/ask.ts'
const NOTIFY = 'src/verbs/notify.ts'
const BROADCAST = 'src/verbs/broadcast.ts'
const NOTICES = 'src/verbs/waiting-notices.ts'
const inChain = 'test/verbs/chain.test.ts'
const inTurns = 'test/verbs/turns.test.ts'
const inTell = 'test/verbs/tell.test.ts'
const inNotices = 'test/verbs/waiting-notices.test.ts'

const saysDepth = 'a question of an agent that was asked says how many questions led to it'
const oneTooMany =
  'questions and waking notices of both directions count together, and one too many is refused'
const person = 'a person at a shell is not counted, nor is what a person is told'
const quiet = 'a quiet notice causes no turn: it is neither counted nor refused'
const waking = 'a waking broadcast counts for each pair, and leaves out whom it would wake too often'
const toldOnce = 'an agent is told once how many quiet notices wait, and again when another has come'

const chain = [
  without(
    CHAIN,
    'chain-limit',
    'a chain that is too deep is refused',
    '  if (depth > most) throw tooDeep(tree, me, because, most)',
    inChain,
    'a chain that is too deep is refused with the whole chain, and nothing is written',
  ),
  without(
    CHAIN,
    'chain-one-deeper',
    'a question is one deeper than the one that led to it',
    'const depth = depthOf(because) + 1',
    inChain,
    saysDepth,
    'const depth = depthOf(because)',
  ),
  without(
    CHAIN,
    'chain-deepest',
    'of several open questions the deepest counts',
    '(a, b) => depthOf(b) - depthOf(a)',
    inChain,
    'of several open questions the deepest counts',
    '(a, b) => depthOf(a) - depthOf(b)',
  ),
  without(
    CHAIN,
    'chain-told-once',
    'a circle is told once around',
    '.filter((query) => depthOf(query) < below)',
    inChain,
    'two that ask each other in a circle are shown it once around, not for ever',
  ),
  without(
    ASK,
    'chain-asked',
    'a question has its depth',
    'const depth = nextDepth(tree, me)',
    inChain,
    saysDepth,
    'const depth = 0',
  ),
  without(
    ASK,
    'chain-written',
    'the depth of a question stands in it',
    '    ...(depth > 0 && { depth }),\n',
    inChain,
    saysDepth,
  ),
]

const turns = [
  without(
    LIMIT,
    'turns-limit',
    'one turn too many is refused',
    '  if (first !== undefined) throw tooMany(to.address, most, first + HOUR_MS)',
    inTurns,
    oneTooMany,
  ),
  without(
    LIMIT,
    'turns-of-person',
    'what a person does is not counted',
    " && readCard(tree, me)?.agent !== 'person'",
    inTurns,
    person,
  ),
  without(
    LIMIT,
    'turns-to-person',
    'what a person is told is not counted',
    "to.agent !== 'person' && ",
    inTurns,
    person,
  ),
  without(
    LIMIT,
    'turns-counted',
    'a turn is counted where it was caused',
    '    if (isCounted(tree, me, to)) noteTurn(tree, me, to.address)',
    inTurns,
    oneTooMany,
  ),
  without(
    LIMIT,
    'turns-count-fails',
    'what cannot be counted was sent all the same',
    '    process.stderr.write(`repowire: a turn is not counted (${(error as Error).message})\\n`)',
    inTurns,
    'a question that cannot be counted was asked all the same',
    '    throw error',
  ),
  without(
    COUNT,
    'turns-both-directions',
    'both directions of a pair count together',
    '[a, b].sort()',
    inTurns,
    oneTooMany,
    '[a, b]',
  ),
  without(
    COUNT,
    'turns-of-an-hour',
    'what is older than an hour does not count',
    'elapsed(time) < HOUR_MS',
    inTurns,
    'an hour later it is possible again, and the error says when',
    'elapsed(time) < Number.POSITIVE_INFINITY',
  ),
  without(
    COUNT,
    'turns-clock-set-back',
    'what was noted before the clock was set back by hours does not count',
    'elapsed(time) < HOUR_MS',
    inTurns,
    'a clock that was set back by hours holds nobody up',
    'Date.now() - time < HOUR_MS',
  ),
  without(
    COUNT,
    'turns-trimmed',
    'a file of turns does not grow for ever',
    '  if (fileSize(file) > LARGE_BYTES) trim(tree, file)',
    inTurns,
    'a file that has grown large is written anew with what still counts',
  ),
  without(
    ASK,
    'ask-limited',
    'a question that causes one turn too many is refused',
    '  refuseTooManyTurns(tree, me, card)',
    inTurns,
    oneTooMany,
  ),
  without(ASK, 'ask-counted', 'a question is counted', '  countTurn(tree, me, card)', inTurns, oneTooMany),
  without(
    NOTIFY,
    'notice-limited',
    'a notice that causes one turn too many is refused',
    '  if (wake) refuseTooManyTurns(tree, me, card)',
    inTurns,
    oneTooMany,
  ),
  without(
    NOTIFY,
    'notice-counted',
    'a notice that wakes is counted',
    '  if (wake) countTurn(tree, me, card)',
    inTurns,
    oneTooMany,
  ),
  without(
    NOTIFY,
    'quiet-not-limited',
    'a quiet notice is not refused',
    '  if (wake) refuseTooManyTurns',
    inTurns,
    quiet,
    '  refuseTooManyTurns',
  ),
  without(
    NOTIFY,
    'quiet-not-counted',
    'a quiet notice is not counted',
    '  if (wake) countTurn',
    inTurns,
    quiet,
    '  countTurn',
  ),
  without(
    BROADCAST,
    'broadcast-limited',
    'a broadcast wakes nobody too often',
    '    if (notice.wake) refuseTooManyTurns(tree, me, card)',
    inTurns,
    waking,
  ),
  without(
    BROADCAST,
    'broadcast-counted',
    'a broadcast that wakes is counted',
    '    if (first && notice.wake) countTurn(tree, me, card)',
    inTurns,
    waking,
  ),
]

const notices = [
  without(
    NOTIFY,
    'quiet-says-so',
    'a notice that wakes nobody says so',
    'notice.wake ? {} : { wake: false }',
    inTell,
    'a notice wakes its agent unless it says that it does not',
    '{}',
  ),
  without(
    BROADCAST,
    'broadcast-quiet',
    'a broadcast wakes nobody unless it is to',
    'id = newId(), wake = false,',
    inTell,
    'a broadcast wakes nobody unless it is to',
    'id = newId(), wake = true,',
  ),
  without(
    NOTICES,
    'told-not-for-ours',
    'a prompt of ours tells of no notices',
    'isOnlyOurs(prompt) || ',
    inNotices,
    "a prompt that is only ours is not the agent's own, and one with something of its user's is",
  ),
  without(
    NOTICES,
    'told-not-paused',
    'a paused agent is told of no notices',
    ' || pauseOf(tree, card.address) !== undefined',
    inNotices,
    'a paused agent is told nothing until it is resumed',
  ),
  without(
    NOTICES,
    'told-once',
    'an agent is told once of a notice',
    '.filter(({ id }) => !told.has(id))',
    inNotices,
    toldOnce,
  ),
  without(
    NOTICES,
    'told-of-all',
    'who is told again is told of all that wait',
    'told.has(mail.id) || quiet',
    inNotices,
    toldOnce,
    'quiet',
  ),
  without(
    NOTICES,
    'told-quiet-only',
    'what wakes by itself is not told of',
    ' && parsed.message.wake === false',
    inNotices,
    'a notice that wakes, a question and a broken file are not told of',
  ),
  without(
    NOTICES,
    'told-reads-hundred',
    'a hook reads a hundred notices at most',
    '.slice(0, MOST_READ)',
    inNotices,
    'of very many a hook reads a hundred, and tells of the rest with the next prompts',
  ),
]

export const limits = [...chain, ...turns, ...notices]
