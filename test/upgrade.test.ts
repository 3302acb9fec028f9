// A tree that an earlier version wrote is read by this one, and goes on in it; one of a number to come is left as it is.

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { listAsks } from '../src/spool/asks.ts'
import { listCards } from '../src/spool/cards.ts'
import { readJournal } from '../src/spool/journal.ts'
import { openTree, type Tree } from '../src/spool/tree.ts'
import { awaitReply } from '../src/verbs/await-reply.ts'
import { gc } from '../src/verbs/gc.ts'
import { reply } from '../src/verbs/reply.ts'
import { sweep } from '../src/verbs/sweep.ts'
import { startServer } from './mcp/client.ts'
import { bodyOf, filesIn, here, mailOf, makeDir, plainEnv, ROOT, run, thrown, waitOf } from './world.ts'

const [ANSWERED, OPEN, UNREAD] = [
  '20261128t081318282z-pfs9t3z1',
  '20261128t081318334z-g9htnq03',
  '20261128t081318401z-vkye2f2z',
]
const [ASKER, PEER] = ['frontend@laptop', 'backend@laptop']

function copyOf(t: Test): { dir: string; env: Record<string, string> } {
  const dir = makeDir(t)
  cpSync(join(ROOT, 'fixtures/upgrade/1'), dir, { recursive: true })
  return { dir, env: { REPOWIRE_HOME: join(dir, 'mailbox'), REPOWIRE_STATE: join(dir, 'state') } }
}

const open = (t: Test): Tree => openTree(copyOf(t).env)
const program = (name: string) => [process.execPath, join(ROOT, 'dist', name)]

t.test('its cards, its aliases, its mail and its journal are read', async (t) => {
  const tree = open(t)
  const names = ['ada', 'backend', 'frontend', 'renamed', 'web']
  t.strictSame(
    listCards(tree)
      .filter(({ renamed }) => renamed === undefined)
      .map(({ address }) => address.split('@')[0])
      .sort(),
    names,
  )
  t.equal(listAsks(tree, ASKER).length, 4)
  const events = readJournal(tree).map(({ event }) => event)
  for (const event of [
    'asked',
    'given',
    'replied',
    'ended',
    'notified',
    'broadcast',
    'registered',
    'renamed',
    'left',
  ])
    t.ok(events.includes(event as (typeof events)[0]), event)
})

t.test('the commands that look show it', async (t) => {
  const { dir, env } = copyOf(t)
  const at = { env: plainEnv({ ...env, HOME: dir }), cwd: dir }
  t.match(await run(t, [...program('repowire.js'), 'peers'], at), { code: 0, stdout: 'backend' })
  t.match(await run(t, [...program('repowire.js'), 'trace', ANSWERED as string], at), {
    code: 0,
    stdout: 'On 8080.',
  })
})

t.test('an answer that lies there is taken', async (t) => {
  const found = await awaitReply(open(t), ASKER, here, UNREAD as string, waitOf(1))
  t.match(found, { outcome: 'answered', body: 'Nobody has read this yet.' })
})

t.test('a question that is open is answered', async (t) => {
  const tree = open(t)
  reply(tree, PEER, OPEN as string, 'On localhost.')
  t.equal(bodyOf(tree, ASKER, 'new', `${OPEN}.reply.json`), 'On localhost.')
  t.ok(mailOf(tree, PEER).includes(`done/${OPEN}.query.json`))
})

t.test('who tidies up takes nothing of it', async (t) => {
  const tree = open(t)
  const before = filesIn(join(tree.root, 'inbox')).filter((path) => !path.includes('/asks/'))
  sweep(tree)
  gc(tree)
  t.strictSame(
    filesIn(join(tree.root, 'inbox')).filter((path) => !path.includes('/asks/')),
    before,
  )
})

t.test(
  'a tree of mailbox/2 is refused by commands, hooks, servers and couriers, and stays as it is',
  async (t) => {
    const { dir, env } = copyOf(t)
    writeFileSync(join(dir, 'mailbox/mailbox.json'), '{"spec":"mailbox/2"}\n')
    const contents = () =>
      filesIn(dir)
        .filter((path) => !path.endsWith('hook.log'))
        .map((path) => [path, readFileSync(join(dir, path), 'utf8')])
    const before = contents()
    t.equal(thrown(() => openTree(env)).code, 'wrong-spec')
    const at = { env: plainEnv({ ...env, HOME: dir, CLAUDE_PID: String(process.pid) }), cwd: dir }
    for (const words of [
      ['peers'],
      ['inbox'],
      ['ask', 'backend', 'x'],
      ['notify', 'backend', 'x'],
      ['gc'],
      ['daemon', 'run'],
    ])
      t.match(
        await run(t, [...program('repowire.js'), ...words], at),
        { code: 1, stderr: '[wrong-spec]' },
        words.join(' '),
      )
    const input = JSON.stringify({
      hook_event_name: 'SessionStart',
      session_id: 's',
      cwd: dir,
      transcript_path: join(dir, 'x'),
    })
    t.match(await run(t, program('hook.cjs'), { ...at, input }), { code: 0 })
    const { ask, child } = startServer(t, { dir, env })
    t.match(await ask('tools/call', { name: 'list_peers', arguments: {} }), {
      result: { isError: true, content: [{ text: /\[wrong-spec\]/ }] },
    })
    child.kill()
    t.strictSame(contents(), before)
  },
)
