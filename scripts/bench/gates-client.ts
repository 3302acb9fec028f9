// A real, idle client that is asked a question again and again: by the courier at its pane, by the courier at the
// client's own inbox, and by bare tmux, with the same paste and Enter and without a look. One journal tells of all three
// when the client's prompt hook had the question.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessMark } from '../../src/protocol/card.ts'
import type { Frame } from '../../src/protocol/frame.ts'
import { CONFIG } from '../../src/protocol/layout.ts'
import type { Message } from '../../src/protocol/message.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { markOf } from '../../src/spool/process.ts'
import { readAnywhere } from '../../src/spool/scan.ts'
import { inRoot, openTree } from '../../src/spool/tree.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { frameFor } from '../../src/verbs/exchange.ts'
import { register } from '../../src/verbs/register.ts'
import { eventually } from '../../test/real/eventually.ts'
import { openOffice } from '../../test/real/office.ts'
import { type Command, commandsIn, windowsIn } from './tmux-log.ts'

const PATIENCE_MS = 20_000
// Longer than any gate asks for, so that the gates find the session as free as it will ever be; and with three turns to a
// question at its inbox, slower than the courier's pace there.
const IDLE_MS = 1_200
const QUESTION = 'Which port does the server listen on?'
/** The doors that the courier may use: at none of them it leaves the question to bare tmux. */
const WAYS = { tmux: ['tmux'], socket: ['socket'], blind: [] }

type Way = keyof typeof WAYS
/** `start`: ms since the epoch; `steps`: when the journal says that each was done, in ms since then; `hook`: what has seen the prompt. */
type Delivery = { start: number; steps: Record<string, number>; hook: unknown }
type Round = Record<Way, Delivery>

const clients: number[] = []
const office = await openOffice({ logged: true })
const close = async () => {
  for (const pid of clients) process.kill(pid, 'SIGTERM')
  await office.close()
}
process.once('SIGTERM', () => void close().finally(() => process.exit(1)))
try {
  const rounds = await measure(Number(process.argv[2]))
  const commands = await commandsIn(office.tmux.log)
  for (const round of rounds) console.log(JSON.stringify(withWindows(round, commands)))
} finally {
  await close()
}

async function measure(count: number): Promise<Round[]> {
  const session = await office.hire('backend')
  clients.push(session.pid)
  const tree = openTree(office.home.env(office.model.url))
  const desk = join(office.home.dir, 'frontend')
  await mkdir(desk)
  const me = register(tree, { agent: 'other', process: markOf(process.pid) as ProcessMark, directory: desk })

  /** The turn of a prompt that was sent at `since` is over, and has been for long enough. */
  const ready = (since: number) =>
    eventually('an idle session', async () => {
      const { status, statusUpdatedAt = 0 } = (await session.status()) ?? {}
      return status === 'idle' && statusUpdatedAt > since && Date.now() - statusUpdatedAt > IDLE_MS
    })
  const deliver = async (way: Way): Promise<Delivery> => {
    // Two agents may not ask each other as often as this.
    await writeFile(inRoot(tree, CONFIG), JSON.stringify({ turns_per_hour: 0, doors: WAYS[way] }))
    const published = Date.now()
    const { id, to } = ask(tree, me.address, me.process, { peer: 'backend', body: QUESTION })
    const query = readAnywhere(tree, to, id, 'query')?.message as Message
    const start = way === 'blind' ? await typeBlind(session.pane, id, frameFor(tree, query)) : published
    await awaitReply(tree, me.address, me.process, id, { milliseconds: PATIENCE_MS, hints: makeHints() })
    return await deliveryOf(id, start)
  }

  return await inTurn(count, ready, deliver)
}

/** Each way once in every round, so that whatever else the machine does hits them alike. */
async function inTurn(
  count: number,
  ready: (since: number) => Promise<unknown>,
  deliver: (way: Way) => Promise<Delivery>,
): Promise<Round[]> {
  const rounds: Partial<Round>[] = Array.from({ length: count }, () => ({}))
  let last = 0
  for (const round of rounds)
    for (const way of Object.keys(WAYS) as Way[]) {
      await ready(last)
      const delivery = await deliver(way)
      last = delivery.start
      round[way] = delivery
    }
  return rounds as Round[]
}

/** As the courier types, in two commands, and without a look before, between or after. Returns when it began. */
async function typeBlind(pane: string, id: string, { header, body }: Frame): Promise<number> {
  // The courier looks once whether an old text is in the way; that is over when it says why the question waits.
  await office.waitJournal('held', (line) => line.event === 'held' && line.id === id)
  const load = ['set-buffer', '-b', 'header', '--', header, ';', 'load-buffer', '-b', 'body', '-', ';']
  const paste = (buffer: string) => ['paste-buffer', '-p', '-r', '-d', '-b', buffer, '-t', pane]
  const start = Date.now()
  await office.tmux.run([...load, ...paste('header'), ';', ...paste('body')], body)
  await office.tmux.keys(pane, 'Enter')
  return start
}

async function deliveryOf(id: string, start: number): Promise<Delivery> {
  const { hook } = await office.waitJournal('given', (line) => line.event === 'given' && line.id === id)
  const lines = (await office.journal()).filter((line) => line.id === id)
  const steps = lines.map(({ event, at }) => [event, Date.parse(String(at)) - start])
  return { start, steps: Object.fromEntries(steps), hook }
}

function withWindows(round: Round, commands: Command[]) {
  const windowsOf = ({ start, steps }: Delivery) =>
    windowsIn(commands.filter(({ at }) => at >= start && at <= start + (steps.given as number)))
  const all = Object.entries(round).map(([way, delivery]) => [
    way,
    { ...delivery, windows: windowsOf(delivery) },
  ])
  return Object.fromEntries(all)
}
