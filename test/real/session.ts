// One real client in one pane, and what a test may do with it: look at it, type into it, wait for it, end it.
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from './eventually.ts'
import type { Model } from './model.ts'
import type { Home } from './sandbox.ts'
import type { Tmux } from './tmux.ts'

interface SessionFile {
  pid: number
  sessionId: string
  cwd: string
  procStart: string
  tmux?: string
  status: 'busy' | 'idle' | 'waiting' | 'shell'
  waitingFor?: string
  statusUpdatedAt: number
  messagingSocketPath?: string
}

export interface StartOptions {
  home: Home
  cwd: string
  model: Model
  tmux: Tmux
  args?: string[]
  env?: Record<string, string>
  width?: number
  height?: number
  /** Starts it from an interactive shell, as a person does; otherwise the client is the pane's first process. */
  fromShell?: boolean
  /** As in an editor's terminal: it does not know that it runs in a pane. */
  loose?: boolean
}

export interface ClaudeSession {
  pane: string
  pid: number
  /** The client's own session file; undefined when it is gone. */
  status(): Promise<SessionFile | undefined>
  waitStatus(status: SessionFile['status'], within?: number): Promise<SessionFile>
  screen(options?: { escapes?: boolean }): Promise<string>
  waitScreen(pattern: RegExp, within?: number): Promise<string>
  type(text: string): Promise<void>
  press(...keys: string[]): Promise<void>
  /** Types a prompt and presses Enter. */
  submit(text: string): Promise<void>
  /** Submits a prompt to an idle session and waits until it has been idle, busy, and idle again. */
  runTurn(text: string, within?: number): Promise<void>
  kill(signal?: NodeJS.Signals): void
  waitGone(within?: number): Promise<void>
}

/** Starts a client and waits until its prompt is on the screen and its session file says idle. */
export async function startClaude(options: StartOptions): Promise<ClaudeSession> {
  const { home, cwd, tmux } = options
  await home.seedProject(cwd)
  const pane = await openPane(options)
  const screen = (how?: { escapes?: boolean }) => tmux.capture(pane, how)
  const wait = <T>(what: string, look: () => Promise<T>, within?: number) =>
    eventually(what, look, { within, lastSeen: () => screen() })

  const { pid } = await wait('a session file', () => sessionIn(home, options.loose ? { cwd } : { pane }))
  const status = () => readSession(join(sessionsDir(home), `${pid}.json`))
  const waitStatus = (wanted: string, within?: number) =>
    wait(`status ${wanted}`, async () => onlyIf((await status())?.status === wanted, await status()), within)
  const waitScreen = (pattern: RegExp, within?: number) =>
    wait(`screen ${pattern}`, async () => onlyIf(pattern.test(await screen()), await screen()), within)
  const submit = async (text: string) => {
    await tmux.type(pane, text)
    await tmux.keys(pane, 'Enter')
  }
  const runTurn = async (text: string, within?: number) => {
    const before = (await waitStatus('idle')).statusUpdatedAt
    await submit(text)
    await wait('a finished turn', async () => idleSince(before, await status()), within)
  }

  await waitStatus('idle')
  await waitScreen(/^❯/m)
  return {
    pane,
    pid,
    status,
    waitStatus,
    screen,
    waitScreen,
    type: (text) => tmux.type(pane, text),
    press: (...keys) => tmux.keys(pane, ...keys),
    submit,
    runTurn,
    kill: (signal = 'SIGTERM') => void process.kill(pid, signal),
    waitGone: async (within) =>
      void (await wait('the end of the client', async () => !(await lives(pid)), within)),
  }
}

async function openPane({
  home,
  cwd,
  model,
  tmux,
  args = [],
  env,
  width,
  height,
  fromShell,
  loose,
}: StartOptions) {
  const place = { cwd, env: home.env(model.url, env), width, height }
  const client = [join(home.bin, 'claude'), ...args]
  if (loose) return tmux.newPane(['env', '-u', 'TMUX', '-u', 'TMUX_PANE', ...client], place)
  if (!fromShell) return tmux.newPane(client, place)
  const pane = await tmux.newPane(['bash', '--norc', '--noprofile', '-i'], place)
  await tmux.type(pane, ['claude', ...args].join(' '))
  await tmux.keys(pane, 'Enter')
  return pane
}

function sessionsDir(home: Home): string {
  return join(home.dir, '.claude', 'sessions')
}

async function sessionIn(
  home: Home,
  { pane, cwd }: { pane?: string; cwd?: string },
): Promise<SessionFile | undefined> {
  const dir = sessionsDir(home)
  const files = (await readdir(dir).catch(() => [])).filter((name) => /^\d+\.json$/.test(name))
  for (const name of files) {
    const session = await readSession(join(dir, name))
    const same = pane === undefined ? session?.cwd === cwd : session?.tmux?.endsWith(`.${pane}`)
    if (session !== undefined && same && (await lives(session.pid))) return session
  }
  return undefined
}

async function readSession(file: string): Promise<SessionFile | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined // gone, or caught in the middle of a write: the caller looks again
  }
}

function onlyIf<T>(condition: boolean, value: T): T | undefined {
  return condition ? value : undefined
}

function idleSince(before: number, session: SessionFile | undefined): boolean {
  return session?.status === 'idle' && session.statusUpdatedAt > before
}

// tmux 3.3a sometimes does not reap a pane's process: a zombie still answers kill(pid, 0), and is gone all the same.
async function lives(pid: number): Promise<boolean> {
  const state = process.platform === 'linux' ? await stateInProc(pid) : await stateFromPs(pid)
  return state !== '' && !state.startsWith('Z')
}

async function stateInProc(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 1).trim()
}

async function stateFromPs(pid: number): Promise<string> {
  const ps = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return ps.stdout.trim()
}
