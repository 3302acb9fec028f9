// Pairing: a row for each way in which a turn can end with a question open. mailbox-spec §4.3.

import t from 'tap'
import { frameText } from '../../src/protocol/frame.ts'
import { MAX_MESSAGE_BYTES } from '../../src/protocol/message.ts'
import { readGrant } from '../../src/spool/grants.ts'
import { claim } from '../../src/spool/moves.ts'
import { publish } from '../../src/spool/publish.ts'
import { endOpen, failed, interrupted } from '../../src/verbs/end-open.ts'
import { endTurn, failTurn, type Prompt } from '../../src/verbs/end-turn.ts'
import { given } from '../../src/verbs/given.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { reply } from '../../src/verbs/reply.ts'
import { filesIn, framed, lay, mailOf, makePair, message, Q, read } from '../world.ts'

const SECOND = '20261122t094012413z-00000000'
const ASKED = frameText(framed(message()))

/** The client tells that a task has ended. */
const OWN_TASK = { text: '<task-notification>', absorbed: true, ofTask: 'other' as const }

type World = ReturnType<typeof makePair>

/** A question that a prompt of this text gave to the peer. */
function give(world: World, prompt = ASKED, id = Q): void {
  const { tree, peer } = world
  publish(tree, message({ id }))
  claim(tree, peer.address, `${id}.query.json`)
  given(tree, peer, { text: prompt, transcript: '/dev/null', hook: 'prompt' })
}

/** The Stop hook of a turn that took up these prompts and ended with this text. */
function stop(
  { tree, peer }: World,
  prompts: (string | Prompt)[] | undefined,
  text: string | null = 'It is 8080.',
  pending = false,
): string[] {
  return endTurn(tree, peer, {
    pending: () => pending,
    text: () => text ?? undefined,
    prompts: () =>
      prompts?.map((prompt) => (typeof prompt === 'string' ? { text: prompt, absorbed: false } : prompt)),
  })
}

const outcome = ({ tree, me }: World) => read(tree, me.address, 'new', `${Q}.reply.json`)

type Row = {
  name: string
  prompt?: string
  prompts: (string | Prompt)[] | undefined
  text?: string | null
  ends: 'answered' | 'reminded' | 'open'
}

const ROWS: Row[] = [
  { name: 'the only prompt of the turn', prompts: [ASKED], ends: 'answered' },
  {
    name: 'the only prompt, broken over lines by the terminal',
    prompt: ASKED.replaceAll('. ', '.\n  '),
    prompts: [ASKED],
    ends: 'answered',
  },
  {
    name: 'a prompt among others: the human spoke after it',
    prompts: [ASKED, 'and what of my tests?'],
    ends: 'reminded',
  },
  { name: 'a prompt among others: the human spoke before it', prompts: ['hello', ASKED], ends: 'reminded' },
  {
    name: 'taken up in the middle of a turn of the human',
    prompts: [{ text: ASKED, absorbed: true }],
    ends: 'reminded',
  },
  { name: 'twice in the turn', prompts: [ASKED, ASKED], ends: 'reminded' },
  {
    name: 'joined with a draft of the human',
    prompt: `please wait ${ASKED}`,
    prompts: [`please wait ${ASKED}`],
    ends: 'reminded',
  },
  {
    name: 'followed by a text of the human',
    prompt: `${ASKED}\nand my tests?`,
    prompts: [`${ASKED}\nand my tests?`],
    ends: 'reminded',
  },
  {
    name: 'not among the prompts of this turn: it is queued',
    prompts: ['and what of my tests?'],
    ends: 'open',
  },
  {
    name: 'made one prompt with another that was queued',
    prompts: [`${ASKED}\nand my tests?`],
    ends: 'reminded',
  },
  {
    name: 'the only prompt beside the end of a task that was begun for it',
    prompts: [ASKED, OWN_TASK],
    ends: 'answered',
  },
  {
    name: 'a prompt beside the end of a task that was begun before it',
    prompts: [ASKED, { ...OWN_TASK, ofTask: undefined }],
    ends: 'reminded',
  },
  { name: 'quoted in the end of a task alone', prompts: [{ ...OWN_TASK, text: ASKED }], ends: 'open' },
  { name: 'not visible in a transcript without prompts', prompts: [], ends: 'open' },
  { name: 'in a transcript that cannot be read', prompts: undefined, ends: 'reminded' },
  { name: 'in a turn without a final text', prompts: [ASKED], text: null, ends: 'reminded' },
]

for (const { name, prompt, prompts, text, ends } of ROWS) {
  t.test(`a question that was ${name} is ${ends}`, async (t) => {
    const world = makePair(t)
    give(world, prompt)
    const owed = stop(world, prompts, text)
    t.strictSame(owed, ends === 'reminded' ? [Q] : [])
    t.strictSame(mailOf(world.tree, world.peer.address), [
      `${ends === 'answered' ? 'done' : 'open'}/${Q}.query.json`,
    ])
    if (ends === 'answered') t.match(outcome(world), { outcome: 'answered', body: 'It is 8080.' })
    else t.strictSame(mailOf(world.tree, world.me.address), [], 'nothing of this turn is sent to anyone')
  })
}

t.test(
  'a question that was not answered after one reminder ends as unanswered, without a word of the turn',
  async (t) => {
    const world = makePair(t)
    give(world)
    t.strictSame(stop(world, [ASKED, 'mine']), [Q])
    t.equal(readGrant(world.tree, Q)?.reminded, true)
    t.strictSame(stop(world, [ASKED, 'mine'], 'For you: 7.'), [])
    t.strictSame(mailOf(world.tree, world.peer.address), [`done/${Q}.query.json`])
    t.equal(outcome(world).outcome, 'unanswered')
    t.notMatch(outcome(world).body, 'For you')
  },
)

t.test(
  'after a reminder no final text answers, also where the record tells late that it could have',
  async (t) => {
    const world = makePair(t)
    give(world)
    t.strictSame(stop(world, undefined), [Q])
    t.strictSame(stop(world, [ASKED], 'Then I leave it.'), [])
    t.equal(outcome(world).outcome, 'unanswered')
    t.notMatch(outcome(world).body, 'leave it')
  },
)

t.test('after a reminder reply_peer answers, and the next Stop has nothing to do', async (t) => {
  const world = makePair(t)
  give(world)
  stop(world, [ASKED, 'mine'])
  reply(world.tree, world.peer.address, Q, '8080')
  t.strictSame(stop(world, [ASKED, 'mine']), [])
  t.match(outcome(world), { outcome: 'answered', body: '8080' })
})

t.test('what reply_peer answered in the turn is not answered again by its final text', async (t) => {
  const world = makePair(t)
  give(world)
  reply(world.tree, world.peer.address, Q, 'by the tool')
  stop(world, [ASKED], 'Sent.')
  t.equal(outcome(world).body, 'by the tool')
})

t.test('a question that came as a tool result is always owed, never paired', async (t) => {
  const world = makePair(t)
  lay(world.tree, 'new')
  takeInbox(world.tree, world.peer, true)
  t.strictSame(stop(world, ['look into your inbox']), [Q])
  t.strictSame(stop(world, ['look into your inbox']), [])
  t.equal(outcome(world).outcome, 'unanswered')
})

t.test('a question in open/ of which no one knows how it came there is owed', async (t) => {
  const world = makePair(t)
  lay(world.tree, 'open')
  t.strictSame(stop(world, [ASKED]), [Q])
})

t.test('of two questions in one turn neither is paired, and both are owed', async (t) => {
  const world = makePair(t)
  const other = frameText(framed(message({ id: SECOND })))
  give(world)
  give(world, other, SECOND)
  t.strictSame(stop(world, [ASKED, other]), [Q, SECOND])
  t.strictSame(mailOf(world.tree, world.me.address), [])
})

t.test(
  'of two questions of which the record of the second begins behind the first neither is paired',
  async (t) => {
    const world = makePair(t)
    const other = frameText(framed(message({ id: SECOND })))
    give(world)
    give(world, other, SECOND)
    const prompts = ({ id }: { id: string }) =>
      (id === Q ? [ASKED, other] : [other]).map((text) => ({ text, absorbed: false }))
    t.strictSame(endTurn(world.tree, world.peer, { text: () => 'x', prompts }), [Q, SECOND])
    t.strictSame(mailOf(world.tree, world.me.address), [])
  },
)

t.test('one prompt that holds the headers of two questions is paired with neither', async (t) => {
  const world = makePair(t)
  const both = `${ASKED}\n${frameText(framed(message({ id: SECOND })))}`
  publish(world.tree, message())
  publish(world.tree, message({ id: SECOND }))
  for (const id of [Q, SECOND]) claim(world.tree, world.peer.address, `${id}.query.json`)
  given(world.tree, world.peer, { text: both, hook: 'prompt' })
  t.strictSame(stop(world, [both]), [Q, SECOND])
  t.strictSame(mailOf(world.tree, world.me.address), [])
})

t.test('a turn without questions ends in peace', async (t) => {
  const world = makePair(t)
  lay(world.tree, 'done')
  t.strictSame(stop(world, ['hello']), [])
  t.strictSame(mailOf(world.tree, world.me.address), [])
})

for (const [what, char] of [
  ['of one byte each', 'x'],
  ['of two bytes each', 'ü'],
  ['that JSON escapes', '\u0001'],
  ['of two code units each', '😀'],
  ['that are lone surrogates', '\ud800'],
] as const) {
  t.test(`an answer of too many characters ${what} is cut, says so, and fits`, async (t) => {
    const world = makePair(t)
    give(world)
    stop(world, [ASKED], `begins ${char.repeat(MAX_MESSAGE_BYTES)}`)
    const { body } = outcome(world)
    t.match(body, /^begins /)
    t.match(body, /\n\[cut: the answer has \d+ characters, and one message holds \d+ of them\]$/)
    t.ok(body.isWellFormed())
    t.ok(Buffer.byteLength(JSON.stringify(body)) > MAX_MESSAGE_BYTES * 0.45, 'and not by more than it must')
  })
}

t.test('an answer that just fits is whole', async (t) => {
  const world = makePair(t)
  give(world)
  const text = 'x'.repeat(MAX_MESSAGE_BYTES - 2_050)
  stop(world, [ASKED], text)
  t.ok(outcome(world).body === text)
})

t.test('an answered question leaves nothing in given/', async (t) => {
  const world = makePair(t)
  give(world)
  stop(world, [ASKED])
  t.strictSame(
    filesIn(world.tree.state).filter((file) => file.startsWith('given/')),
    [],
  )
})

t.test('a question whose prompt left no place in a transcript is owed, never paired', async (t) => {
  const { tree, peer, me } = makePair(t)
  publish(tree, message())
  claim(tree, peer.address, `${Q}.query.json`)
  given(tree, peer, { text: ASKED, hook: 'transcript' })
  t.strictSame(endTurn(tree, peer, { text: () => 'x', prompts: () => [{ text: ASKED, absorbed: false }] }), [
    Q,
  ])
  t.strictSame(mailOf(tree, me.address), [])
})

t.test('a turn that failed ends the questions that it had, and not one that is still queued', async (t) => {
  const world = makePair(t)
  const { tree, peer } = world
  give(world)
  give(world, frameText(framed(message({ id: SECOND }))), SECOND)
  const turn = { text: () => undefined, prompts: () => [{ text: ASKED, absorbed: false }] }
  failTurn(tree, peer, turn, failed(peer, 'API error'))
  t.strictSame(mailOf(tree, peer.address), [`dead/${Q}.query.json`, `open/${SECOND}.query.json`])
  t.equal(outcome(world).outcome, 'failed')
})

for (const [what, end] of [
  ['interrupted', (world: World) => interrupted(world.peer, 'its user pressed Esc', 'courier')],
  ['failed', (world: World) => failed(world.peer, 'API error')],
] as const) {
  t.test(`the questions of a turn that was ${what} end so, in dead/, and say why`, async (t) => {
    const world = makePair(t)
    give(world)
    lay(world.tree, 'new', { id: SECOND })
    lay(world.tree, 'open', { id: '20261122t094012499z-00000000', kind: 'notice' })
    t.equal(endOpen(world.tree, world.peer, end(world)), 1)
    t.match(outcome(world), { outcome: what, body: /Esc|API error/ })
    t.strictSame(mailOf(world.tree, world.peer.address), [
      `dead/${Q}.query.json`,
      `new/${SECOND}.query.json`,
      'open/20261122t094012499z-00000000.notice.json',
    ])
    t.equal(endOpen(world.tree, world.peer, end(world)), 0, 'once')
  })
}
