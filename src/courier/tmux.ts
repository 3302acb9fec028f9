/**
 * The terminal: one look, one paste, one Enter, each a single tmux command, so that what it checks is still so when it
 * acts. A paste into a dead pane kills tmux 3.3a with all its sessions; inside one command the check comes in time.
 */

import type { Cursor } from '../agents/agent.ts'

export type Pasted = 'pasted' | 'refused' | 'unknown'

/** tmux tells whole seconds: a key is at least two, at most three seconds old when it counts no more. */
export const TYPING_MS = 3_000

export type Pane = { socket: string; pane: string }

/**
 * `synchronized`: a key sent to this pane goes to all panes of its window. `inputOff`: keys are dropped. `first`: the
 * pane's first process. `lastKey`: when a terminal in which this pane is active last sent something, in ms rounded down
 * to a second; absent where no terminal shows it so. `window`: session:window.pane as a person names it.
 */
export type View = {
  dead: boolean
  inMode: boolean
  synchronized: boolean
  inputOff: boolean
  first: number
  lastKey?: number
  width: number
  height: number
  cursor: Cursor
  window: string
  command: string
  screen: string
}

const FORMAT =
  '#{pane_dead}|#{pane_in_mode}|#{pane_synchronized}|#{pane_input_off}|#{pane_pid}|#{pane_width}|#{pane_height}|#{cursor_x}|#{cursor_y}|#{pane_current_command}|#{session_name}:#{window_index}.#{pane_index}'
/** A line for each terminal that is attached: its active pane, and when a key, a click or the attaching itself came from it. */
const CLIENT = 'client'
const CLIENTS = ['list-clients', '-F', `${CLIENT}|#{pane_id}|#{client_activity}`, ';']
// Only of two at a time before tmux 3.5.
const UNSAFE = '#{||:#{||:#{pane_dead},#{pane_in_mode}},#{||:#{pane_synchronized},#{pane_input_off}}}'
/** A person has pressed a key since: of a terminal that shows this pane as its active one. tmux 3.1 compares so; these numbers have as many digits. */
const typedSince = (seconds: number) =>
  `#{&&:#{session_attached},#{&&:#{&&:#{window_active},#{pane_active}},#{>:#{session_activity},${seconds}}}}`
const REFUSED = 'repowire-refused'
const TIME_LIMIT_MS = 5_000

/** What the pane shows, with its escapes; undefined when the pane or its server is gone. */
export async function look(pane: Pane): Promise<View | undefined> {
  const out = await tmux(pane, [...CLIENTS, ...lookAt(pane.pane)])
  return out === undefined ? undefined : viewsIn(out, [pane.pane])[0]
}

// tmux takes a command of 16 KiB.
const PANES_AT_ONCE = 40

/** The same of many panes of one server, by pane; what is gone is missing. A process for forty panes, not for each. */
export async function lookAtAll(socket: string, panes: string[]): Promise<Map<string, View>> {
  const views = new Map<string, View>()
  for (let left = panes; left.length > 0; ) {
    const some = left.slice(0, PANES_AT_ONCE)
    const looks = some.flatMap((pane) => [...lookAt(pane), ';'])
    const { out } = await run(socket, [...CLIENTS, ...looks].slice(0, -1))
    const seen = viewsIn(out, some)
    for (const [at, view] of seen.entries()) views.set(some[at] as string, view)
    left = left.slice(seen.length < some.length ? seen.length + 1 : some.length) // at the first that is gone tmux ends
  }
  return views
}

function lookAt(pane: string): string[] {
  return ['display-message', '-p', '-t', pane, FORMAT, ';', 'capture-pane', '-p', '-e', '-t', pane]
}

/** First the terminals; then one pane after another: a line of facts, and as many lines as the pane is high. */
function viewsIn(out: string, panes: string[]): View[] {
  const views: View[] = []
  const lines = out.split('\n')
  const clients = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith(CLIENT)),
  )
  for (let at = clients.length; at < lines.length - 1; ) {
    const { height } = viewIn(lines[at] ?? '')
    const lastKey = lastKeyIn(clients, panes[views.length])
    views.push({ ...viewIn(lines.slice(at, at + 1 + height).join('\n')), lastKey })
    at += 1 + height
  }
  return views
}

function lastKeyIn(clients: string[], pane: string | undefined): number | undefined {
  const keys = clients
    .map((line) => line.split('|'))
    .filter(([, active]) => active === pane)
    .map(([, , seconds]) => Number(seconds) * 1_000)
  return keys.length === 0 ? undefined : Math.max(...keys)
}

function viewIn(out: string): View {
  const end = out.indexOf('\n')
  const [dead, inMode, synchronized, inputOff, first, width, height, x, y, command = '', ...window] = out
    .slice(0, end < 0 ? undefined : end)
    .split('|')
  const size = { width: Number(width), height: Number(height), cursor: { x: Number(x), y: Number(y) } }
  return {
    dead: on(dead),
    inMode: on(inMode),
    synchronized: on(synchronized),
    inputOff: on(inputOff),
    first: Number(first),
    ...size,
    window: window.join('|'),
    command,
    screen: end < 0 ? '' : out.slice(end + 1),
  }
}

function on(flag: string | undefined): boolean {
  return flag !== undefined && flag !== '' && flag !== '0'
}

/**
 * Pastes the header, then the body from a file, each in brackets. `refused`: nothing was pasted because the pane would
 * not have it; `unknown`: tmux did not say. From a file and not from our pipe: when the courier is killed here, tmux still has the whole of it.
 */
export async function paste(pane: Pane, id: string, header: string, bodyFile: string): Promise<Pasted> {
  const [first, second] = [`repowire-${id}-header`, `repowire-${id}-body`]
  const type = (buffer: string) => `paste-buffer -p -r -d -b ${buffer} -t ${pane.pane}`
  const load = ['set-buffer', '-b', first, '--', header, ';', 'load-buffer', '-b', second, bodyFile, ';']
  const out = await tmux(pane, [...load, ...guarded(pane, `${type(first)} ; ${type(second)}`)])
  if (out === undefined) return 'unknown'
  return out.includes(REFUSED) ? 'refused' : 'pasted'
}

export type Pressed = 'pressed' | 'refused' | 'unknown'

/** Presses Enter, unless the pane would not have it. */
export function pressEnter(pane: Pane): Promise<Pressed> {
  return press(pane, 'Enter')
}

/** Takes out what stands before the cursor, as many rows as it has; the client keeps it for Ctrl+Y. */
export function clearRows(pane: Pane, rows: number): Promise<Pressed> {
  return press(pane, Array(rows).fill('C-u').join(' '))
}

async function press(pane: Pane, keys: string): Promise<Pressed> {
  const out = await tmux(pane, guarded(pane, `send-keys -t ${pane.pane} ${keys}`))
  if (out === undefined) return 'unknown'
  return out.includes(REFUSED) ? 'refused' : 'pressed'
}

/** Within one command tmux takes no key: what a person has typed until then is seen here, and what comes later lands behind it. */
function guarded(pane: Pane, act: string): string[] {
  const typed = typedSince(Math.floor((Date.now() - TYPING_MS) / 1_000))
  return ['if-shell', '-F', '-t', pane.pane, `#{||:${UNSAFE},${typed}}`, `display-message -p ${REFUSED}`, act]
}

/** Standard output, or undefined when tmux failed. */
async function tmux(pane: Pane, args: string[]): Promise<string | undefined> {
  const { out, ok } = await run(pane.socket, args)
  return ok ? out : undefined
}

function run(socket: string, args: string[]): Promise<{ out: string; ok: boolean }> {
  const { spawn } = process.getBuiltinModule('node:child_process') // loaded only where there is a pane
  return new Promise((resolve) => {
    const child = spawn('tmux', ['-u', '-S', socket, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIME_LIMIT_MS,
    })
    const parts: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => parts.push(part))
    child.on('error', () => resolve({ out: '', ok: false }))
    child.on('close', (code) => resolve({ out: Buffer.concat(parts).toString('utf8'), ok: code === 0 }))
  })
}
