// A real, idle client that is given a text fifteen times by the courier, through all its gates, and as often by bare
// tmux: the same paste and Enter without a look. A second hook of the client notes when each prompt arrived.

import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Card, ProcessMark } from '../../src/protocol/card.ts'
import { type Frame, frameOf } from '../../src/protocol/frame.ts'
import { SPEC } from '../../src/protocol/layout.ts'
import { makeHints } from '../../src/spool/hints.ts'
import { newId, timestamp } from '../../src/spool/new-id.ts'
import { markOf } from '../../src/spool/process.ts'
import { openTree } from '../../src/spool/tree.ts'
import { ask } from '../../src/verbs/ask.ts'
import { awaitReply } from '../../src/verbs/await-reply.ts'
import { register } from '../../src/verbs/register.ts'
import { eventually } from '../../test/real/eventually.ts'
import { openOffice } from '../../test/real/office.ts'

const PATIENCE_MS = 20_000
// Longer than any gate asks for, so that the gates find the session as free as it will ever be.
const IDLE_MS = 1_200
const QUESTION = 'Which port does the server listen on?'

const clients: number[] = []
const office = await openOffice()
const close = async () => {
  for (const pid of clients) process.kill(pid, 'SIGTERM')
  await office.close()
}
process.once('SIGTERM', () => void close().finally(() => process.exit(1)))
try {
  await measure(Number(process.argv[2]))
} finally {
  await close()
}

async function measure(rounds: number): Promise<void> {
  const stamp = join(office.home.dir, 'prompted')
  await addHook(`touch '${stamp}'`)
  const session = await office.hire('backend')
  clients.push(session.pid)
  const tree = openTree(office.home.env(office.model.url))
  const desk = join(office.home.dir, 'frontend')
  await mkdir(desk)
  const me = register(tree, { agent: 'other', process: markOf(process.pid) as ProcessMark, directory: desk })

  /** The turn of a prompt that was sent at `since` is over, and has been for long enough. */
  const ready = async (since: number) => {
    await eventually('an idle session', async () => {
      const { status, statusUpdatedAt = 0 } = (await session.status()) ?? {}
      return status === 'idle' && statusUpdatedAt > since && Date.now() - statusUpdatedAt > IDLE_MS
    })
    await rm(stamp, { force: true })
  }
  const prompted = () =>
    eventually('the prompt', () =>
      stat(stamp).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined,
      ),
    )

  for (let round = 0, last = 0; round < rounds; round++) {
    await ready(last)
    const published = Date.now()
    const { id } = ask(tree, me.address, me.process, { peer: 'backend', body: QUESTION })
    const courier = (await prompted()) - published
    await awaitReply(tree, me.address, me.process, id, { milliseconds: PATIENCE_MS, hints: makeHints() })
    const stages = await stagesOf(id, published)

    await ready(published)
    const frame = bareFrame(me)
    last = Date.now()
    await typeBlind(session.pane, frame)
    const bare = (await prompted()) - last
    console.log(JSON.stringify({ courier, bare, ...stages }))
  }
}

/** As the courier types, in two commands, and without a look before, between or after. */
async function typeBlind(pane: string, { header, body }: Frame): Promise<void> {
  const load = ['set-buffer', '-b', 'header', '--', header, ';', 'load-buffer', '-b', 'body', '-', ';']
  const paste = (buffer: string) => ['paste-buffer', '-p', '-r', '-d', '-b', buffer, '-t', pane]
  await office.tmux.run([...load, ...paste('header'), ';', ...paste('body')], body)
  await office.tmux.keys(pane, 'Enter')
}

function bareFrame(me: Card) {
  const about = { from: me.address, to: me.address, sent: timestamp(), body: QUESTION }
  return frameOf({ spec: SPEC, id: newId(), kind: 'query', ...about })
}

/** When the journal says that each step of this question's delivery was done, in ms since it was published. */
async function stagesOf(id: string, published: number): Promise<Record<string, number>> {
  const lines = (await office.journal()).filter((line) => line.id === id)
  return Object.fromEntries(lines.map(({ event, at }) => [event, Date.parse(String(at)) - published]))
}

/** Beside the hooks that are set up already. */
async function addHook(command: string): Promise<void> {
  const file = join(office.home.dir, '.claude', 'settings.json')
  const settings = JSON.parse(await readFile(file, 'utf8'))
  settings.hooks.UserPromptSubmit.push({ hooks: [{ type: 'command', command, timeout: 5 }] })
  await writeFile(file, JSON.stringify(settings))
}
