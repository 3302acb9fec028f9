// The real client under other names: of its agent, of its tmux session, of its directory.
import { rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { openOffice } from './office.ts'

const office = await openOffice()
t.teardown(office.close)
const backend = await office.hire('backend')

/** How often the model was shown a prompt with these words. */
async function timesAsked(words: string): Promise<number> {
  return (await office.prompts(backend)).filter((prompt) => prompt.includes(words)).length
}

t.test('an agent that is renamed while a question is typed into it answers it, once', async (t) => {
  office.answer = () => [{ text: 'Under two names.' }]
  const asked = office.repowire('ask', 'backend', 'Who are you?')
  await office.waitJournal('the typing', ({ event }) => event === 'typing')
  t.equal((await office.repowire('rename', 'backend', 'api')).code, 0)
  t.equal((await asked).stdout, 'Under two names.\n')
  t.equal(await timesAsked('Who are you?'), 1)
  t.match(await office.waitMail('api', /^done\/.*query/), /query/)
})

t.test('an agent is asked whatever its tmux session and its window are called', async (t) => {
  await backend.waitStatus('idle')
  office.answer = () => [{ text: 'Here.' }]
  await office.tmux.run(['rename-session', '-t', backend.pane, 'my work: é'])
  await office.tmux.run(['rename-window', '-t', backend.pane, 'elsewhere'])
  for (const name of ['backend', 'api'])
    t.equal((await office.repowire('ask', name, `Where, ${name}?`)).stdout, 'Here.\n', name)
})

t.test('the next session of the directory, which was moved, has the name and the mail', async (t) => {
  backend.kill()
  await backend.waitGone()
  t.equal((await office.repowire('notify', 'backend', 'main is frozen')).code, 0)
  const from = await office.project('backend')
  const cwd = join(dirname(from), 'moved')
  await rename(from, cwd)
  const heir = await office.hire('api', { cwd })
  await office.waitMail('api', /^done\/.*notice/)
  t.match(await heir.waitScreen(/main is frozen/), /notice from/)
})
