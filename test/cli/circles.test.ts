// What the command line shows and reaches, of an agent and of a person. mailbox-spec §5.6

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { cardOfProcess } from '../../src/spool/cards.ts'
import { register } from '../../src/verbs/register.ts'
import { here, mailOf, ROOT, run, startProcess } from '../world.ts'
import { makeShell } from './shell.ts'

/** api is in billing, web in its own, tool in none; where `agent` is given the command line is one of billing. */
function makeOffice(t: Test, agent?: ProcessMark) {
  const shell = makeShell(t)
  const enter = (name: string, circle?: string, process = startProcess(t).mark) => {
    const directory = join(shell.dir, 'src', name)
    mkdirSync(join(directory, '.git'), { recursive: true })
    register(shell.tree, { agent: 'other', directory, process, circle })
  }
  enter('api', 'billing')
  enter('web', 'web')
  enter('tool')
  if (agent !== undefined) enter('frontend', 'billing', agent)
  return shell
}

const firstColumns = (table: string) =>
  table.split('\n').map((line) => line.split(/\s+/).slice(0, 2).join(' '))

t.test('a person sees all peers, with their circles', async (t) => {
  const { repowire } = makeOffice(t)
  const { stdout } = await repowire(['peers'])
  t.strictSame(firstColumns(stdout.trim()), [
    'PEER CIRCLE',
    'api@laptop billing',
    'tool@laptop -',
    'web@laptop web',
  ])
  t.match(JSON.parse((await repowire(['peers', '--json'])).stdout), [
    { circle: 'billing' },
    {},
    { circle: 'web' },
  ])
})

t.test('an agent sees its own circle, without that column, and with --all everybody', async (t) => {
  const { repowire } = makeOffice(t, here)
  const own = (await repowire(['peers'])).stdout.trim()
  t.strictSame(firstColumns(own), ['PEER STATUS', 'api@laptop unknown', 'frontend@laptop unknown'])
  t.equal(firstColumns((await repowire(['peers', '--all'])).stdout.trim()).length, 5)
})

t.test('an agent tells another circle something only with --all', async (t) => {
  const { tree, repowire } = makeOffice(t, here)
  const refused = 'repowire: web@laptop is in another circle (web); yours is billing. '
  const plain = [
    ['notify', 'web', 'x'],
    ['ask', 'web', 'x'],
  ]
  for (const words of plain) {
    const { code, stdout, stderr } = await repowire(words)
    t.match({ code, stdout }, { code: 1, stdout: '' })
    t.ok(stderr.startsWith(refused), stderr)
    t.match(stderr, /\[other-circle\]\n$/)
  }
  t.equal((await repowire(['notify', 'web', 'x', '--all'])).code, 0)
  t.match(await repowire(['ask', 'web', 'x', '--all', '--timeout', '0.1']), { code: 3 })
  t.strictSame(
    mailOf(tree, 'web@laptop')
      .map((file) => file.split('.')[1])
      .sort(),
    ['notice', 'query'],
  )
})

t.test("an agent's broadcast reaches its circle, and with --all everybody", async (t) => {
  const { repowire } = makeOffice(t, here)
  t.equal((await repowire(['broadcast', 'x'])).stdout, 'In the inboxes of api@laptop.\n')
  t.equal(
    (await repowire(['broadcast', 'x', '--all'])).stdout,
    'In the inboxes of api@laptop, tool@laptop, web@laptop.\n',
  )
})

t.test('a person reaches every circle', async (t) => {
  const { repowire } = makeOffice(t)
  for (const peer of ['api', 'tool', 'web']) t.equal((await repowire(['notify', peer, 'x'])).code, 0, peer)
  t.equal(
    (await repowire(['broadcast', 'x'])).stdout,
    'In the inboxes of api@laptop, tool@laptop, web@laptop.\n',
  )
})

t.test(
  'a session that starts is in the circle of its environment, and one that starts again in that of now',
  async (t) => {
    const { tree, env, dir } = makeOffice(t)
    const start = async (more: Record<string, string>) => {
      const own = { CLAUDE_PID: String(process.pid), CLAUDE_CODE_ENTRYPOINT: 'cli', CLAUDE_PROJECT_DIR: dir }
      const input = JSON.stringify({ hook_event_name: 'SessionStart', cwd: dir })
      const hook = [process.execPath, join(ROOT, 'dist', 'hook.cjs')]
      t.match(await run(t, hook, { env: { ...env, ...own, ...more }, cwd: dir, input }), {
        code: 0,
        stderr: '',
      })
      return cardOfProcess(tree, here)?.circle
    }
    t.equal(await start({ REPOWIRE_CIRCLE: 'billing' }), 'billing')
    t.equal(await start({ REPOWIRE_CIRCLE: 'web' }), 'web')
    t.equal(await start({ REPOWIRE_CIRCLE: '' }), undefined)
  },
)
