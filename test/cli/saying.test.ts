// What a person's options and settings do: urgent, quiet, waking, and a config.json that is wrong.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { standardConfig } from '../../src/protocol/config.ts'
import { endQuery } from '../../src/verbs/end-query.ts'
import { reply } from '../../src/verbs/reply.ts'
import { enrol, mailOf, read } from '../world.ts'
import { askAndEnd, makeShell, TO } from './shell.ts'

t.test('ask --urgent asks an urgent question', async (t) => {
  const shell = makeShell(t)
  enrol(t, shell, 'backend')
  const { id } = await askAndEnd(shell, ['backend', 'x', '--urgent'], (id) => reply(shell.tree, TO, id, 'y'))
  t.equal(read(shell.tree, TO, 'done', `${id}.query.json`).urgent, true)
})

t.test('ask says on stderr that an answer is provisional', async (t) => {
  const shell = makeShell(t)
  const { address } = enrol(t, shell, 'backend')
  const end = (id: string) => {
    const mail = { id, kind: 'query' as const, file: `${id}.query.json` }
    const answer = { outcome: 'answered' as const, body: '8080', by: 'courier', provisional: true }
    endQuery(shell.tree, address, mail, 'new', answer)
  }
  t.match(await askAndEnd(shell, ['backend', 'x'], end), {
    code: 0,
    stdout: '8080\n',
    stderr: /the answer so far: a task of backend@laptop still runs.*repowire inbox/,
  })
})

const WAKES: [command: string, wake: false | undefined][] = [
  ['notify backend x', undefined],
  ['notify backend x --quiet', false],
  ['broadcast x', false],
  ['broadcast x --wake', undefined],
]

for (const [command, wake] of WAKES) {
  t.test(`repowire ${command} ${wake === false ? 'wakes nobody' : 'wakes'}`, async (t) => {
    const shell = makeShell(t)
    enrol(t, shell, 'backend')
    t.match(await shell.repowire(command.split(' ')), { code: 0 })
    const [file = ''] = mailOf(shell.tree, TO)
    t.equal(read(shell.tree, TO, 'new', file.slice('new/'.length)).wake, wake)
  })
}

t.test('what is wrong in config.json is told by status and by who sends, and stops nothing', async (t) => {
  const shell = makeShell(t)
  enrol(t, shell, 'backend')
  t.notMatch((await shell.repowire(['status'])).stdout, /bad-config/)
  writeFileSync(join(shell.tree.root, 'config.json'), '{"chain_dept":3}')
  const wrong = /no key "chain_dept"; did you mean "chain_depth"\?.*\[bad-config\]/
  t.match((await shell.repowire(['status'])).stdout, wrong)
  const { config } = JSON.parse((await shell.repowire(['status', '--json'])).stdout)
  t.match(config, { settings: standardConfig(), wrong: [wrong] })
  t.match(await shell.repowire(['notify', 'backend', 'x']), { code: 0, stderr: wrong })
})
