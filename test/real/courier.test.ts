// The courier dies at every point of a delivery, and the next one neither loses nor repeats anything.
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { livingCourier } from '../../src/courier/courier-file.ts'
import { paste } from '../../src/courier/tmux.ts'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { SPEC } from '../../src/protocol/layout.ts'
import type { Message } from '../../src/protocol/message.ts'
import { record } from '../../src/spool/journal.ts'
import { claim } from '../../src/spool/moves.ts'
import { newId, timestamp } from '../../src/spool/new-id.ts'
import { markOf } from '../../src/spool/process.ts'
import { publish } from '../../src/spool/publish.ts'
import { locateTree } from '../../src/spool/tree.ts'
import { frameFor } from '../../src/verbs/exchange.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { eventually } from './eventually.ts'
import { longLook, openOffice, runProgram } from './office.ts'

const office = await openOffice()
t.teardown(office.close)
const backend = await office.hire('backend')
const env = office.home.env(office.model.url)
const tree = locateTree(env)
const pane = { socket: office.tmux.socket, pane: backend.pane }
const courierPid = () => eventually('a courier', () => livingCourier(tree)?.process.pid)

const ada = () => registerPerson(tree, 'ada', markOf(process.pid) as ProcessMark, '/')

/** A notice as an earlier courier left it in cur/. */
async function leftInCur(body: string): Promise<Message> {
  await office.repowire('daemon', 'stop')
  const address = `backend@${tree.host}`
  const id = newId()
  const message: Message = {
    spec: SPEC,
    id,
    kind: 'notice',
    from: ada().address,
    to: address,
    sent: timestamp(),
    body,
  }
  publish(tree, message)
  claim(tree, address, `${id}.notice.json`)
  return message
}

/** Types the message as the courier does, and presses no Enter. */
async function pasteAsCourier(message: Message): Promise<void> {
  const { header, body } = frameFor(tree, message)
  const file = join(office.home.dir, `${message.id}.txt`)
  await writeFile(file, body)
  await paste(pane, message.id, header, file)
}

/** How often the model was shown this message. */
async function timesShown(message: Message): Promise<number> {
  await office.waitMail('backend', new RegExp(`^done/${message.id}`))
  const shown = async () =>
    (await office.prompts(backend)).filter((prompt) => prompt.includes(message.id)).length
  await eventually('the model has it', async () => (await shown()) > 0)
  await backend.waitStatus('idle')
  return await shown()
}

t.test('a message that was claimed and not typed is put back and given once', async (t) => {
  const message = await leftInCur('claimed only')
  await office.repowire('daemon', 'start')
  t.equal(await timesShown(message), 1)
  t.ok(await office.waitJournal('the put-back', ({ event, id }) => event === 'put-back' && id === message.id))
})

t.test('a message whose typing was recorded and never begun is put back and given once', async (t) => {
  const message = await leftInCur('intent only')
  record(tree, 'typing', message.to, message.id, { kind: message.kind, door: 'tmux', ...pane })
  await office.repowire('daemon', 'start')
  t.equal(await timesShown(message), 1)
  t.ok(await office.waitJournal('the put-back', ({ event, id }) => event === 'put-back' && id === message.id))
})

t.test('a message that stands in the box without its Enter gets the Enter alone', async (t) => {
  const message = await leftInCur('typed, no Enter')
  record(tree, 'typing', message.to, message.id, { kind: message.kind, door: 'tmux', ...pane })
  await pasteAsCourier(message)
  await backend.waitScreen(/\[Pasted text #\d+ \+5\s+lines\]/)
  await office.repowire('daemon', 'start')
  t.equal(await timesShown(message), 1)
  const lines = (await office.journal()).filter(({ id }) => id === message.id).map(({ event }) => event)
  t.same(
    lines.filter((event) => event === 'put-back'),
    [],
  )
  t.same(lines.filter((event) => event === 'typing').length, 1)
})

t.test(
  'a message beside which the human has typed is left alone until the box is theirs no more',
  async (t) => {
    const message = await leftInCur('typed, and a draft')
    record(tree, 'typing', message.to, message.id, { kind: message.kind, door: 'tmux', ...pane })
    await pasteAsCourier(message)
    await backend.waitScreen(/\[Pasted text #\d+ \+5\s+lines\]/)
    await backend.type('and my own words')
    await office.repowire('daemon', 'start')
    await office.waitJournal(
      'why it is held',
      ({ event, why }) => event === 'held' && /holds a text/.test(String(why)),
    )
    t.match(await backend.screen(), /and my own words/)
    await backend.press('Enter')
    t.equal(await timesShown(message), 1)
  },
)

t.test(
  'a courier that is killed while tmux pastes leaves the whole text in the box, and the next one sends it',
  async (t) => {
    await office.repowire('daemon', 'stop')
    const done = await killCourierInPaste()
    office.answer = () => [{ text: 'whole' }]
    const asked = office.repowire('ask', 'backend', 'One line.\nAnother line.')
    await eventually('the killing', () => existsSync(done), { lastSeen: () => backend.screen() })
    await backend.waitScreen(/\[Pasted text #\d+ \+6\s+lines\]/)
    await office.repowire('daemon', 'start')
    t.equal((await asked).stdout, 'whole\n')
  },
)

t.test('questions that are asked while couriers are killed are all answered, each once', async (t) => {
  await office.repowire('daemon', 'start')
  office.answer = (question) => [{ text: `answer ${question.match(/number \d+/)?.[0]}` }]
  const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8]
  const asked = NUMBERS.map((n) => office.repowire('ask', 'backend', `number ${n}`))
  for (const event of ['claimed', 'typing', 'entered', 'given']) {
    const since = (await office.journal()).length
    const isNext = async () => (await office.journal()).slice(since).some((line) => line.event === event)
    await eventually(`the next ${event}`, isNext, {
      lastSeen: async () => JSON.stringify(await office.journal(), null, 1),
    })
    process.kill(await courierPid(), 'SIGKILL')
    await office.repowire('daemon', 'start')
  }
  const answers = (await Promise.all(asked)).map(({ stdout, stderr }) => stdout || stderr)
  t.same(
    answers,
    NUMBERS.map((n) => `answer number ${n}\n`),
  )
  const prompts = await office.prompts(backend)
  for (const n of NUMBERS)
    t.equal(
      prompts.filter((prompt) => prompt.includes(`number ${n}\n`)).length,
      1,
      `number ${n} was asked once`,
    )
})

t.test('a courier that was started twice is one courier', async (t) => {
  const before = await courierPid()
  await Promise.all([
    office.repowire('daemon', 'start'),
    office.repowire('daemon', 'start'),
    office.repowire('daemon', 'run'),
  ])
  t.equal(await courierPid(), before)
})

t.test(
  'the courier of an older version is replaced by that of a newer one, and not the other way round',
  async (t) => {
    const before = await courierPid()
    const copy = await otherBuild()
    t.teardown(() => rm(copy, { recursive: true }))
    await runProgram(join(copy, 'repowire.js'), ['peers'], env)
    await runProgram(join(copy, 'repowire.js'), ['daemon', 'start'], env)
    await eventually('another courier', async () => (await courierPid()) !== before)
    const newer = await courierPid()
    t.equal((await office.repowire('ask', 'backend', 'number 9')).stdout, 'answer number 9\n')
    t.equal(await courierPid(), newer, 'the older program used it and left it')
  },
)

t.test(
  'a question that the client takes up in the middle of its human turn is not answered by that turn',
  async (t) => {
    const look = await longLook(office, 'backend')
    await office.repowire('daemon', 'stop')
    let id = ''
    office.answer = () => [{ text: 'asked by itself' }]
    office.other = (turn) => {
      const text = turn.lastUserText
      if (turn.prompt === 'my work')
        return [{ tool: 'Bash', input: { command: `cat ${look.name}`, description: 'work' } }]
      if (text.includes('you owe another agent')) {
        return [{ tool: 'mcp__repowire__reply_peer', input: { id, answer: 'for the peer' } }]
      }
      if (text.includes('Sent to')) return [{ text: 'done' }]
      return turn.toolResults.length > 0 ? [{ text: 'to my human: secret' }] : undefined
    }
    const query = { ...(await askedAndClaimed('Right in the middle?')) }
    id = query.id
    await backend.submit('my work')
    await look.begun()
    await pasteAsCourier(query)
    await backend.waitScreen(/\[Pasted text #\d+ \+5\s+lines\]/)
    await backend.press('Enter')
    await office.waitQueued(backend, id)
    await look.end()
    const reply = await office.waitJournal('the reply', (line) => line.event === 'replied' && line.id === id)
    t.match(reply, { outcome: 'answered', body: 'for the peer' })
    office.other = () => undefined
  },
)

/** A question of ada's that lies in cur/, its typing recorded. */
async function askedAndClaimed(body: string): Promise<Message> {
  const id = newId()
  const to = `backend@${tree.host}`
  const query: Message = { spec: SPEC, id, kind: 'query', from: ada().address, to, sent: timestamp(), body }
  publish(tree, query)
  claim(tree, to, `${id}.query.json`)
  record(tree, 'typing', to, id, { kind: 'query', door: 'tmux', ...pane })
  return query
}

/** Puts a tmux on the courier's PATH that kills whoever calls it to paste, once, and then pastes. */
async function killCourierInPaste(): Promise<string> {
  const done = join(office.home.dir, 'killed')
  const script = `#!/bin/sh
case "$*" in *load-buffer*) [ -e '${done}' ] || { : > '${done}'; kill -9 $PPID; } ;; esac
PATH=/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin exec tmux "$@"
`
  await writeFile(join(office.home.bin, 'tmux'), script, { mode: 0o755 })
  return done
}

/** This program with another build's mark. */
async function otherBuild(): Promise<string> {
  const copy = await mkdtemp(join(office.home.dir, 'dist-'))
  const dist = fileURLToPath(new URL('../../dist', import.meta.url))
  await cp(dist, copy, { recursive: true })
  const { build = 'no build', version = 'no version' } = livingCourier(tree) ?? {}
  for (const file of (await readdir(copy)).filter((name) => name.endsWith('.js') || name.endsWith('.cjs'))) {
    const text = await readFile(join(copy, file), 'utf8')
    const other = text.replaceAll(build, `${build.slice(1)}x`).replaceAll(JSON.stringify(version), '"99.0.0"')
    await writeFile(join(copy, file), other.replaceAll(`\`${version}\``, '`99.0.0`'))
  }
  return copy
}
