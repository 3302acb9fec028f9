// Many peers: processes that sleep, whose session files say that they have been idle for long. One process may be a peer
// of several homes.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const IDLE_MS = 60_000

/** The pids of so many sleeping processes. */
export function startSleepers(workshop, count) {
  const sleep = () => workshop.start(['sleep', '900'], { stdio: 'ignore' }).pid
  return Array.from({ length: count }, sleep)
}

/** Registers each of these processes in a directory of its own; returns the cards. `panes`: where each of them is. */
export function hire(verbs, tree, home, pids, panes) {
  return pids.map((pid, n) => {
    const directory = join(home.dir, `peer-${n + 1}`)
    mkdirSync(directory)
    const session_file = join(home.dir, `${pid}.json`)
    writeFileSync(
      session_file,
      JSON.stringify({ pid, status: 'idle', statusUpdatedAt: Date.now() - IDLE_MS }),
    )
    const tmux = panes && { socket: panes[n].socket, pane: panes[n].pane }
    const about = { agent: 'claude-code', process: verbs.markOf(pid), directory, session_file }
    return verbs.register(tree, { ...about, ...(tmux && { tmux }) })
  })
}
