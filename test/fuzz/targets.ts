/** What is fed with bad input: one entry for each place at which something from outside comes in. */

import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { holdsExactly, readComposer } from '../../src/agents/claude-code/composer.ts'
import { readHook } from '../../src/agents/claude-code/hooks.ts'
import { attend } from '../../src/courier/attend.ts'
import { parcelOf } from '../../src/courier/parcel.ts'
import { KINDS, messagePath, STATES } from '../../src/protocol/layout.ts'
import { blockOn } from '../../src/spool/asks.ts'
import { cardsOfHost, listCards } from '../../src/spool/cards.ts'
import { lookConfig } from '../../src/spool/config.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { pauseOf } from '../../src/spool/pause.ts'
import { existingTree } from '../../src/spool/tree.ts'
import type { Seat } from '../../src/surfaces/mcp/seat.ts'
import { TOOLS } from '../../src/surfaces/mcp/tools.ts'
import { ask } from '../../src/verbs/ask.ts'
import { broadcast } from '../../src/verbs/broadcast.ts'
import { cancel } from '../../src/verbs/cancel.ts'
import { describeHosts } from '../../src/verbs/describe-hosts.ts'
import { lookInbox, takeInbox } from '../../src/verbs/inbox.ts'
import { reconcile } from '../../src/verbs/reconcile.ts'
import { register } from '../../src/verbs/register.ts'
import { rename } from '../../src/verbs/rename.ts'
import { repair } from '../../src/verbs/repair.ts'
import { sweep } from '../../src/verbs/sweep.ts'
import { framed, gone, here, message } from '../world.ts'
import { bears, type Field, harmlessFrame, makeFifo, sayable } from './field.ts'
import { bytesOf, fields, text, value } from './nasty.ts'

export type Target = {
  name: string
  input: fc.Arbitrary<unknown>
  feed(field: Field, input: never): Promise<void>
}

const target = <T>(
  name: string,
  input: fc.Arbitrary<T>,
  feed: (field: Field, input: T) => Promise<void>,
): Target => ({ name, input, feed: feed as Target['feed'] })

const ID = '20261122t094012412z-k3v9x2p8'
const ABOUT = { from: 'web@laptop', to: 'api@laptop' }

/** Everybody who may come by looks at the whole tree, and the agent is given what there is. */
async function lookAround(field: Field): Promise<void> {
  const { tree, api } = field
  const memory = { attempts: new Map(), typedBefore: new Set<string>(), known: new Map() }
  await bears(field, 'the courier', () => attend(tree, api, memory))
  await bears(field, 'reconcile', () => reconcile(tree, new Set()))
  await bears(field, 'repair', () => repair(tree, new Map(), 0))
  await bears(field, 'sweep', () => sweep(tree))
  await bears(field, 'a pause', () => pauseOf(tree, api.address))
  await bears(field, 'a list', () => [
    listCards(tree),
    cardsOfHost(tree),
    lookInbox(tree, api.address),
    describeHosts(tree),
  ])
  const taken = (await bears(field, 'the mail', () => takeInbox(tree, api, false))) ?? []
  for (const one of taken) harmlessFrame(field, 'what the agent is given', parcelOf(tree, [one]).frame)
}

const kind = fc.constantFrom(...KINDS)

const messages = target(
  'messages',
  kind.chain((of) =>
    fc.record({
      of: fc.constant(of),
      state: fc.constantFrom('new', 'new', 'cur', 'open', 'held'),
      bytes: bytesOf({ ...message({ kind: of, ...ABOUT }) }),
    }),
  ),
  async (field, { of, state, bytes }) => {
    const { tree } = field
    if (of === 'query' || of === 'reply')
      blockOn(tree, of === 'query' ? 'web@laptop' : 'api@laptop', {
        id: ID,
        to: of === 'query' ? 'api@laptop' : 'web@laptop',
        process: gone,
        since: '',
      })
    writeFileSync(join(tree.root, messagePath('api@laptop', state as 'new', `${ID}.${of}.json`)), bytes)
    await lookAround(field)
  },
)

const bodies = target(
  'bodies',
  fc.record({ body: text, earlier: text, of: fc.constantFrom('query', 'notice', 'reply' as const) }),
  async (field, { body, earlier, of }) => {
    const one = message({ kind: of as 'query', body, ...ABOUT })
    harmlessFrame(field, 'a body', framed(one, [{ query: message({ body: earlier }) }]))
    holdsExactly(body, framed(one))
  },
)

const cards = target(
  'cards',
  fc.record({
    name: fc.constantFrom('api', 'web', 'evil', 'courier'),
    bytes: bytesOf({
      spec: 'mailbox/1',
      address: 'evil@laptop',
      agent: 'other',
      directory: '/x',
      process: here,
      registered: 'x',
      renamed: 'api@laptop',
    }),
  }),
  async (field, { name, bytes }) => {
    const { tree } = field
    writeFileSync(join(tree.root, 'peers', `${name}@laptop.json`), bytes)
    await lookAround(field)
    await bears(field, 'ask', () => ask(tree, 'web@laptop', gone, { peer: name, body: 'x' }))
    await bears(field, 'register', () =>
      register(tree, { agent: 'other', process: here, directory: join(field.dir, 'work', 'api') }),
    )
  },
)

const asks = target(
  'asks',
  fc.record({
    name: fc.constantFrom(`${ID}.blocked.json`, `${ID}.late.json`, 'x', '..json'),
    bytes: bytesOf({ id: ID, to: 'web@laptop', process: here, since: 'x' }),
  }),
  async (field, { name, bytes }) => {
    writeFileSync(join(field.tree.root, 'inbox/api@laptop/asks', name), bytes)
    writeFileSync(join(field.tree.root, 'inbox/api@laptop/paused.json'), bytes)
    await lookAround(field)
    await bears(field, 'cancel', () => cancel(field.tree, 'api@laptop', ID))
  },
)

const config = target(
  'config',
  bytesOf({
    doors: ['tmux'],
    chain_depth: 8,
    turns_per_hour: 60,
    repair_seconds: 60,
    circles: { '~/x': 'y' },
  }),
  async (field, bytes) => {
    writeFileSync(join(field.tree.root, 'config.json'), bytes)
    const read = await bears(field, 'config.json', () => lookConfig(field.tree))
    for (const one of read?.complaints ?? []) sayable(field, 'a complaint', one.message)
    if (
      read !== undefined &&
      (!Number.isSafeInteger(read.config.chain_depth) || !Array.isArray(read.config.doors))
    )
      field.wrong.push(`config: ${JSON.stringify(read)}`)
    await lookAround(field)
  },
)

const hosts = target(
  'hosts',
  bytesOf({
    spec: 'mailbox/1',
    host: 'evil',
    host_id: '0'.repeat(32),
    key: `${'B'.repeat(43)}=`,
    epoch: '00000000',
    seq: 0,
    every: 30,
  }),
  async (field, bytes) => {
    writeFileSync(join(field.tree.root, 'hosts', 'evil.json'), bytes)
    writeFileSync(join(field.tree.root, 'peers', 'far@evil.json'), bytes)
    await lookAround(field)
  },
)

const EVENTS = ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'Stop', 'StopFailure', 'SessionEnd']
const HOOK = {
  hook_event_name: 'Stop',
  cwd: '/x',
  transcript_path: '/x',
  prompt: 'x',
  tool_name: 'mcp__repowire__inbox',
  tool_response: 'x',
  reason: 'clear',
  source: 'startup',
}
const LINE = {
  type: 'user',
  isSidechain: false,
  uuid: 'u',
  parentUuid: 'p',
  promptId: 'p',
  message: { role: 'user', content: [{ type: 'text', text: 'x' }] },
  timestamp: '2026-11-22T09:40:12.412Z',
}

const hooks = target(
  'hooks',
  fc.record({
    event: fc.constantFrom(...EVENTS),
    payload: fields(HOOK),
    lines: fc.array(bytesOf(LINE), { maxLength: 3 }),
    raw: fc.option(value),
  }),
  async (field, { event, payload, lines, raw }) => {
    const transcript = join(field.dir, 'root', 'transcript.jsonl')
    writeFileSync(transcript, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])))
    const env = {
      HOME: field.dir,
      CLAUDE_PID: String(process.pid),
      CLAUDE_CODE_ENTRYPOINT: 'cli',
      CLAUDE_PROJECT_DIR: field.dir,
    }
    const own = {
      ...payload,
      hook_event_name: event,
      ...(payload.transcript_path === '/x' && { transcript_path: transcript }),
    }
    const heard = await bears(field, `the hook ${event}`, () => readHook(raw ?? own, env))
    if (heard === undefined || !('turn' in heard.event)) return
    const { turn } = heard.event
    const grant = { id: ID, transcript, offset: 0, alone: true, reminded: false }
    await bears(field, 'the transcript', () => [turn.prompts(grant), turn.text(grant), turn.pending?.(grant)])
  },
)

const screens = target(
  'screens',
  fc.record({
    rows: fc.array(fc.oneof(text, fc.constantFrom('─'.repeat(80), '❯ ', '> ', '│ > │', '╭──╮')), {
      maxLength: 12,
    }),
    cursor: fc.record({ x: fc.integer(), y: fc.integer() }),
  }),
  async (field, { rows, cursor }) => {
    const read = await bears(field, 'the screen', () => readComposer(rows.join('\n'), cursor))
    if (read === undefined || !['empty', 'holds', 'unknown'].includes(read.state))
      field.wrong.push(`the screen: ${JSON.stringify(read)}`)
  },
)

/** Nothing that a tool starts, and nobody to wait for. */
const CALLABLE = TOOLS.filter(({ name }) => !['ask_peer', 'list_peers'].includes(name))

const calls = target(
  'calls',
  fc.record({
    tool: fc.constantFrom(...CALLABLE),
    given: fields({ peer: 'web', message: 'x', id: ID, answer: 'x', wake: true, timeout_seconds: 1 }),
    name: text,
  }),
  async (field, { tool, given, name }) => {
    const { tree, api } = field
    const seat = {
      tree,
      process: here,
      client: here,
      typed: false,
      card: () => api,
      proven: false,
      headless: false,
      interrupted: new Set<string>(),
      hints: async () => makeHints(),
    } as Seat
    const input = tool.input.safeParse(given)
    const call = { seat, signal: new AbortController().signal, progress: () => {} }
    if (input.success) await bears(field, tool.name, () => tool.run(input.data as never, call))
    await bears(field, 'ask', () => ask(tree, api.address, here, { peer: name, body: 'x', replyTo: name }))
    await bears(field, 'cancel', () => cancel(tree, api.address, name))
    await bears(field, 'broadcast', () => broadcast(tree, api.address, 'x', { id: name }))
    await bears(field, 'rename', () => rename(tree, api, name))
    await bears(field, 'register', () =>
      register(tree, {
        agent: 'other',
        process: { ...here, start: '2' },
        directory: join(field.dir, 'work', 'web'),
        name,
        circle: name,
      }),
    )
  },
)

const PLACES = [
  'peers/evil@laptop.json',
  'peers/web@laptop.json',
  `inbox/api@laptop/asks/${ID}.blocked.json`,
  'inbox/api@laptop/paused.json',
  'config.json',
  'hosts/evil.json',
  'tmp/laptop/x',
  ...STATES.map((state) => messagePath('api@laptop', state, `${ID}.query.json`)),
  ...['inbox/evil@laptop', 'inbox/evil@laptop', 'inbox/evil@laptop', 'inbox/evil@laptop'],
  'inbox/api@laptop/new/x',
]

const ENTRIES = [
  'link out',
  'link to a directory',
  'dangling',
  'loop',
  'fifo',
  'directory',
  'others may write',
  'nobody may read',
  'empty',
] as const

function lay(path: string, what: (typeof ENTRIES)[number], dir: string): void {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(dirname(path), { recursive: true })
  if (what === 'link out') symlinkSync(join(dir, 'outside'), path)
  else if (what === 'link to a directory') symlinkSync(join(dir, 'work'), path)
  else if (what === 'dangling') symlinkSync(join(dir, 'nothing'), path)
  else if (what === 'loop') symlinkSync(path, path)
  else if (what === 'fifo') makeFifo(path)
  else if (what === 'directory') mkdirSync(path)
  else writeFileSync(path, what === 'empty' ? '' : JSON.stringify(message(ABOUT)))
  if (what === 'others may write') chmodSync(path, 0o666)
  if (what === 'nobody may read') chmodSync(path, 0)
}

const entries = target(
  'entries',
  fc.array(fc.record({ path: fc.constantFrom(...PLACES), what: fc.constantFrom(...ENTRIES) }), {
    minLength: 1,
    maxLength: 3,
  }),
  async (field, all) => {
    const { tree, dir } = field
    for (const { path, what } of all) lay(join(tree.root, path), what, dir)
    await lookAround(field)
    await bears(field, 'config.json', () => lookConfig(tree))
    await bears(field, 'rename', () => rename(tree, field.api, 'evil'))
    await bears(field, 'broadcast', () => broadcast(tree, 'evil@laptop', 'x', { all: true }))
  },
)

const roots = target(
  'roots',
  fc.record({ mode: fc.integer({ min: 0o700, max: 0o777 }), marker: bytesOf({ spec: 'mailbox/1' }) }),
  async (field, { mode, marker }) => {
    const { tree, dir } = field
    writeFileSync(join(tree.root, 'mailbox.json'), marker)
    chmodSync(tree.root, mode)
    const opened = await bears(field, 'the root', () =>
      existingTree({ REPOWIRE_HOME: tree.root, REPOWIRE_STATE: join(dir, 'state') }),
    )
    if (opened !== undefined && (mode & 0o022) !== 0)
      field.wrong.push(`a root of mode ${mode.toString(8)} is used`)
  },
)

export const TARGETS: Target[] = [
  messages,
  bodies,
  cards,
  asks,
  config,
  hosts,
  hooks,
  screens,
  calls,
  entries,
  roots,
]

const ofText = (bytes: Buffer) => bytes.toString('utf8')

/** What a file of fixtures/hostile/<place>/ is to its target. */
export const CORPUS: Record<string, { target: Target; inputOf(bytes: Buffer): unknown }> = {
  messages: { target: messages, inputOf: (bytes) => ({ of: 'query', state: 'new', bytes }) },
  cards: { target: cards, inputOf: (bytes) => ({ name: 'evil', bytes }) },
  asks: { target: asks, inputOf: (bytes) => ({ name: `${ID}.blocked.json`, bytes }) },
  config: { target: config, inputOf: (bytes) => bytes },
  hosts: { target: hosts, inputOf: (bytes) => bytes },
  hooks: {
    target: hooks,
    inputOf: (bytes) => ({ event: 'Stop', payload: HOOK, lines: [], raw: JSON.parse(ofText(bytes)) }),
  },
  transcripts: {
    target: hooks,
    inputOf: (bytes) => ({ event: 'Stop', payload: HOOK, lines: [bytes], raw: null }),
  },
  screens: {
    target: screens,
    inputOf: (bytes) => ({ rows: ofText(bytes).split('\n'), cursor: { x: 2, y: 1 } }),
  },
}
