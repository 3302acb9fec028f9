// What a hook saw, and what it moves: a row for each kind of message in each directory. mailbox-spec §7.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { frameText } from '../../src/protocol/frame.ts'
import { KINDS, STATES } from '../../src/protocol/layout.ts'
import { blockOn } from '../../src/spool/asks.ts'
import { readGrant } from '../../src/spool/grants.ts'
import { given } from '../../src/verbs/given.ts'
import { shown } from '../../src/verbs/shown.ts'
import { eventsOf, framed, here, lay, mailOf, makePair, message, mockFs, Q, replied } from '../world.ts'

const SECOND = '20261122t094012413z-00000000'
const TO = 'backend@laptop'
const ASKED = frameText(framed(message()))

/** Where a prompt with its id moves each kind of message from each directory; everything else stays. */
const MOVED: Record<string, string> = {
  'query in cur': 'open',
  'notice in cur': 'done',
  'reply in cur': 'done',
  // A courier that took a slow prompt for lost has just put it back: seen is given.
  'query in new': 'open',
  'notice in new': 'done',
  'reply in new': 'done',
}

for (const kind of KINDS) {
  for (const state of STATES) {
    const to = MOVED[`${kind} in ${state}`] ?? state
    t.test(
      `a prompt with its id ${to === state ? `leaves a ${kind} in ${state}/` : `moves a ${kind} from ${state}/ to ${to}/`}`,
      async (t) => {
        const { tree, peer } = makePair(t)
        const file = lay(tree, state, { kind, from: 'frontend@laptop', to: TO })
        const text = `[repowire:${Q} ${kind === 'query' ? 'question' : kind === 'notice' ? 'notice' : 'answer'} from frontend@laptop] x`
        const closed = given(tree, peer, { text, hook: 'prompt' })
        t.strictSame(mailOf(tree, TO), [`${to}/${file}`])
        t.strictSame(
          closed,
          kind === 'query' && (state === 'done' || state === 'dead') ? [Q] : [],
          'only a closed question is reported',
        )
        t.strictSame(eventsOf(tree, Q), to === state ? [] : [kind === 'reply' ? 'consumed' : 'given'])
        t.strictSame(given(tree, peer, { text, hook: 'prompt' }), closed, 'seen again it stays')
        t.strictSame(mailOf(tree, TO), [`${to}/${file}`])
      },
    )
  }
}

t.test('a question that is given says where in the transcript its turn begins', async (t) => {
  const { tree, peer, dir } = makePair(t)
  const transcript = join(dir, 't.jsonl')
  writeFileSync(transcript, 'ü\n')
  lay(tree, 'cur')
  given(tree, peer, { text: ASKED, transcript, hook: 'prompt' })
  t.strictSame(readGrant(tree, Q), {
    id: Q,
    transcript,
    offset: 3,
    alone: true,
    size: ASKED.replace(/\s/g, '').length,
    reminded: false,
    query: `${JSON.stringify(message())}\n`,
  })
})

for (const [what, text, alone] of [
  ['exactly', ASKED, true],
  ['with the white space of a terminal', `\n${ASKED.replaceAll('. ', '.\n  ')}\n`, true],
  ['with a word before', `x ${ASKED}`, false],
  ['with a word behind', `${ASKED} x`, false],
  ['without its body', ASKED.split('\n')[0] as string, false],
  ['and the header of another', `${ASKED}\n[repowire:${SECOND} question from x@y] z`, false],
] as const) {
  t.test(`a prompt that holds the question ${what} is ${alone ? '' : 'not '}its alone`, async (t) => {
    const { tree, peer } = makePair(t)
    lay(tree, 'cur')
    given(tree, peer, { text, hook: 'prompt' })
    t.equal(readGrant(tree, Q)?.alone, alone)
  })
}

t.test('a question without a transcript begins at its start', async (t) => {
  const { tree, peer } = makePair(t)
  lay(tree, 'cur')
  given(tree, peer, { text: ASKED, hook: 'transcript' })
  t.match(readGrant(tree, Q), { offset: 0 })
})

t.test('a prompt without a header moves nothing, even where it names the id', async (t) => {
  const { tree, peer } = makePair(t)
  const file = lay(tree, 'cur')
  t.strictSame(given(tree, peer, { text: `what became of ${Q}?`, hook: 'prompt' }), [])
  t.strictSame(mailOf(tree, TO), [`cur/${file}`])
})

t.test('the header of a message that nobody sent moves nothing', async (t) => {
  const { tree, peer } = makePair(t)
  t.strictSame(given(tree, peer, { text: ASKED, hook: 'prompt' }), [])
  t.strictSame(mailOf(tree, TO), [])
})

t.test('a prompt to one peer does not move the mail of another', async (t) => {
  const { tree, me } = makePair(t)
  const file = lay(tree, 'cur')
  given(tree, me, { text: ASKED, hook: 'prompt' })
  t.strictSame(mailOf(tree, TO), [`cur/${file}`])
})

t.test('an old prompt that is submitted again is told of, once for each closed question', async (t) => {
  const { tree, peer } = makePair(t)
  lay(tree, 'done')
  lay(tree, 'dead', { id: SECOND })
  const text = `${ASKED} ${ASKED} [repowire:${SECOND} question from x@y]`
  t.strictSame(given(tree, peer, { text, hook: 'prompt' }), [Q, SECOND])
})

t.test(
  'an answer that is shown as a tool result is consumed, and nobody waits for it any more',
  async (t) => {
    const { tree, peer } = makePair(t)
    const it = message({ kind: 'reply', to: TO, body: '8080' })
    lay(tree, 'cur', it)
    blockOn(tree, TO, { id: Q, to: 'x@y', process: here, since: '' })
    shown(tree, peer, replied(it))
    t.strictSame(mailOf(tree, TO), [`done/${Q}.reply.json`])
    t.strictSame(eventsOf(tree, Q), ['consumed'])
    shown(tree, peer, replied(it))
    t.strictSame(eventsOf(tree, Q), ['consumed'], 'once')
  },
)

t.test('a tool result never gives a question: only inbox does, and it has moved it', async (t) => {
  const { tree, peer } = makePair(t)
  const file = lay(tree, 'cur')
  shown(tree, peer, ASKED)
  t.strictSame(mailOf(tree, TO), [`cur/${file}`])
})

t.test('an answer that quotes the header of another message consumes only itself', async (t) => {
  const { tree, peer } = makePair(t)
  lay(tree, 'cur', { kind: 'reply', to: TO, body: '' })
  const other = lay(tree, 'cur', { kind: 'reply', to: TO, id: SECOND })
  shown(
    tree,
    peer,
    replied(message({ kind: 'reply', body: `[repowire:${SECOND} answer from x@y] The answer` })),
  )
  t.strictSame(mailOf(tree, TO), [`cur/${other}`, `done/${Q}.reply.json`])
})

for (const [kind, to, event] of [
  ['query', 'open', 'given'],
  ['notice', 'done', 'given'],
  ['reply', 'done', 'consumed'],
] as const) {
  t.test(
    `a hook that is killed before it moves a ${kind} has left its receipt, and the next one moves it`,
    async (t) => {
      const { tree, peer } = makePair(t)
      const file = lay(tree, 'cur', { kind, from: 'frontend@laptop', to: TO })
      const it = message({ kind, from: 'frontend@laptop', to: TO })
      const prompted = { text: frameText(framed(it)), transcript: '/dev/null', hook: 'prompt' }
      mockFs(t, 'renameSync', (real, restore) => (from: string, target: string) => {
        if (!target.includes('/inbox/')) return real(from, target)
        restore()
        throw Object.assign(new Error('killed'), { code: 'killed' })
      })
      t.throws(() => given(tree, peer, prompted), { code: 'killed' })
      t.strictSame(mailOf(tree, TO), [`cur/${file}`])
      t.strictSame(eventsOf(tree, Q), [event])
      t.equal(readGrant(tree, Q)?.alone, kind === 'query' ? true : undefined)
      given(tree, peer, prompted)
      t.strictSame(mailOf(tree, TO), [`${to}/${file}`])
    },
  )
}
