// The README's troubleshooting table quotes the program. Each text is made here by the code that makes it for a user; "…" stands
// for what differs from case to case. A text that nothing prints any more fails, and so does one that is not in this list.

import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { setUp } from '../src/agents/claude-code/set-up.ts'
import { openDoor, whyHeld } from '../src/courier/doors.ts'
import { named, whyNotEmpty } from '../src/courier/gates.ts'
import type { Card } from '../src/protocol/card.ts'
import { explain } from '../src/protocol/errors.ts'
import { pinHost } from '../src/spool/allowed.ts'
import { createCard, replaceCard } from '../src/spool/cards.ts'
import { refuseCloned } from '../src/spool/cloned.ts'
import { lookConfig, writeFields } from '../src/spool/config.ts'
import { noteMode } from '../src/spool/modes.ts'
import { pause } from '../src/spool/pause.ts'
import { openTree, type Tree } from '../src/spool/tree.ts'
import { noteTurn } from '../src/spool/turns.ts'
import { ask } from '../src/verbs/ask.ts'
import { endQuery } from '../src/verbs/end-query.ts'
import { takeInbox } from '../src/verbs/inbox.ts'
import { whyStuck } from '../src/verbs/reach.ts'
import { askAndEnd, makeShell, PROGRAM, TO } from './cli/shell.ts'
import { actor } from './courier/stage.ts'
import {
  enrol,
  gone,
  here,
  lay,
  makeDir,
  makePair,
  makeWorld,
  plainEnv,
  Q,
  ROOT,
  run,
  thrown,
  type World,
} from './world.ts'

const PANE = { socket: '/nonexistent', pane: '%0' }
const INSTALL = { node: '/opt/node', hook: '/opt/hook.cjs', server: '/opt/mcp.js' }

function unmount({ tree }: World): void {
  writeFileSync(join(tree.state, 'shared'), '')
  rmSync(tree.root, { recursive: true })
}

const askBy = ({ tree }: World, from: Card, to: Card) =>
  ask(tree, from.address, from.process, { peer: to.address, body: 'Which port?' })

/** What `repowire` says to a person, on both streams. */
async function typed(
  t: Test,
  args: string[],
  arrange: (world: World) => unknown = () => {},
): Promise<string> {
  const shell = makeShell(t)
  await arrange(shell)
  const { stdout, stderr } = await shell.repowire(args)
  return stdout + stderr
}

/** What set-up says in a HOME with this in its .claude.json; there is no claude on the PATH. */
async function whySetUpFails(t: Test, config = '{}'): Promise<string> {
  const { tree, dir } = makeWorld(t)
  writeFileSync(join(dir, '.claude.json'), config)
  const failed = setUp(tree, { HOME: dir, PATH: '' }, INSTALL)
  return await failed.then(() => 'nothing was wrong', explain)
}

/** Why a message to a client with these fields in its session's file waits, as `peers` and `inbox` say it. */
async function whyWaits(t: Test, fields: object, tmux: Card['tmux'] = PANE): Promise<string> {
  const world = makeWorld(t)
  const { card, status } = actor(t, world, { tmux, process: here })
  status(fields)
  return named((await whyHeld(world.tree, card)) ?? 'it would be delivered', card.address)
}

async function whyBypassWaits(t: Test): Promise<string> {
  const world = makeWorld(t)
  const { card, status } = actor(t, world, { process: here })
  status({ messagingSocketPath: '/nonexistent', peerProtocol: 1, cwd: world.dir })
  const settings = { permissions: { defaultMode: 'bypassPermissions' } }
  writeFileSync(join(world.dir, 'config', 'settings.json'), JSON.stringify(settings))
  const found = await openDoor(world.tree, card)
  return 'why' in found ? named(found.why, card.address) : 'a door is open'
}

function whyOtherCircle(t: Test): string {
  const world = makePair(t)
  const { tree, me, peer } = world
  replaceCard(tree, { ...me, circle: 'billing' })
  replaceCard(tree, { ...peer, circle: 'web' })
  return explain(thrown(() => askBy(world, me, peer)))
}

function whyDenied(t: Test): string {
  const world = makePair(t)
  writeFields(world.tree, { deny: ['frontend -> *'] }, true)
  return explain(thrown(() => askBy(world, world.me, world.peer)))
}

function whyHeldForUser(t: Test): string {
  const world = makePair(t)
  const { tree, me, peer } = world
  noteMode(tree, peer.process, 'bypassPermissions', () => false)
  const { id } = askBy(world, me, peer)
  takeInbox(tree, peer, true)
  const { why, code } = whyStuck(tree, id, peer.address) ?? {}
  return `${why} [${code}]`
}

function changeHost({ state }: Tree, more: object): void {
  const file = join(state, 'host.json')
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...more }))
}

/** A host whose file has not changed since long before this machine's clock began. */
function whyAway(t: Test): string {
  const world = makePair(t)
  const { tree, me, peer } = world
  const far = { ...peer, address: 'mac@desktop' }
  createCard(tree, far)
  pinHost(tree, { host: 'desktop', host_id: '', key: '' })
  const seen = { epoch: '', seq: 0, changes: 1, at: -1e9, boot: here.boot }
  mkdirSync(join(tree.state, 'seen'))
  writeFileSync(join(tree.state, 'seen', 'desktop.json'), JSON.stringify(seen))
  return explain(thrown(() => askBy(world, me, far)))
}

async function endedWithoutAnswer(t: Test): Promise<string> {
  const shell = makeShell(t)
  enrol(t, shell, 'backend')
  const end = (id: string) => {
    const mail = { id, kind: 'query' as const, file: `${id}.query.json` }
    endQuery(shell.tree, TO, mail, 'new', {
      outcome: 'interrupted',
      body: 'Its user pressed Esc.',
      by: 'sweep',
    })
  }
  return (await askAndEnd(shell, ['backend', 'Which port?'], end)).stderr
}

/** A limit of none, and a question that breaks it. */
function refusedBy(t: Test, limits: object, arrange: (world: World & { me: Card; peer: Card }) => unknown) {
  const world = makePair(t)
  writeFileSync(join(world.tree.root, 'config.json'), JSON.stringify(limits))
  arrange(world)
  return explain(thrown(() => askBy(world, world.peer, world.me)))
}

function whyBadRoot(t: Test): string {
  const root = join(makeDir(t), 'root')
  mkdirSync(root)
  chmodSync(root, 0o777)
  return explain(thrown(() => openTree({ HOME: '/nonexistent', REPOWIRE_HOME: root })))
}

function whyBadConfig(t: Test): string {
  const { tree } = makeWorld(t)
  writeFileSync(join(tree.root, 'config.json'), '{"turns_per_hours": 5}')
  return lookConfig(tree).complaints.map(explain).join('\n')
}

async function demoWithoutTmux(t: Test): Promise<string> {
  const home = makeDir(t)
  const env = ['/usr/bin/env', '/bin/env'].find(existsSync) as string
  const command = [env, `PATH=${home}`, `HOME=${home}`, ...PROGRAM, 'demo']
  return (await run(t, command, { env: plainEnv() })).stderr
}

type Row = [text: string, said: (t: Test) => string | Promise<string>]

const ROWS: Row[] = [
  ['No claude was found. … [client-missing]', (t) => whySetUpFails(t)],
  [
    'Another MCP server is called "repowire" in … [server-taken]',
    (t) => whySetUpFails(t, '{"mcpServers":{"repowire":{"command":"other"}}}'),
  ],
  ['not set up: run repowire setup …', (t) => typed(t, ['status'])],
  ['there is no tmux on the PATH. … [tmux-missing]', demoWithoutTmux],
  [
    'The courier did not come up. … [courier-start]',
    (t) => typed(t, ['daemon', 'start'], ({ tree }) => mkdirSync(join(tree.state, 'courier.stderr'))),
  ],
  ['… can be written by other users. … [bad-root]', whyBadRoot],
  ['config.json: … [bad-config]', whyBadConfig],
  ['No peer is called "…". … [peer-unknown]', (t) => typed(t, ['ask', 'bakcend', 'Which port?'])],
  ['… is in another circle (…); yours is … [other-circle]', whyOtherCircle],
  [
    '… is of the host …, which is not allowed here: … [host-not-allowed]',
    (t) =>
      typed(t, ['ask', 'mac@desktop', 'x'], (world) =>
        createCard(world.tree, { ...enrol(t, world, 'backend'), address: 'mac@desktop' }),
      ),
  ],
  ['… may not reach …: … [denied]', whyDenied],
  ['… waits for …, because its user has not let it through yet … [held]', whyHeldForUser],
  [
    'Another machine that shares … is the host "…": … [host-taken]',
    (t) => typed(t, ['peers'], ({ tree }) => changeHost(tree, { host_id: '1'.repeat(32) })),
  ],
  [
    "… is a copy of another machine's, … [host-cloned]",
    (t) => {
      const { tree } = makeWorld(t)
      mkdirSync(join(tree.root, '.stfolder'))
      changeHost(tree, { machine: '1'.repeat(32) })
      return explain(thrown(() => refuseCloned(tree)))
    },
  ],
  [
    'There is no mailbox at …, which this machine shares with others: … [root-missing]',
    (t) => typed(t, ['peers'], unmount),
  ],
  ['… cannot be asked now: its host … was last seen … [host-away]', whyAway],
  [
    '… is offline: its process has ended … [peer-offline]',
    (t) => typed(t, ['ask', 'backend', 'x'], (world) => enrol(t, world, 'backend', { process: gone })),
  ],
  [
    '… is paused since … [peer-paused]',
    (t) =>
      typed(t, ['ask', 'backend', 'x'], (world) => {
        const { address } = enrol(t, world, 'backend')
        pause(world.tree, address, { since: '2026-11-22T09:40:00.000Z', by: 'ada@laptop' })
      }),
  ],
  [
    '… runs in no tmux pane: it takes its mail only when it looks into its inbox.',
    (t) => typed(t, ['ask', 'backend', 'x', '--timeout', '1'], (world) => enrol(t, world, 'backend')),
  ],
  [
    'There is no answer yet: … [no-answer-yet]',
    (t) => typed(t, ['ask', 'backend', 'x', '--timeout', '1'], (world) => enrol(t, world, 'backend')),
  ],
  ['no answer (…): … The question is over: …', endedWithoutAnswer],
  [
    "…'s permission dialog is open",
    (t) => whyWaits(t, { status: 'waiting', waitingFor: 'permission prompt' }),
  ],
  [
    "…'s input box holds a text that was not sent",
    () => named(whyNotEmpty({ state: 'holds', text: 'a draft' })?.why ?? '', TO),
  ],
  ['… may bypass permissions, so its client would ask its user about each message', whyBypassWaits],
  [
    'You and … have caused each other … turns within an hour, … [too-many-turns]',
    (t) =>
      refusedBy(t, { turns_per_hour: 1 }, ({ tree, me, peer }) => noteTurn(tree, me.address, peer.address)),
  ],
  [
    'Each of these questions was asked because of the one before it, … [chain-too-deep]',
    (t) =>
      refusedBy(t, { chain_depth: 0 }, ({ tree, peer }) => {
        lay(tree, 'new', { id: Q })
        takeInbox(tree, peer, true)
      }),
  ],
]

/** The first column of the table, as it is written. */
function rowsInReadme(): string[] {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const table = text.match(/\n\| it says \|[\s\S]*?\n\n/)?.[0] ?? ''
  return Array.from(table.matchAll(/^\| `([^`]+)` \|/gm), (row) => row[1] as string)
}

/** Each part between dots occurs, in this order. */
function quotes(text: string, said: string): boolean {
  const parts = text.split('…')
  const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*?')
  return new RegExp(pattern).test(said)
}

t.test('the table in the README has these texts, in this order', async (t) => {
  t.strictSame(
    rowsInReadme(),
    ROWS.map(([text]) => text),
  )
})

for (const [text, make] of ROWS) {
  t.test(`the program says: ${text}`, async (t) => {
    const said = await make(t)
    t.ok(quotes(text, said), said)
  })
}
