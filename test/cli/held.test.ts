// What waits for its user, at the shell: a person sees and decides it, an agent does neither. mailbox-spec §11.2

import t from 'tap'
import { noteMode } from '../../src/spool/modes.ts'
import { takeInbox } from '../../src/verbs/inbox.ts'
import { notify } from '../../src/verbs/notify.ts'
import { ended, enrol, here, mailOf, start, until } from '../world.ts'
import { makeShell, PROGRAM, TO } from './shell.ts'

t.test('a person lists, approves and refuses; what was said before is said again', async (t) => {
  const shell = makeShell(t)
  const { tree, repowire } = shell
  t.match(await repowire(['held']), { code: 0, stdout: 'Nothing is held.\n' })
  const peer = enrol(t, shell, 'backend')
  const { address } = enrol(t, shell, 'frontend')
  noteMode(tree, peer.process, 'bypassPermissions', () => false)
  const [first, second] = ['one', 'two'].map((text) => notify(tree, address, 'backend', text).id) as [
    string,
    string,
  ]
  takeInbox(tree, peer, true)
  t.match(
    (await repowire(['held'])).stdout,
    new RegExp(`${first} +notice +from frontend@laptop +to backend@laptop +an unknown mode: one`),
  )
  t.match(JSON.parse((await repowire(['held', '--json'])).stdout), [
    { id: first, kind: 'notice', from: 'frontend@laptop', to: TO, why: 'weaker', body: 'one' },
    { id: second },
  ])
  t.match((await repowire(['inbox', 'backend'])).stdout, /held .*one/)
  t.match(await repowire(['approve', first]), { code: 0, stdout: `${first} goes to ${TO}.\n`, stderr: '' })
  t.match(await repowire(['approve', first]), { code: 0, stdout: /\(said before\)/ })
  t.match(await repowire(['refuse', second, 'no']), { code: 0, stdout: /is refused/, stderr: '' })
  t.match(await repowire(['refuse', second]), { code: 0, stdout: /\(said before\)/ })
  t.match(await repowire(['approve', second]), { code: 1, stderr: /\[no-such-message\]/ })
  t.strictSame(mailOf(tree, TO), [`dead/${second}.notice.json`, `new/${first}.notice.json`])
  t.match((await repowire(['trace', first])).stdout, 'its user let it through to backend@laptop')
})

t.test('an agent reads nothing of it and decides nothing, whatever command it runs', async (t) => {
  const shell = makeShell(t)
  const { tree, repowire } = shell
  const peer = enrol(t, shell, 'backend')
  const { address } = enrol(t, shell, 'frontend', { process: here })
  noteMode(tree, peer.process, 'bypassPermissions', () => false)
  const { id } = notify(tree, address, 'backend', 'SECRET')
  takeInbox(tree, peer, true)
  for (const words of [
    ['held'],
    ['approve', id],
    ['refuse', id],
    ['config', 'hold_weaker', 'false'],
    ['config', 'deny', '--unset'],
  ])
    t.match(await repowire(words), { code: 1, stdout: '', stderr: /\[agent-may-not\]/ }, words.join(' '))
  for (const words of [
    ['inbox', 'backend'],
    ['inbox', 'backend', '--json'],
    ['show', id],
    ['trace', id],
    ['trace', id, '--json'],
    ['log'],
    ['log', '--json'],
  ])
    t.notMatch((await repowire(words)).stdout, 'SECRET', words.join(' '))
  t.strictSame(mailOf(tree, TO), [`held/${id}.notice.json`])
})

t.test('who waits for an answer at a shell is told that it is held', async (t) => {
  const shell = makeShell(t)
  const { tree } = shell
  const peer = enrol(t, shell, 'backend')
  noteMode(tree, peer.process, 'bypassPermissions', () => false)
  enrol(t, shell, 'frontend', { process: here })
  const child = start(t, [...PROGRAM, 'ask', 'backend', 'x', '--timeout', '60'], { env: shell.env })
  const end = ended(child)
  await until(() => mailOf(tree, TO).some((file) => file.startsWith('held/')))
  let said = ''
  child.stderr?.on('data', (part) => (said += part))
  await until(() => said.includes('[held]'))
  child.kill('SIGINT')
  t.match((await end).stderr, /because its user has not let it through yet .*It stays asked\. \[held\]/)
})
