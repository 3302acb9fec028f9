// A tmux server of the test's own: its own socket, no configuration, none of the person's environment. Each pane is a session
// of a fixed size, and stays when its command ends so that the last screen can still be read.
import { spawn } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { eventually } from './eventually.ts'

interface PaneOptions {
  cwd?: string
  env?: Record<string, string>
  width?: number
  height?: number
}

export interface Tmux {
  socket: string
  /** Where the server writes what it does, with times, when it was started `logged`. */
  log: string
  /** One tmux command sequence; `;` is an argument of its own. */
  run(args: string[], stdin?: string): Promise<string>
  newPane(command: string[], options?: PaneOptions): Promise<string>
  capture(pane: string, options?: { escapes?: boolean }): Promise<string>
  /** Key names (Enter, Escape, C-c), not text. */
  keys(pane: string, ...keys: string[]): Promise<void>
  /** Text, key by key, as a person types it. */
  type(pane: string, text: string): Promise<void>
  /** A bracketed paste. */
  paste(pane: string, text: string): Promise<void>
  /** A format such as `#{pane_pid}`. */
  show(pane: string, format: string): Promise<string>
  kill(pane: string): Promise<void>
  stop(): Promise<void>
}

// window-size manual would crash 3.3a; a detached session keeps the size it was made with anyway.
const FIRST_COMMANDS =
  'start-server ; set -s exit-empty off ; set -g remain-on-exit on ; set -g status off ; set -g default-shell /bin/sh'

export async function startTmux({ logged = false } = {}): Promise<Tmux> {
  const dir = await mkdtemp(join(await realpath('/tmp'), 'rw-tmux-'))
  const socket = join(dir, 's')
  const run = (args: string[], stdin = '') => tmuxCommand(socket, args, stdin)
  await run([...(logged ? ['-vv'] : []), ...FIRST_COMMANDS.split(' ')])
  const server = Number(await run(['display-message', '-p', '#{pid}']))
  const show = async (pane: string, format: string) =>
    (await run(['display-message', '-p', '-t', pane, format])).trimEnd()
  return {
    socket,
    log: join(dir, `tmux-server-${server}.log`),
    run,
    show,
    newPane: async (command, options) => (await run(newSession(command, options))).trimEnd(),
    capture: (pane, { escapes = false } = {}) =>
      run(['capture-pane', '-p', ...(escapes ? ['-e'] : []), '-t', pane]),
    keys: async (pane, ...keys) => void (await run(['send-keys', '-t', pane, ...keys])),
    type: async (pane, text) => void (await run(['send-keys', '-l', '-t', pane, '--', text])),
    paste: async (pane, text) => void (await run(pasteArgs(pane), text)),
    kill: async (pane) => void (await run(['kill-pane', '-t', pane])),
    stop: async () => {
      await run(['kill-server']).catch(() => {})
      await eventually('the end of the tmux server', () => !lives(server))
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function newSession(
  command: string[],
  { cwd = '/', env = {}, width = 120, height = 40 }: PaneOptions = {},
): string[] {
  const variables = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`])
  const size = ['-x', String(width), '-y', String(height)]
  // tmux gives a pane the PATH of the command that makes it, whatever -e says. It hands a single argument to a shell.
  const exec = ['env', ...(env.PATH ? [`PATH=${env.PATH}`] : []), ...command]
  return ['new-session', '-d', '-P', '-F', '#{pane_id}', ...size, '-c', cwd, ...variables, '--', ...exec]
}

// Pasting into a dead pane kills the whole server (tmux 3.3a); within if-shell it is refused.
function pasteArgs(pane: string): string[] {
  const paste = `paste-buffer -p -r -d -b typed -t ${pane}`
  const refuse = 'display-message "the pane is dead"'
  return ['load-buffer', '-b', 'typed', '-', ';', 'if-shell', '-F', '-t', pane, '#{pane_dead}', refuse, paste]
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

// The server keeps the environment of the first command for good, so every command gets the same bare one.
function tmuxCommand(socket: string, args: string[], stdin: string): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TERM: 'screen-256color',
    SHELL: '/bin/sh',
  }
  // A log is written where the first command was run.
  const child = spawn('tmux', ['-u', '-f', '/dev/null', '-S', socket, ...args], { env, cwd: dirname(socket) })
  return new Promise((resolve, reject) => {
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk) => out.push(chunk))
    child.stderr.on('data', (chunk) => err.push(chunk))
    child.stdin.on('error', () => {}).end(stdin)
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString('utf8'))
      else
        reject(new Error(`tmux ${args.slice(0, 3).join(' ')}: ${Buffer.concat(err).toString('utf8').trim()}`))
    })
  })
}
