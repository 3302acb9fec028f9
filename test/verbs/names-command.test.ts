// `repowire rename` as a person's shell and as an agent's would run it, and a server whose client is renamed. mailbox-spec §5.2

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import type { Card } from '../../src/protocol/card.ts'
import { createCard, listCards, readCard } from '../../src/spool/cards.ts'
import { pauseOf } from '../../src/spool/pause.ts'
import { markOf } from '../../src/spool/process.ts'
import { register } from '../../src/verbs/register.ts'
import { rename } from '../../src/verbs/rename.ts'
import { makeShell, PERSON, PROGRAM } from '../cli/shell.ts'
import { bundle, enrol, here, mailOf, ROOT, start, until } from '../world.ts'

const person = PERSON.replace('@laptop', '')
const agent = await bundle(t, new URL('../mcp/peer.ts', import.meta.url))

t.test('inside of a session one word is its new name', async (t) => {
  const { tree, dir, env } = makeShell(t)
  const directory = join(dir, 'src', 'backend')
  mkdirSync(directory, { recursive: true })
  const shell = start(t, ['sh', '-c', 'read line; "$@"; read line', 'sh', ...PROGRAM, 'rename', 'api'], {
    env,
  })
  // env(1) has become the shell by then, and keeps its pid.
  const process = await until(() => markOf(shell.pid as number))
  register(tree, { agent: 'other', directory, process })
  shell.stdin?.write('\n')
  await until(() => readCard(tree, 'backend@laptop')?.renamed === 'api@laptop')
  t.strictSame(readCard(tree, 'api@laptop')?.process, process)
})

t.test('anywhere two words say who gets which name, by a former name too', async (t) => {
  const world = makeShell(t)
  const { tree, repowire } = world
  enrol(t, world, 'backend')
  t.match(await repowire(['rename', 'backend', 'api']), {
    code: 0,
    stdout: /backend@laptop is api@laptop now/,
  })
  const { code, stdout } = await repowire(['rename', 'backend@laptop', 'core', '--json'])
  t.equal(code, 0)
  t.strictSame(JSON.parse(stdout), readCard(tree, 'core@laptop'))
  t.match(JSON.parse(stdout), { address: 'core@laptop', formerly: 'api@laptop' })
})

t.test('what cannot be done is said, and nothing is changed', async (t) => {
  const world = makeShell(t)
  const { tree, repowire } = world
  const card = enrol(t, world, 'backend')
  createCard(tree, { ...card, address: 'backend@desktop' } as Card)
  await repowire(['notify', 'backend', 'hello']) // so that the person has a card
  for (const [args, code, stderr] of [
    [['api'], 2, /This shell is not inside of an agent/],
    [['backend', 'a', 'b'], 2, /Unused args: `b`/],
    [['backend', 'My App'], 2, /Try: my-app/],
    [['backend', '../x'], 2, /cannot be a name/],
    [[person, 'api'], 2, /is a person/],
    [['backend@desktop', 'api'], 2, /only that host can rename it/],
    [['backend', person], 1, /\[name-taken\]/],
    [['nobody', 'api'], 1, /\[peer-unknown\]/],
  ] as const) {
    const ran = await repowire(['rename', ...args])
    t.match(ran, { code, stderr }, args.join(' '))
  }
  t.strictSame(readCard(tree, card.address), card)
  t.equal(listCards(tree).length, 3)
})

t.test('a pause is found, and ended, by the former name and by the new one', async (t) => {
  const world = makeShell(t)
  const { tree, repowire } = world
  const card = enrol(t, world, 'backend')
  t.equal((await repowire(['pause', 'backend'])).code, 0)
  rename(tree, card, 'api')
  t.ok(pauseOf(tree, 'api@laptop'))
  t.equal((await repowire(['resume', 'backend'])).code, 0)
  t.equal(pauseOf(tree, 'api@laptop'), undefined)
})

t.test('a server speaks for its client under whatever name it has', async (t) => {
  const world = makeShell(t)
  const { tree, env, dir } = world
  const cwd = join(dir, 'src', 'web')
  mkdirSync(cwd, { recursive: true })
  enrol(t, world, 'backend', { process: here })
  const child = start(t, [process.execPath, agent, join(ROOT, 'dist', 'mcp.js')], { env, cwd })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  const next = async () => JSON.parse((await lines.next()).value as string)
  const call = async (name: string, args: object = {}) => {
    child.stdin?.write(`${JSON.stringify({ n: 1, call: name, args })}\n`)
    return (await next()).text as string
  }
  await next()
  t.match(await call('whoami'), /^You are web@laptop/)
  rename(tree, readCard(tree, 'web@laptop') as Card, 'site')
  t.match(await call('whoami'), /^You are site@laptop/)
  t.match(await call('notify_peer', { peer: 'backend', message: 'hello' }), /In the inbox of backend@laptop/)
  t.equal(mailOf(tree, 'backend@laptop').length, 1)
  t.match(await call('list_peers'), /site@laptop \(you\)/)
  t.match(await call('ask_peer', { peer: 'web', question: 'x?' }), /site@laptop is you/)
})
