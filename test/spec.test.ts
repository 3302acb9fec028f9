// mailbox-spec.md is a product: every tagged block in it is run here, so that it cannot say what is not so.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseCard } from '../src/protocol/card.ts'
import { frameText } from '../src/protocol/frame.ts'
import { formatHost, type HostFile, parseHost } from '../src/protocol/host.ts'
import { askPath, fileName } from '../src/protocol/layout.ts'
import { type Message, OUTCOMES, parseMessage } from '../src/protocol/message.ts'
import { type Ask, blockOn, listAsks } from '../src/spool/asks.ts'
import { claim } from '../src/spool/moves.ts'
import { derivedId } from '../src/spool/new-id.ts'
import { makeMailbox, publish } from '../src/spool/publish.ts'
import { read } from '../src/spool/scan.ts'
import { awaitReply } from '../src/verbs/await-reply.ts'
import { endTurn } from '../src/verbs/end-turn.ts'
import { given } from '../src/verbs/given.ts'
import { shown } from '../src/verbs/shown.ts'
import { membersOf } from './protocol/fixtures.ts'
import {
  enrol,
  filesIn,
  framed,
  here,
  makeWorld,
  message,
  place,
  plainEnv,
  Q,
  ROOT,
  replied,
  waitOf,
} from './world.ts'

type Block = { line: number; tag: string; text: string }

const SPEC = readFileSync(join(ROOT, 'mailbox-spec.md'), 'utf8')

/** The fenced blocks; one whose language is followed by nothing is for people only. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let open: Block | undefined
  for (const [at, line] of markdown.split('\n').entries()) {
    if (open !== undefined && line.startsWith('```')) {
      blocks.push(open)
      open = undefined
    } else if (open !== undefined) open.text += `${line}\n`
    else if (line.startsWith('```')) open = { line: at + 1, tag: line.slice(3).trim(), text: '' }
  }
  return open === undefined ? blocks : [...blocks, { ...open, tag: 'never closed' }]
}

const BLOCKS = blocksOf(SPEC)
const TAGGED = BLOCKS.filter(({ tag }) => /\s/.test(tag))
const VALID = TAGGED.filter(({ tag }) => tag === 'json valid')
const INVALID = TAGGED.filter(({ tag }) => /^json invalid=[a-z0-9-]+$/.test(tag))
const CARDS = TAGGED.filter(({ tag }) => tag === 'json card')
const HOSTS = TAGGED.filter(({ tag }) => tag === 'json host')
const ASKS = TAGGED.filter(({ tag }) => tag === 'json ask')
const SCHEMAS = TAGGED.filter(({ tag }) =>
  /^json schema=(common|query|reply|notice|cancel|card|process|ask)$/.test(tag),
)
const LAYOUT = TAGGED.filter(({ tag }) => tag === 'console layout')
const STEPS = TAGGED.filter(({ tag }) => /^console step=[a-z]+$/.test(tag))

t.test('every block has a tag that is known, and there are blocks of each kind', async (t) => {
  const kinds = [VALID, INVALID, CARDS, HOSTS, ASKS, SCHEMAS, LAYOUT, STEPS]
  const known = new Set(kinds.flat())
  t.strictSame(
    TAGGED.filter((block) => !known.has(block)).map(({ line, tag }) => `${line}: ${tag}`),
    [],
  )
  for (const kind of kinds) t.ok(kind.length > 0)
  const forPeople = BLOCKS.filter((block) => !TAGGED.includes(block)).map(({ tag }) => tag)
  t.strictSame(forPeople, ['abnf'])
})

for (const { line, text } of VALID) {
  t.test(`the message at line ${line} of mailbox-spec.md is valid`, async (t) => {
    const message = JSON.parse(text) as Message
    t.strictSame(parseMessage(Buffer.from(text)), { message })
    const { tree } = makeWorld(t)
    const file = place(tree, message.to, 'new', fileName(message.id, message.kind), text)
    t.strictSame(read(tree, message.to, 'new', { id: message.id, kind: message.kind, file }), { message })
  })
}

t.test('mailbox-spec.md shows a valid message of every kind', async (t) => {
  const kinds = VALID.map(({ text }) => (JSON.parse(text) as Message).kind)
  t.strictSame([...new Set(kinds)].sort(), ['cancel', 'notice', 'query', 'reply'])
})

for (const { line, tag, text } of INVALID) {
  const code = tag.slice('json invalid='.length)
  t.test(`the text at line ${line} of mailbox-spec.md has the fault ${code}`, async (t) => {
    t.match(parseMessage(Buffer.from(text)), { fault: code })
  })
}

for (const { line, text } of CARDS) {
  t.test(`the card at line ${line} of mailbox-spec.md is one`, async (t) => {
    t.strictSame(parseCard(text), JSON.parse(text))
  })
}

for (const { line, text } of HOSTS) {
  t.test(`the claim at line ${line} of mailbox-spec.md is one`, async (t) => {
    const host = JSON.parse(text) as HostFile
    t.strictSame(parseHost(Buffer.from(formatHost(host)), host.host), host)
  })
}

for (const { line, text } of ASKS) {
  t.test(`the file in asks/ at line ${line} of mailbox-spec.md is one`, async (t) => {
    const { tree } = makeWorld(t)
    const ask = JSON.parse(text) as Ask
    const file = askPath('frontend@laptop', ask.id, 'blocked')
    makeMailbox(tree, 'frontend@laptop')
    writeFileSync(join(tree.root, file), text)
    t.strictSame(listAsks(tree, 'frontend@laptop'), [{ ...ask, state: 'blocked' }])
  })
}

t.test('the layout of mailbox-spec.md is what the programs make', async (t) => {
  const world = makeWorld(t)
  const { tree } = world
  enrol(t, world, 'backend')
  publish(tree, message())
  for (const { text } of LAYOUT) runCommands(t, tree.root, text)
})

t.test('the notice of a broadcast in mailbox-spec.md has the id that is computed for it', async (t) => {
  const notices = VALID.map(({ text }) => JSON.parse(text) as Message).filter(({ kind }) => kind === 'notice')
  const of = notices.filter(({ thread, in_reply_to }) => thread !== undefined && in_reply_to === undefined)
  t.strictSame(
    of.map(({ thread, to }) => derivedId(thread as string, to)),
    of.map(({ id }) => id),
  )
  t.equal(of.length, 1)
})

t.test('every section of mailbox-spec.md that the code names is there', async (t) => {
  const headings = Array.from(SPEC.matchAll(/^#{2,3} (\d+(?:\.\d+)?)\.? /gm), (match) => match[1])
  for (const file of filesIn(join(ROOT, 'src')).filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(join(ROOT, 'src', file), 'utf8')
    const lists = Array.from(
      text.matchAll(/mailbox-spec ((?:§[\d.]*\d(?:, )?)+)/g),
      (match) => match[1] as string,
    )
    for (const [, section] of lists.join().matchAll(/§([\d.]*\d)/g))
      t.ok(headings.includes(section), `${file} names §${section}`)
  }
})

for (const [type, file] of [
  ['Fault', 'src/protocol/message.ts'],
  ['Event', 'src/spool/journal.ts'],
  ['AgentKind', 'src/protocol/card.ts'],
] as const) {
  t.test(`mailbox-spec.md names every ${type} of the code`, async (t) => {
    const members = membersOf(file, type)
    t.ok(members.length > 3, `found in ${file}`)
    for (const member of members)
      t.ok(SPEC.includes(`\`${member}\``) || SPEC.includes(`invalid=${member}\n`), member)
  })
}

t.test('mailbox-spec.md has a row for every outcome, and for no other', async (t) => {
  const table = SPEC.split('| outcome | the query')[1]?.split('\n\n')[0] ?? ''
  const rows = Array.from(table.matchAll(/^\| `([a-z]+)` \|/gm), (match) => match[1])
  t.strictSame(rows, [...OUTCOMES])
})

/** While `act` runs the clock says `iso`. */
function at<T>(iso: string, act: () => T): T {
  const { toISOString } = Date.prototype
  Date.prototype.toISOString = () => iso
  try {
    return act()
  } finally {
    Date.prototype.toISOString = toISOString
  }
}

/** The worked exchange of §11 through the real functions, with the messages of §4. */
function makeExchange(t: Test) {
  const world = makeWorld(t)
  const { tree } = world
  const [query, reply] = ['query', 'reply'].map((kind) =>
    VALID.map(({ text }) => JSON.parse(text) as Message).find((message) => message.kind === kind),
  ) as [Message, Message]
  const frontend = enrol(t, world, 'frontend', { process: here })
  const backend = enrol(t, world, 'backend')
  const file = fileName(Q, 'query')
  const steps: Record<string, () => unknown> = {
    ask: () => {
      blockOn(tree, frontend.address, { id: Q, to: backend.address, process: here, since: query.sent })
      return publish(tree, query)
    },
    claim: () => claim(tree, backend.address, file),
    given: () =>
      given(tree, backend, { text: frameText(framed(query)), transcript: '/dev/null', hook: 'prompt' }),
    answer: () =>
      at(reply.sent, () =>
        endTurn(tree, backend, {
          text: () => reply.body,
          prompts: () => [{ text: frameText(framed(query)), absorbed: false }],
        }),
      ),
    take: () => awaitReply(tree, frontend.address, here, Q, waitOf(0)),
    consume: () => shown(tree, frontend, replied(reply)),
  }
  return { root: tree.root, steps }
}

/** What a console block types, and what it says that comes out. */
function commandsOf(text: string): { command: string; output: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => ({
      command: part.slice(0, part.indexOf('\n')),
      output: part.slice(part.indexOf('\n') + 1),
    }))
}

function runCommands(t: Test, cwd: string, text: string): void {
  const commands = commandsOf(text)
  t.ok(commands.length > 0, 'it has a command')
  for (const { command, output } of commands) {
    const env = plainEnv({ LC_ALL: 'C' })
    t.equal(execFileSync('sh', ['-c', command], { cwd, env, encoding: 'utf8' }), output, command)
  }
}

t.test('the worked exchange of mailbox-spec.md goes step by step as it says', async (t) => {
  const { root, steps } = makeExchange(t)
  const names = STEPS.map(({ tag }) => tag.slice('console step='.length))
  t.strictSame(names, Object.keys(steps), 'every step once, in order')
  for (const [n, block] of STEPS.entries()) {
    await steps[names[n] as string]?.()
    runCommands(t, root, block.text)
  }
})
