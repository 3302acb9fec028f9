// A client that is nothing but its screen: a pane in which the test paints an input box, and a file with all that is
// typed into it. Its session file and its transcript are the test's to write.

import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { transcriptOf } from '../../src/agents/claude-code/session-file.ts'
import { look } from '../../src/courier/tmux.ts'
import type { Card, ProcessMark } from '../../src/protocol/card.ts'
import { markOf } from '../../src/spool/process.ts'
import { startTmux, type Tmux } from '../real/tmux.ts'
import { enrol, makePair, until, type World } from '../world.ts'

export type Stage = World & {
  me: Card
  /** The client in the pane. */
  peer: Card
  status(more: object): void
  /** Wipes the screen: there is no input box on it. */
  wipe(): Promise<void>
  /** Paints the input box with this text in it. */
  paint(text: string): Promise<void>
  /** What the client has read from its terminal. */
  typed(): string
  transcribe(line: object): void
}

/** Idle for so long that nothing of its last turn can be under way. */
const RESTED = { kind: 'interactive', status: 'idle', statusUpdatedAt: 1, sessionId: 's', cwd: '/x' }

/** A card of a client in this pane, or in none, whose session file says that it has rested. */
export function actor(
  t: Test,
  world: World,
  { name = 'actor', ...more }: { name?: string } & Partial<Pick<Card, 'process' | 'server' | 'tmux'>> = {},
): { card: Card; status(more: object): void } {
  const session_file = join(world.dir, 'config', 'sessions', `${name}.json`)
  mkdirSync(join(session_file, '..'), { recursive: true })
  const status = (fields: object) => writeFileSync(session_file, JSON.stringify({ ...RESTED, ...fields }))
  status({})
  return { status, card: enrol(t, world, name, { agent: 'claude-code', session_file, ...more }) }
}

export async function openTmux(t: Test): Promise<Tmux> {
  const tmux = await startTmux()
  t.teardown(tmux.stop)
  return tmux
}

/** The first process of a pane. */
export async function firstOf(tmux: Tmux, pane: string): Promise<ProcessMark> {
  return await until(async () => markOf(Number(await tmux.show(pane, '#{pane_pid}'))))
}

export async function makeStage(
  t: Test,
  tmux: Tmux,
  size: { width?: number; height?: number } = {},
): Promise<Stage> {
  const world = makePair(t)
  const keys = join(realpathSync(world.dir), 'keys')
  writeFileSync(keys, '')
  const script = `stty raw -echo; printf '\\033[?2004h'; exec cat >> '${keys}'`
  const pane = await tmux.newPane(['/bin/sh', '-c', script], size)
  await until(async () => (await tmux.show(pane, '#{pane_current_command}')) === 'cat')
  const tty = await tmux.show(pane, '#{pane_tty}')
  const at = { socket: tmux.socket, pane }
  const { card, status } = actor(t, world, { process: await firstOf(tmux, pane), tmux: at })
  const paint = async (text: string) => {
    const inner = text === '' ? '\x1b[7m \x1b[0m' : text.replaceAll('\n', '\r\n  ')
    const rule = '─'.repeat(40)
    writeFileSync(tty, `\x1b[2J\x1b[H${rule}\r\n❯\u00a0${inner}\r\n${rule}\r\n`)
    await until(async () => (await look(at))?.screen.includes(text === '' ? '❯' : text.slice(-8)))
  }
  const wipe = async () => {
    writeFileSync(tty, '\x1b[2J\x1b[H')
    await until(async () => (await look(at))?.screen.trim() === '')
  }
  await paint('')
  const transcript = transcriptOf(card) as string
  mkdirSync(join(transcript, '..'), { recursive: true })
  return {
    ...world,
    peer: card,
    status,
    wipe,
    paint,
    typed: () => readFileSync(keys, 'utf8'),
    transcribe: (line) => writeFileSync(transcript, `${JSON.stringify(line)}\n`, { flag: 'a' }),
  }
}
