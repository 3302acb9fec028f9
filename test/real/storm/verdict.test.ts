// The judge of a storm must be able to condemn: a good record, and one that is broken in each way.
import t from 'tap'
import type { Question, StormRecord } from './record.ts'
import { judge } from './verdict.ts'

const QUESTION: Question = {
  id: '20261127t150424658z-hm6139bk',
  word: 'Q1',
  from: 'alpha',
  to: 'beta',
  asked: 10_000,
  ended: 20_000,
  consumed: 20_100,
  states: ['done'],
  replies: [{ from: 'beta', outcome: 'answered', body: 'answer to Q1 by beta' }],
  seen: 1,
  shown: ['The answer\nanswer to Q1 by beta'],
}
const GONE = { from: 'beta', outcome: 'gone', body: 'beta is gone' }
const ENDED = { states: ['dead'], replies: [GONE], shown: ['No answer (gone)'] }

function recordOf(question: Partial<Question>, more: Partial<StormRecord> = {}): StormRecord {
  const questions = [{ ...QUESTION, ...question }]
  return { questions, disturbances: [], dialogs: [], drafts: [], notices: [], ...more }
}

const CLEAN = { lost: 0, twice: 0, mispaired: 0, dialogs: 0, drafts: 0, behind: 0 }
const disturbed = (at: number, peer: string, by: 'stop' | 'clear' | 'kill') => ({
  disturbances: [{ at, peer, by }],
})

t.test('a good record has nothing but zeros', async (t) => {
  const drafts = [{ wrote: 'not yet sent D2', found: 'not yet sent D2' }]
  const dialogs = [{ word: 'B3', ran: false }]
  const notices = [{ about: QUESTION.id, body: 'An amendment: answer to Q1 by beta' }]
  const { counts, faults } = judge(recordOf({}, { drafts, dialogs, notices }))
  t.strictSame(faults, [])
  t.strictSame(counts, { questions: 1, answered: 1, ended: 0, ...CLEAN })
})

t.test(
  'a draft that is whole behind a text of ours is counted apart, and a cut one is a fault',
  async (t) => {
    const ours = '[repowire:20261122t094012412z-k3v9x2p8 question from beta@laptop][Pasted text #2 +5 lines]'
    const found = (text: string) => judge(recordOf({}, { drafts: [{ wrote: 'not D2', found: text }] })).counts
    t.match(found(`${ours}not D2`), { ...CLEAN, behind: 1 })
    for (const text of [`${ours}ot D2`, `n${ours}ot D2`, `${ours}not D2 `, `${ours.slice(1)}not D2`, ours])
      t.match(found(text), { ...CLEAN, drafts: 1 }, text)
  },
)

t.test('a question that a human ended is no fault', async (t) => {
  t.match(judge(recordOf(ENDED, disturbed(15_000, 'beta', 'kill'))).counts, {
    answered: 0,
    ended: 1,
    ...CLEAN,
  })
  const late = { shown: [], consumed: undefined }
  t.match(judge(recordOf(late, disturbed(15_000, 'alpha', 'stop'))).counts, CLEAN, 'its asker was stopped')
  const unread = { shown: [] }
  t.match(judge(recordOf(unread, disturbed(22_000, 'alpha', 'kill'))).counts, CLEAN, 'before it read it')
})

const BROKEN: [what: string, record: StormRecord, count: keyof typeof CLEAN, said: RegExp][] = [
  [
    'has no outcome',
    recordOf({ states: ['new'], replies: [], shown: [] }),
    'lost',
    /no outcome; it lies in new/,
  ],
  ['lies in no place', recordOf({ states: [], replies: [], shown: [] }), 'lost', /lies in no place/],
  ['has its outcome, and is still open', recordOf({ states: ['open'] }), 'lost', /lies in open/],
  ['ended, and nobody had done anything', recordOf(ENDED), 'lost', /ended as gone, and no human/],
  [
    'ended long after a human did something',
    recordOf(ENDED, disturbed(5_000, 'beta', 'kill')),
    'lost',
    /no human/,
  ],
  [
    'ended because of a human elsewhere',
    recordOf(ENDED, disturbed(15_000, 'gamma', 'kill')),
    'lost',
    /no human/,
  ],
  ['has an answer that its asker never saw', recordOf({ shown: [] }), 'lost', /never shown to alpha/],
  [
    'has an answer that was left lying before its asker was killed',
    recordOf({ shown: [], consumed: undefined }, disturbed(20_500, 'alpha', 'kill')),
    'lost',
    /never shown to alpha/,
  ],
  [
    'has an answer that its asker never saw, and was stopped long after',
    recordOf({ shown: [] }, disturbed(26_000, 'alpha', 'stop')),
    'lost',
    /never shown to alpha/,
  ],
  [
    'has an answer that its asker never saw, and was killed long before',
    recordOf({ shown: [] }, disturbed(12_000, 'alpha', 'kill')),
    'lost',
    /never shown to alpha/,
  ],
  [
    'has an answer that its asker never saw, although only its peer was stopped',
    recordOf({ shown: [] }, disturbed(15_000, 'beta', 'stop')),
    'lost',
    /never shown to alpha/,
  ],
  ['lies in two places', recordOf({ states: ['done', 'open'] }), 'twice', /lies in done and open/],
  ['was given twice', recordOf({ seen: 2 }), 'twice', /given 2 times/],
  ['has two outcomes', recordOf({ replies: [QUESTION.replies[0] as never, GONE] }), 'twice', /2 outcomes/],
  [
    'has an answer that was shown twice',
    recordOf({ shown: [QUESTION.shown[0] as string, QUESTION.shown[0] as string] }),
    'twice',
    /shown 2 times/,
  ],
  [
    'has the answer of another question',
    recordOf({ replies: [{ ...GONE, outcome: 'answered', body: 'answer to Q11 by beta' }] }),
    'mispaired',
    /holds no "answer to Q1 by beta"/,
  ],
  [
    'was answered by another peer',
    recordOf({ replies: [{ from: 'gamma', outcome: 'answered', body: 'answer to Q1 by beta' }] }),
    'mispaired',
    /answered by gamma/,
  ],
  [
    'has an answer with words to a human in it',
    recordOf({ replies: [{ ...GONE, outcome: 'answered', body: 'For my human: H7\nanswer to Q1 by beta' }] }),
    'mispaired',
    /holds "H7"/,
  ],
  [
    'ended without an answer, and with somebody’s words',
    recordOf(
      { ...ENDED, replies: [{ ...GONE, body: 'For my human: H7' }] },
      disturbed(15_000, 'beta', 'kill'),
    ),
    'mispaired',
    /reply \(gone\) holds "H7"/,
  ],
  [
    'was shown to its asker with the answer of another',
    recordOf({ shown: ['answer to Q1 by beta, answer to Q2 by beta'] }),
    'mispaired',
    /shown "answer to Q2 by beta"/,
  ],
  [
    'has an amendment with words to a human in it',
    recordOf({}, { notices: [{ about: QUESTION.id, body: 'answer to Q1 by beta, H7' }] }),
    'mispaired',
    /amendment to \S+ holds "H7"/,
  ],
  [
    'stood beside a dialog that was answered',
    recordOf({}, { dialogs: [{ word: 'B3', ran: true }] }),
    'dialogs',
    /B3/,
  ],
  [
    'stood beside a draft that was changed',
    recordOf({}, { drafts: [{ wrote: 'D2', found: 'D2[Pasted text #1]' }] }),
    'drafts',
    /"D2" became/,
  ],
]

for (const [what, record, count, said] of BROKEN) {
  t.test(`a question that ${what} is found`, async (t) => {
    const { counts, faults } = judge(record)
    t.ok(counts[count] > 0)
    t.ok(
      faults.some((fault) => said.test(fault)),
      faults.join('\n'),
    )
    const others = { ...CLEAN, [count]: counts[count] }
    t.match(counts, others, 'and nothing else is')
  })
}
