// Whatever tmux calls the place of an agent, and whatever the agent is called, its mail reaches it. Two rehearsal
// agents in a tmux of the test's own; nothing here knows them but by pane and socket. mailbox-spec §5

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { look } from '../../src/courier/tmux.ts'
import type { Card } from '../../src/protocol/card.ts'
import { fileName } from '../../src/protocol/layout.ts'
import { listCards, readCard } from '../../src/spool/cards.ts'
import { readJournal } from '../../src/spool/journal.ts'
import { findMessage } from '../../src/spool/publish.ts'
import { rename } from '../../src/verbs/rename.ts'
import type { Tmux } from '../real/tmux.ts'
import { makeWorld, plainEnv, ROOT, type Run, run, until } from '../world.ts'
import { openTmux } from './stage.ts'

const PROGRAM = [process.execPath, join(ROOT, 'dist', 'repowire.js')]

const tmux = await openTmux(t)
const world = makeWorld(t)
const env = plainEnv({
  ...world.env,
  HOME: world.dir,
  REPOWIRE_REHEARSAL_THINKS: '1',
  TERM: 'xterm-256color',
})
t.teardown(() => repowire('daemon', 'stop'))

function repowire(...args: string[]): Promise<Run> {
  return run(t, [...PROGRAM, ...args], { env, cwd: world.dir })
}

/** A rehearsal agent in a pane of its own, in a directory that knows one thing. */
async function hire(name: string, more: Record<string, string> = {}): Promise<{ pane: string; card: Card }> {
  const place = join(world.dir, 'src', name)
  mkdirSync(join(place, '.git'), { recursive: true })
  writeFileSync(join(place, 'notes.md'), `The port of ${name} is 4810.\n`)
  const pane = await tmux.newPane([...PROGRAM, 'rehearse'], {
    cwd: place,
    env: { ...env, ...more },
    width: 120,
    height: 40,
  })
  const isIts = (card: Card) => card.tmux?.pane === pane && card.tmux.socket === tmux.socket
  return { pane, card: await until(() => listCards(world.tree).find(isIts)) }
}

const frontend = await hire('frontend')
const backend = await hire('backend')

/** Asks, and has the answer that only this agent's directory has; returns the id. */
async function answers(t: Test, peer: string, directory = 'backend'): Promise<string> {
  const since = readJournal(world.tree).length
  const { code, stdout, stderr } = await repowire('ask', peer, `Which port has ${directory}?`)
  t.equal(code, 0, stderr)
  t.match(stdout, `The port of ${directory} is 4810.`)
  const lines = readJournal(world.tree).slice(since)
  for (const event of ['typing', 'given'])
    t.equal(lines.filter((line) => line.event === event).length, 1, event)
  return lines.find(({ event }) => event === 'asked')?.id as string
}

const windowOf = (pane: string) => tmux.show(pane, '#{session_name}:#{window_index}.#{pane_index}')

const MOVES: [string, (tmux: Tmux) => Promise<unknown>][] = [
  ['its session has another name', ({ run }) => run(['rename-session', '-t', backend.pane, 'my work: é'])],
  ['its window has another name', ({ run }) => run(['rename-window', '-t', backend.pane, 'api'])],
  ['its session has the name that the other had', swapNames],
  [
    'it shares the window of the other',
    ({ run }) => run(['move-pane', '-s', backend.pane, '-t', frontend.pane]),
  ],
  ['the two have changed places', ({ run }) => run(['swap-pane', '-s', backend.pane, '-t', frontend.pane])],
  [
    'it has a window of its own again',
    ({ run }) => run(['break-pane', '-d', '-s', backend.pane, '-n', 'frontend']),
  ],
  ['its window has another number', ({ run }) => run(['move-window', '-s', backend.pane, '-t', ':7'])],
]

async function swapNames({ run, show }: Tmux): Promise<void> {
  const name = await show(frontend.pane, '#{session_name}')
  await run(['rename-session', '-t', frontend.pane, 'aside'])
  await run(['rename-session', '-t', backend.pane, name])
}

for (const [what, act] of MOVES) {
  t.test(`an agent is asked and answers when ${what}`, async (t) => {
    const before = `${await windowOf(backend.pane)} ${await tmux.show(backend.pane, '#{window_name}')}`
    await act(tmux)
    t.not(`${await windowOf(backend.pane)} ${await tmux.show(backend.pane, '#{window_name}')}`, before)
    await answers(t, 'backend')
    t.equal((await look({ socket: tmux.socket, pane: backend.pane }))?.window, await windowOf(backend.pane))
    t.match(readCard(world.tree, backend.card.address), backend.card, 'its card says nothing of that')
    t.notMatch(
      await tmux.capture(frontend.pane),
      'Which port has backend',
      'and nothing reached the other pane',
    )
  })
}

for (const [n, event] of ['claimed', 'typing', 'entered', 'given'].entries()) {
  t.test(`a question is answered once where its peer is renamed when it is ${event}`, async (t) => {
    const { tree } = world
    const card = listCards(tree).find(({ tmux: at }) => at?.pane === backend.pane) as Card
    const since = readJournal(tree).length
    const lines = () => readJournal(tree).slice(since)
    const answer = answers(t, card.address)
    await until(() => lines().some((line) => line.event === event))
    const { address } = rename(tree, card, `api-${n}`)
    const id = await answer
    await until(() => findMessage(tree, address, fileName(id, 'query')) === 'done')
    t.strictSame(
      lines()
        .filter((line) => line.event === 'ended')
        .map(({ outcome }) => outcome),
      ['answered'],
    )
  })
}

t.test('and is asked by every name that it had', async (t) => {
  for (const name of ['backend', 'api-0', 'api-3']) await answers(t, name)
})

t.test('an agent that was renamed is asked by an agent that was renamed', async (t) => {
  const card = readCard(world.tree, frontend.card.address) as Card
  t.equal((await repowire('rename', 'frontend', 'web')).code, 0)
  await tmux.type(frontend.pane, 'ask backend: Which port has backend?')
  await tmux.keys(frontend.pane, 'Enter')
  await until(async () => (await tmux.capture(frontend.pane)).includes('The port of backend is 4810.'))
  t.match(readCard(world.tree, 'web@laptop'), { formerly: card.address, tmux: card.tmux })
})

t.test('REPOWIRE_NAME is the name of a session, whatever its directory is called', async (t) => {
  const { card } = await hire('docs', { REPOWIRE_NAME: 'My Manual' })
  t.equal(card.address, 'my-manual@laptop')
  await answers(t, 'my-manual', 'docs')
})
