// Peers that are in tmux panes.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export function hasTmux() {
  return spawnSync('tmux', ['-V']).status === 0
}

/** So many windows of one server of our own, each with a process that sleeps: their sockets, panes and pids. */
export function openPanes(home, count) {
  const socket = join(home.dir, 'tmux')
  const program = ['-c', home.dir, 'exec sleep 900']
  tmux(socket, '-f', '/dev/null', 'new-session', '-d', '-x', '200', '-y', '50', ...program)
  for (let n = 1; n < count; n++) tmux(socket, 'new-window', '-d', ...program)
  const lines = tmux(socket, 'list-panes', '-a', '-F', '#{pane_id} #{pane_pid}').trim().split('\n')
  return lines.map((line) => {
    const [pane, pid] = line.split(' ')
    return { socket, pane, pid: Number(pid) }
  })
}

export function closePanes([{ socket }]) {
  tmux(socket, 'kill-server')
}

function tmux(socket, ...args) {
  const { status, stdout, stderr } = spawnSync('tmux', ['-S', socket, ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr.trim())
  return stdout
}
