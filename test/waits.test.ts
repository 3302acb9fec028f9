// What mail waits for is said by name wherever somebody may look for it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { listAsks } from '../src/spool/asks.ts'
import { record } from '../src/spool/journal.ts'
import { register } from '../src/verbs/register.ts'
import { makeShell } from './cli/shell.ts'
import { startPeer } from './mcp/client.ts'
import { bundle, here, lay, startProcess, until } from './world.ts'

const shell = makeShell(t)
const { tree, dir, repowire } = shell
const session_file = join(dir, 'session.json')
const backend = register(tree, {
  agent: 'claude-code',
  directory: join(dir, 'src', 'backend'),
  process: startProcess(t).mark,
  session_file,
  tmux: { socket: '/nonexistent', pane: '%0' },
})
const program = await bundle(t, new URL('mcp/peer.ts', import.meta.url))
const frontend = await startPeer(t, program, shell, 'frontend')
await frontend.call('whoami')
const call = frontend.begin('ask_peer', { peer: 'backend', question: 'Which port?', timeout_seconds: 1 })
const { id } = await until(() => listAsks(tree, 'frontend@laptop')[0])
await call.end

for (const [waitingFor, why] of [
  ['permission prompt', "backend's permission dialog is open"],
  ['input needed', 'backend asks its user something'],
  ['dialog open', "backend's client has a dialog open"],
] as const) {
  t.test(`that ${why} is said by every command and tool that shows what waits`, async (t) => {
    writeFileSync(session_file, JSON.stringify({ kind: 'interactive', status: 'waiting', waitingFor }))
    for (const words of [['inbox', 'backend'], ['peers'], ['status'], ['trace', id]])
      t.match(await repowire(words), { code: 0, stdout: why }, words.join(' '))
    t.match(JSON.parse((await repowire(['inbox', 'backend', '--json'])).stdout), { held: why })
    for (const tool of ['list_peers', 'inbox']) t.match(await frontend.call(tool), why, tool)
  })
}

t.test('the journal keeps what a question waited for, and trace tells it by name', async (t) => {
  record(tree, 'held', backend.address, id, { why: 'its pane is dead' })
  t.match(
    (await repowire(['trace', id])).stdout,
    "it waits for backend@laptop, because backend's pane is dead",
  )
})

t.test("an agent's own inbox says why what waits there does not come", async (t) => {
  const { tree, dir, repowire } = makeShell(t)
  const session_file = join(dir, 'session.json')
  writeFileSync(session_file, '{"kind":"interactive","status":"waiting","waitingFor":"permission prompt"}')
  const directory = join(dir, 'src', 'backend')
  const tmux = { socket: '/nonexistent', pane: '%0' }
  register(tree, { agent: 'claude-code', directory, process: here, session_file, tmux })
  lay(tree, 'new', { kind: 'notice' })
  t.match((await repowire(['inbox'])).stdout, "It waits because backend's permission dialog is open.")
})
