/** Sessions at rest that listen on a socket each, as a client's own inbox does: what the courier hands in is a turn, whose hook has seen it. */

import { renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { Card } from '../../src/protocol/card.ts'
import { idsIn } from '../../src/protocol/frame.ts'
import { readCard } from '../../src/spool/cards.ts'
import type { Tree } from '../../src/spool/tree.ts'
import { given } from '../../src/verbs/given.ts'
import type { Say, Seat } from './lines.ts'

/** Longer than the courier needs to see that a hook has seen it: a client that was idle before is as if it had not begun. */
const TURN_MS = 200

export async function sit(tree: Tree, seats: Seat[], say: Say): Promise<void> {
  await Promise.all(seats.map((seat) => listen(tree, seat, say)))
  say({ event: 'ready' })
}

function listen(tree: Tree, seat: Seat, say: Say): Promise<void> {
  const card = readCard(tree, seat.address) as Card
  const read = (line: string) => {
    const text = JSON.parse(line).message.content as string
    show(seat, 'busy')
    given(tree, card, { text, hook: 'prompt' })
    for (const id of idsIn(text)) say({ event: 'taken', id })
    setTimeout(() => show(seat, 'idle'), TURN_MS)
  }
  const server = createServer((from) => createInterface({ input: from }).on('line', read))
  show(seat, 'idle')
  return new Promise((resolve) => server.listen(seat.socket, resolve))
}

function show({ socket, file }: Seat, status: 'busy' | 'idle'): void {
  const session = { kind: 'interactive', status, statusUpdatedAt: Date.now(), sessionId: 's' }
  const offer = { messagingSocketPath: socket, peerProtocol: 1, cwd: '/nonexistent' }
  writeFileSync(`${file}.tmp`, JSON.stringify({ ...session, ...offer }))
  renameSync(`${file}.tmp`, file)
}
