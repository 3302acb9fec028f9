// What could be known earlier than at a time-out is known: the asker waits ten minutes, and a courier that runs ends its question.

import t from 'tap'
import { livingCourier } from '../../src/courier/courier-file.ts'
import { claim } from '../../src/spool/moves.ts'
import { openByTool } from '../../src/verbs/inbox.ts'
import { leave } from '../../src/verbs/leave.ts'
import { enrol, mailOf, startProcess, until } from '../world.ts'
import { askAndEnd, makeShell, type Shell, TO } from './shell.ts'

const GONE = { code: 4, stdout: '', stderr: /no answer \(gone\): backend@laptop ended before it answered/ }

const courierOf = ({ tree }: Shell) => until(() => livingCourier(tree)?.process.pid)

for (const state of ['new', 'cur', 'open'] as const) {
  t.test(`a peer that is killed while the question lies in ${state}/ ends it as gone`, async (t) => {
    const shell = makeShell(t)
    const { tree } = shell
    const target = startProcess(t)
    enrol(t, shell, 'backend', { process: target.mark })
    const done = await askAndEnd(shell, ['backend', 'x'], async (id) => {
      await courierOf(shell)
      const mail = { id, kind: 'query' as const, file: `${id}.query.json` }
      if (state === 'cur') t.ok(claim(tree, TO, mail.file))
      if (state === 'open') t.ok(openByTool(tree, TO, mail))
      await target.end()
    })
    t.match(done, GONE)
    t.strictSame(mailOf(tree, TO), [`dead/${done.id}.query.json`])
  })
}

t.test('a peer that has said that it leaves and is asked before its process ends is gone', async (t) => {
  const shell = makeShell(t)
  const target = startProcess(t)
  const card = enrol(t, shell, 'backend', { process: target.mark })
  leave(shell.tree, card, 'exit')
  const done = await askAndEnd(shell, ['backend', 'x'], async () => {
    await courierOf(shell)
    await target.end()
  })
  t.match(done, GONE)
})

t.test(
  'a courier that is killed just before the peer is replaced by who waits, and the question is gone',
  async (t) => {
    const shell = makeShell(t)
    const target = startProcess(t)
    enrol(t, shell, 'backend', { process: target.mark })
    const done = await askAndEnd(shell, ['backend', 'x'], async () => {
      process.kill(await courierOf(shell), 'SIGKILL')
      await target.end()
    })
    t.match(done, GONE)
  },
)

const AT_ONCE: [what: string, code: string, more: Parameters<typeof enrol>[3]][] = [
  ['a session without a pane whose server is over', 'peer-unreachable', { agent: 'claude-code' }],
  ['a peer that is over', 'peer-offline', {}],
]

for (const [what, code, more] of AT_ONCE) {
  t.test(`${what} cannot be asked`, async (t) => {
    const shell = makeShell(t)
    const target = startProcess(t)
    enrol(t, shell, 'backend', { process: target.mark, ...more })
    if (code === 'peer-offline') await target.end()
    t.match(await shell.repowire(['ask', 'backend', 'x']), {
      code: 1,
      stderr: new RegExp(`\\[${code}\\]\n$`),
    })
    t.strictSame(mailOf(shell.tree, TO), [])
  })
}
