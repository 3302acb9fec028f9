// The table of mutants, without running them: every place and every test that it names is there, and no rule is missing.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { MUTANTS } from './mutants/table.mjs'
import { ROOT } from './world.ts'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const places = (text: string, part: string) => text.split(part).length - 1

t.test('every mutant has a name of its own, changes something, and stands in one place', async (t) => {
  t.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length)
  for (const { name, file, find, replace } of MUTANTS) {
    t.equal(places(read(file), find), 1, `${name}: once in ${file}`)
    t.not(find, replace, `${name}: changes something`)
  }
})

/** The titles in a test file, as patterns: a template may have any text where it has a value. */
function titlesIn(text: string): RegExp[] {
  const literals = text.matchAll(/\b\w+\.test\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)/g)
  return Array.from(literals, ([, literal = '']) => titlePattern(literal))
}

function titlePattern(literal: string): RegExp {
  const parts = withoutNested(literal.slice(1, -1)).split('\0')
  return new RegExp(`^${parts.map((part) => part.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&')).join('.*')}$`)
}

/** Each \${…} becomes one NUL; there are braces and templates in them. */
function withoutNested(text: string): string {
  let [out, depth] = ['', 0]
  for (let at = 0; at < text.length; at++) {
    if (text.startsWith('${', at)) {
      if (depth === 0) out += '\0'
      depth += 1
      at += 1
    } else if (depth > 0) depth -= text[at] === '}' ? 1 : 0
    else out += text[at]
  }
  return out
}

t.test('every test that a mutant names is in its file', async (t) => {
  for (const { name, test, title } of MUTANTS) {
    const titles = titlesIn(read(test))
    for (const part of title.split(' > '))
      t.ok(
        titles.some((pattern) => pattern.test(part)),
        `${name}: "${part}" in ${test}`,
      )
  }
})

/** Every text of a file that is a sentence: why something is not typed, in words. */
function reasonsIn(file: string): string[] {
  const code = read(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|^import.*$/gm, '')
  const literals = code.matchAll(
    /'((?:it|its|the|another) [^'\n]+)'|`((?:it|its|the|another) [^`\n]*?)(?:\$\{[^`\n]*)?`/g,
  )
  return Array.from(literals, ([, plain, template]) => plain ?? template ?? '')
}

/** Reasons that no test can bring about. */
const UNREACHABLE = [
  'its pane is gone' /* for the compiler: without a view the gate before it has held already */,
]

for (const [file, atLeast] of [
  ['src/courier/gates.ts', 12],
  ['src/agents/claude-code/composer.ts', 3],
] as const) {
  t.test(`every reason in ${file} not to type has its mutant`, async (t) => {
    const reasons = reasonsIn(file).filter((reason) => !UNREACHABLE.includes(reason))
    t.ok(reasons.length >= atLeast, `there are ${reasons.length}`)
    for (const reason of reasons)
      t.ok(
        MUTANTS.some((mutant) => mutant.file === file && mutant.find.includes(reason)),
        `${file}: ${reason}`,
      )
  })
}

/** The functions that decide, and nothing else: each loses its rule to at least one mutant. */
const DECIDE: Record<string, string[]> = {
  'src/courier/gates.ts': ['approach', 'statusGate', 'paneGate', 'whyNotEmpty'],
  'src/courier/doors.ts': ['whyHeld'],
  'src/courier/terminal.ts': ['whyShut', 'look', 'holds', 'enter', 'clearStranded', 'strandedIn'],
  'src/courier/tmux.ts': ['lastKeyIn', 'paste', 'guarded'],
  'src/courier/inbox-socket.ts': ['whyShut', 'hand', 'look'],
  'src/courier/parcel.ts': ['nextTogether'],
  'src/agents/claude-code/inbox.ts': ['inboxOf'],
  'src/courier/attend.ts': ['whyTooSoon', 'handle', 'isQuiet'],
  'src/courier/deliver.ts': ['deliver', 'claimOne', 'handIn', 'missing'],
  'src/spool/process.ts': ['readsItsTerminal'],
  'src/spool/publish.ts': ['publishText'],
  'src/spool/outbox.ts': ['keepSent'],
  'src/spool/fates.ts': ['fateOf'],
  'src/verbs/reconcile.ts': ['reconcile', 'putInPlace', 'reopenOne'],
  'src/verbs/repair.ts': ['tend', 'isOver', 'sendAgain', 'keepAsked'],
  'src/verbs/keep-cards.ts': ['isLost'],
  'src/spool/moves.ts': ['move'],
  'src/agents/claude-code/composer.ts': [
    'readComposer',
    'isRule',
    'isEmpty',
    'isEmptyUnfocused',
    'holdsExactly',
    'fits',
  ],
  'src/agents/claude-code/transcript.ts': [
    ...['turnOf', 'offsetIn', 'settled', 'isWhole', 'wholeMessage', 'takenIn'],
    ...['promptOf', 'found', 'withoutPasteMarks', 'taskEndedBy'],
  ],
  'src/verbs/given.ts': ['onItsWay', 'isAlone', 'handOver', 'isClosed'],
  'src/verbs/end-turn.ts': [
    ...['endTurn', 'failTurn', 'look', 'judge', 'grantOf', 'isWhole', 'endOne', 'isJoined'],
    ...['amendment', 'isOfShell'],
  ],
  'src/verbs/begin-turn.ts': ['beginTurn'],
  'src/verbs/provisional.ts': ['hold', 'publishHeld', 'publishOne'],
  'src/verbs/amend.ts': ['amend', 'sendAmendment'],
  'src/verbs/end-open.ts': ['endOpen', 'isHeld'],
  'src/verbs/end-query.ts': ['sendOutcome', 'insteadOf', 'repliedBefore'],
  'src/verbs/cancel.ts': ['obeyCancel', 'isWithdrawn'],
  'src/verbs/address-peer.ts': ['addressPeer', 'addressLivePeer', 'cardNamed'],
  'src/protocol/circle.ts': ['sharesCircle'],
  'src/spool/circles.ts': ['circleOfDirectory'],
  'src/verbs/within-reach.ts': ['withinReach'],
  'src/verbs/reach.ts': ['whyUnreachable', 'looksItself', 'hasDoor', 'whyStuck'],
  'src/verbs/register.ts': ['circleOf', 'complete', 'serverOf'],
  'src/verbs/ask.ts': ['ask', 'draft', 'publishAsked'],
  'src/verbs/await-reply.ts': ['awaitReply', 'stopWaiting', 'look', 'lookOnce', 'lookFar', 'take'],
  'src/spool/file-system.ts': ['isRemote', 'makesUpInodes'],
  'src/spool/poll.ts': ['makePollingPace', 'lookInto'],
  'src/spool/unripe.ts': ['isUnripe'],
  'src/spool/since.ts': ['forgetNotes'],
  'src/verbs/counter-question.ts': ['takeCounterQuestion', 'urgentOnTheirWay', 'everyoneWaitedFor'],
  'src/surfaces/mcp/seat.ts': ['endsWait'],
  'src/verbs/chain.ts': ['nextDepth', 'deepestOpen'],
  'src/verbs/turns.ts': ['refuseTooManyTurns', 'countTurn', 'isCounted'],
  'src/spool/turns.ts': ['noteTurn', 'isOfLastHour', 'fileOf'],
  'src/verbs/hold.ts': ['keepFromAgent', 'whyHeldBack', 'mayDoLess'],
  'src/verbs/may-reach.ts': ['whyDenied'],
  'src/verbs/notify.ts': ['notify', 'sendNotice'],
  'src/verbs/broadcast.ts': ['broadcast', 'sendTo'],
  'src/verbs/waiting-notices.ts': ['waitingNotices', 'isQuiet'],
  'src/protocol/frame.ts': ['fenced', 'saysWho', 'isOnlyOurs', 'harmless'],
}

/** From where to where a function stands, by its last brace in the first column. */
function extentOf(text: string, name: string): [number, number] {
  const from = text.search(new RegExp(`^(?:export )?(?:async )?function ${name}\\(`, 'm'))
  return [from, from < 0 ? -1 : text.indexOf('\n}\n', from)]
}

for (const [file, names] of Object.entries(DECIDE)) {
  t.test(`every function of ${file} that decides has its mutant`, async (t) => {
    const text = read(file)
    const at = MUTANTS.filter((mutant) => mutant.file === file).map(({ find }) => text.indexOf(find))
    for (const name of names) {
      const [from, to] = extentOf(text, name)
      t.ok(from >= 0, `${name} is there`)
      t.ok(
        at.some((place) => place >= from && place < to),
        `${name} has a mutant`,
      )
    }
  })
}

t.test('every gate is in the list of those that decide', async (t) => {
  const names = Array.from(read('src/courier/gates.ts').matchAll(/^(?:export )?(?:async )?function (\w+)/gm))
  const words = ['named', 'whyPaused']
  t.strictSame(
    names.map(([, name]) => name).sort(),
    [...(DECIDE['src/courier/gates.ts'] ?? []), ...words].sort(),
  )
})
