// What an asker at a shell can do with a question, and what it is told: wait again, take it back, follow it up, and hear of a pause.

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { frameText } from '../../src/protocol/frame.ts'
import { listAsks, whoWants } from '../../src/spool/asks.ts'
import { readJournal, record } from '../../src/spool/journal.ts'
import { pauseOf } from '../../src/spool/pause.ts'
import { frameFor } from '../../src/verbs/exchange.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { reply } from '../../src/verbs/reply.ts'
import {
  ended,
  enrol,
  eventsOf,
  filesIn,
  here,
  lay,
  mailOf,
  Q,
  type Run,
  read,
  start,
  until,
} from '../world.ts'
import { askAndEnd, makeShell, PERSON, PROGRAM, type Shell, TO } from './shell.ts'

const OLD = '20250101t000000000z-00000000'

/** A question that a shell waits for. */
async function ask(t: Test, { tree, env, dir }: Shell, ...more: string[]) {
  const child = start(t, [...PROGRAM, 'ask', 'backend', 'Which port?', ...more], { env, cwd: dir })
  const end = ended(child)
  let told = ''
  child.stderr?.on('data', (part: string) => (told += part))
  const mine = (pid: number) => pid === child.pid
  const { id } = await until(() => listAsks(tree, PERSON).find(({ process }) => mine(process.pid)))
  await until(() => mailOf(tree, TO).includes(`new/${id}.query.json`))
  return { id, end, told: () => told, kill: (signal: NodeJS.Signals) => child.kill(signal) }
}

/** A shell and an agent, backend, that takes its mail itself. */
async function makeOffice(t: Test) {
  const shell = makeShell(t)
  const peer = enrol(t, shell, 'backend')
  await shell.repowire(['notify', 'backend', 'hello'])
  takeInbox(shell.tree, peer, false)
  return { ...shell, peer }
}

t.test('the answer to a shell that was killed while it waited is the next one’s', async (t) => {
  const shell = await makeOffice(t)
  const { id, end, kill } = await ask(t, shell)
  kill('SIGKILL')
  await end
  t.equal(whoWants(shell.tree, PERSON, id), 'late')
  t.match((await shell.repowire(['inbox'])).stdout, new RegExp(`${id} .*to ${TO}`))
  const again = shell.repowire(['await', id])
  await until(() => whoWants(shell.tree, PERSON, id) === 'waiting')
  reply(shell.tree, TO, id, '8080')
  t.match(await again, { code: 0, stdout: '8080\n', stderr: '' })
  t.strictSame(
    mailOf(shell.tree, PERSON).filter((file) => file.includes(id)),
    [`done/${id}.reply.json`],
  )
  t.match(await shell.repowire(['await', id]), { code: 0, stdout: '8080\n' }, 'and it can be read again')
})

t.test('an answer that a shell had claimed when it was killed is found by the next one', async (t) => {
  const shell = await makeOffice(t)
  lay(shell.tree, 'cur', { kind: 'reply', from: TO, to: PERSON, body: '8080' })
  t.match(await shell.repowire(['await', Q]), { code: 0, stdout: '8080\n', stderr: '' })
  t.ok(mailOf(shell.tree, PERSON).includes(`done/${Q}.reply.json`))
})

for (const how of ['Ctrl-C', 'cancel'] as const) {
  t.test(`${how} after the agent was given the question lets it answer, and files the answer`, async (t) => {
    const shell = await makeOffice(t)
    const { tree, peer, repowire } = shell
    const { id, end, kill } = await ask(t, shell)
    t.match(takeInbox(tree, peer, false), [{ id }])
    let done: Run
    if (how === 'Ctrl-C') {
      kill('SIGINT')
      done = await end
      t.match(done, { code: 130, stdout: '', stderr: /has been given the question already.*repowire show/ })
    } else {
      kill('SIGKILL')
      await end
      done = await repowire(['cancel', id])
      t.match(done, { code: 0, stdout: /has been given the question already.*repowire show/, stderr: '' })
    }
    await until(() => mailOf(tree, TO).includes(`done/${id}.cancel.json`))
    reply(tree, TO, id, 'for nobody')
    await until(() => mailOf(tree, PERSON).includes(`done/${id}.reply.json`))
    t.notMatch((await repowire(['inbox'])).stdout, id)
    t.notOk(eventsOf(tree, id).includes('consumed'), 'nobody was shown it')
    t.match((await repowire(['show', id])).stdout, /for nobody/)
  })
}

t.test('a question that is cancelled before it was given is never given', async (t) => {
  const shell = await makeOffice(t)
  const { tree, peer, repowire } = shell
  const { id, end, kill } = await ask(t, shell)
  kill('SIGKILL')
  await end
  const done = await repowire(['cancel', id, '--json'])
  t.strictSame(JSON.parse(done.stdout), { id, to: TO })
  t.strictSame(takeInbox(tree, peer, false), [])
  await until(() => mailOf(tree, PERSON).includes(`done/${id}.reply.json`))
  t.equal(read(tree, PERSON, 'done', `${id}.reply.json`).outcome, 'withdrawn')
  t.match(await repowire(['cancel', id]), { code: 1, stderr: /\[no-such-query\]/ }, 'once')
})

t.test('while an agent is paused whoever asks is told, and so is whoever waits already', async (t) => {
  const shell = await makeOffice(t)
  const { repowire } = shell
  const { id, end, told } = await ask(t, shell)
  t.match(await repowire(['pause', 'backend']), { code: 0, stdout: /^Paused: backend@laptop\./ })
  await until(() => told().includes('paused'))
  t.match(
    told(),
    /^repowire: .*\nrepowire: the question waits for backend@laptop, because it is paused since .*\[peer-paused\]\n$/,
  )
  t.match(await repowire(['ask', 'backend', 'x']), { code: 1, stderr: /paused since .*\[peer-paused\]/ })
  const why = /paused since \d{4}-.*repowire resume lets mail through/
  for (const words of [['trace', id], ['inbox'], ['inbox', 'backend'], ['peers'], ['status']])
    t.match(await repowire(words), { code: 0, stdout: why }, words.join(' '))
  t.match(JSON.parse((await repowire(['inbox', '--json'])).stdout), { asked: [{ id, to: TO, where: why }] })
  t.match(JSON.parse((await repowire(['peers', '--json'])).stdout)[0], { held: why, deliverable: false })

  t.match(await repowire(['resume', 'backend']), { code: 0, stdout: 'Resumed: backend@laptop.\n' })
  for (const words of [['inbox'], ['inbox', 'backend'], ['peers'], ['status']])
    t.notMatch((await repowire(words)).stdout, /paused/, words.join(' '))
  t.match((await repowire(['trace', id])).stdout, /now: .*because backend's client has no hooks/)
  reply(shell.tree, TO, id, '8080')
  t.match(await end, { code: 0, stdout: '8080\n' })
  t.equal(told().match(/paused/g)?.length, 2, 'it was told once, with its code')
})

t.test('a question that timed out at a paused agent says that it is paused', async (t) => {
  const shell = await makeOffice(t)
  const { end } = await ask(t, shell, '--timeout', '1')
  await shell.repowire(['pause'])
  t.match(await end, { code: 3, stdout: '', stderr: /because backend is paused since .*\[no-answer-yet\]/ })
})

t.test('an agent pauses itself, and a person everybody who is online', async (t) => {
  const shell = makeShell(t)
  const { tree, repowire } = shell
  for (const name of ['backend', 'cache']) enrol(t, shell, name)
  const paused = () => ['backend', 'cache', 'frontend'].filter((name) => pauseOf(tree, `${name}@laptop`))
  t.strictSame(JSON.parse((await repowire(['pause', '--json'])).stdout), ['backend@laptop', 'cache@laptop'])
  t.strictSame(paused(), ['backend', 'cache'])
  await repowire(['resume'])
  t.strictSame(paused(), [])
  enrol(t, shell, 'frontend', { process: here })
  t.strictSame(JSON.parse((await repowire(['pause', '--json'])).stdout), ['frontend@laptop'])
  t.strictSame(paused(), ['frontend'])
  t.match(await repowire(['resume']), { stdout: 'Resumed: frontend@laptop.\n' })
  t.match(await repowire(['resume']), { code: 0, stdout: 'Nobody was paused.\n' })
})

t.test('a follow-up at a shell shows the agent the exchange before it', async (t) => {
  const shell = await makeOffice(t)
  const { tree } = shell
  const answer = (text: string) => (id: string) => reply(tree, TO, id, text)
  const first = await askAndEnd(shell, ['backend', 'Which port?'], answer('8080'))
  let shown = ''
  const second = await askAndEnd(shell, ['backend', 'And TLS?', '--reply-to', first.id], (id) => {
    shown = frameText(frameFor(tree, read(tree, TO, 'new', `${id}.query.json`)))
    reply(tree, TO, id, '8443')
  })
  t.match(shown, /asked backend@laptop:\nWhich port\?\n\nbackend@laptop answered:\n8080\n[\s\S]*And TLS\?/)
  t.match(read(tree, TO, 'done', `${second.id}.query.json`), { in_reply_to: first.id, thread: first.id })
})

t.test(
  'a broadcast that was killed on its way reaches the rest when it is repeated, and nobody twice',
  async (t) => {
    const shell = makeShell(t)
    const { tree, repowire, env } = shell
    const all = Array.from({ length: 40 }, (_, n) => enrol(t, shell, `agent-${n}`).address)
    const told = () => all.flatMap((address) => mailOf(tree, address).map((file) => `${address} ${file}`))
    const child = start(t, [...PROGRAM, 'broadcast', 'main is frozen'], { env })
    const end = ended(child)
    await until(() => told().length > 0)
    child.kill('SIGKILL')
    await end
    const reached = told()
    const { id } = readJournal(tree).find(({ event }) => event === 'broadcast') ?? {}
    const again = JSON.parse(
      (await repowire(['broadcast', 'main is frozen', '--id', id as string, '--json'])).stdout,
    )
    t.equal(again.reached.filter((one: { again?: true }) => one.again).length, reached.length)
    t.equal(told().length, 40)
    t.strictSame(
      told().filter((line) => reached.includes(line)),
      reached,
    )
  },
)

t.test('gc removes what is over for long, and never what still tells a repeat', async (t) => {
  const shell = await makeOffice(t)
  const { tree, repowire } = shell
  const gc = async (...more: string[]) => JSON.parse((await repowire(['gc', '--json', ...more])).stdout)
  const over = lay(tree, 'done', { id: OLD, kind: 'notice' })
  lay(tree, 'open')
  record(tree, 'given', TO, Q)
  const needed = lay(tree, 'done', { kind: 'reply', from: TO, to: 'frontend@laptop' })
  t.match(await gc(), { messages: [], kept: [] }, 'nothing is 30 days old')
  const before = filesIn(tree.root)
  const would = await gc('--days', '0', '--dry-run')
  t.ok(would.messages.includes(`inbox/${TO}/done/${over}`))
  t.strictSame(would.kept, [`inbox/frontend@laptop/done/${needed}`])
  t.strictSame(filesIn(tree.root), before, 'a dry run removes nothing')
  t.match(await repowire(['gc', '--days', '0']), { code: 0, stdout: /Removed \d+ messages.* Kept 1 that/ })
  t.ok(filesIn(join(tree.root, 'inbox/frontend@laptop')).includes(`done/${needed}`))
  t.notOk(mailOf(tree, TO).includes(`done/${over}`))
})
