/** A private tmux server: one window, its panes side by side, seen from outside. */

import { spawn } from 'node:child_process'
import { RepowireError } from '../../protocol/errors.ts'

export type Environment = Record<string, string>

export type Panes = {
  /** A pane for each, from left to right, that runs a command in a directory. */
  open(first: Program, ...beside: Program[]): Promise<string[]>
  /** Types a line, key by key. */
  type(pane: string, line: string): Promise<void>
  pressEnter(pane: string): Promise<void>
  /** What a pane shows; with its colours where they are wanted. */
  capture(pane: string, colours: boolean): Promise<string>
  /** True when the program of a pane has ended. */
  oneEnded(): Promise<boolean>
  /** Ends the server and all that runs in it. */
  kill(): Promise<void>
}

export type Program = { command: string[]; directory: string }

// The last screen of a program that ended says why; without this the server would end with it.
const keepEnded = ['start-server', ';', 'set-option', '-g', 'remain-on-exit', 'on', ';']

// Two panes of 77 columns and the line between them; behind a bar they fit into 80.
const COLUMNS = '155'
const ROWS = '40'

/** A tmux that has this socket and this environment to itself, without a configuration. Starts nothing yet. */
export function panesAt(socket: string, env: Environment): Panes {
  const tmux = (...args: string[]) => run(['-u', '-f', '/dev/null', '-S', socket, ...args], env)
  const show = ['-P', '-F', '#{pane_id}']
  return {
    open: async (first, ...beside) => {
      const pane = await tmux(
        ...keepEnded,
        'new-session',
        '-d',
        '-x',
        COLUMNS,
        '-y',
        ROWS,
        ...show,
        ...start(first),
      )
      const panes = [pane]
      for (const program of beside)
        panes.push(await tmux('split-window', '-h', '-t', pane, ...show, ...start(program)))
      return panes
    },
    type: async (pane, line) => void (await tmux('send-keys', '-l', '-t', pane, '--', line)),
    pressEnter: async (pane) => void (await tmux('send-keys', '-t', pane, 'Enter')),
    capture: (pane, colours) => tmux('capture-pane', '-p', ...(colours ? ['-e'] : []), '-t', pane),
    oneEnded: async () => (await tmux('list-panes', '-a', '-F', '#{pane_dead}')).includes('1'),
    kill: async () => void (await tmux('kill-server').catch(() => {})), // it has ended with its last pane
  }
}

function start({ command, directory }: Program): string[] {
  return ['-c', directory, '--', ...command]
}

function run(args: string[], env: Environment): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('tmux', args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (part: Buffer) => out.push(part))
    child.stderr.on('data', (part: Buffer) => err.push(part))
    child.on('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? noTmux() : error))
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString('utf8').trimEnd())
      else reject(new Error(`tmux: ${Buffer.concat(err).toString('utf8').trim() || `exit ${code}`}`))
    })
  })
}

function noTmux(): RepowireError {
  return new RepowireError(
    'tmux-missing',
    'The demonstration runs its agents in tmux, and there is no tmux on the PATH.',
    'Install it (apt-get install tmux, dnf install tmux, brew install tmux) and run: repowire demo.',
  )
}
