// What must never be typed into, and how a question ends that nobody answers.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually } from './eventually.ts'
import { heldUntil } from './held.ts'
import { openOffice } from './office.ts'

const office = await openOffice({ doors: ['tmux'] })
t.teardown(office.close)
t.setTimeout(200_000)
const backend = await office.hire('backend', { args: ['--permission-mode', 'default'] })

t.beforeEach(() => {
  office.answer = () => [{ text: 'An answer.' }]
  office.other = () => undefined
})

const held = (t: Test, why: RegExp, clear: () => Promise<unknown>) =>
  heldUntil(t, office, { session: backend, peer: 'backend', why, clear })

t.test('a permission dialog is not answered: the question waits until the human has', async (t) => {
  office.other = (turn) => {
    if (turn.prompt.includes('[repowire:')) return undefined
    if (turn.prompt === 'write a file')
      return [{ tool: 'Bash', input: { command: 'touch made-by-dialog', description: 'touch' } }]
    return turn.toolResults.length > 0 ? [{ text: 'done with it' }] : undefined
  }
  await backend.submit('write a file')
  await backend.waitStatus('waiting')
  await backend.waitScreen(/Do you want/)
  await held(t, /permission dialog is open/, async () => {
    t.match(await backend.screen(), /touch made-by-dialog/)
    await backend.press('Escape')
  })
})

t.test('a draft in the box stays as it is, and the question waits', async (t) => {
  await backend.waitStatus('idle')
  await backend.type('my half typed draft')
  await backend.waitScreen(/my half typed draft/)
  await held(t, /input box holds a text/, async () => {
    t.match(await backend.screen(), /❯.my half typed draft\s*\n/)
    await backend.press('C-u')
  })
})

t.test('the transcript view swallows keys, so the question waits', async (t) => {
  await backend.waitStatus('idle')
  await backend.press('C-o')
  await backend.waitScreen(/transcript/)
  await held(t, /input box is not in view/, () => backend.press('C-o'))
})

t.test('shell mode would run the question as a command, so it waits', async (t) => {
  await backend.waitStatus('idle')
  await backend.type('!')
  await backend.waitScreen(/^!\s/m)
  await held(t, /input box is not in view/, () => backend.press('BSpace'))
})

t.test('history search is no input box, so the question waits', async (t) => {
  await backend.waitStatus('idle')
  await backend.press('C-r')
  await backend.waitScreen(/search/i)
  await held(t, /input box/, () => backend.press('Escape'))
})

t.test('Esc before any output ends the question as interrupted within seconds', async (t) => {
  office.answer = () => new Promise(() => {})
  const asked = office.repowire('ask', 'backend', 'never answered')
  await office.waitMail('backend', /^open\/.*query/)
  await backend.waitStatus('busy')
  await backend.press('Escape')
  const { code, stderr } = await asked
  t.equal(code, 4)
  t.match(stderr, /no answer \(interrupted\): backend@\S+ was interrupted before it answered/)
  await office.waitMail('backend', /^dead\/.*query/)
})

t.test(
  'what Esc put back into the box is not sent again: it is taken out for the next question',
  async (t) => {
    await backend.waitScreen(/❯.\[repowire:/)
    t.equal((await office.repowire('ask', 'backend', 'And now?')).stdout, 'An answer.\n')
    t.ok((await office.journal()).some(({ event }) => event === 'cleared'))
    t.notMatch(await backend.screen(), /❯.\[repowire:[^\n]*\n─/)
  },
)

t.test('Esc after some output ends the question as interrupted', async (t) => {
  office.answer = () => [{ text: 'A first line.\n', until: new Promise(() => {}) }]
  const asked = office.repowire('ask', 'backend', 'half answered')
  await backend.waitScreen(/A first line\./)
  await backend.press('Escape')
  t.match((await asked).stderr, /interrupted/)
})

t.test('a prompt that another hook refuses ends as interrupted, and the next one is answered', async (t) => {
  const project = await office.project('guarded')
  const refuses = { type: 'command', command: "grep -q forbidden && echo 'not here' >&2 && exit 2 || true" }
  await mkdir(join(project, '.claude'))
  const settings = { hooks: { UserPromptSubmit: [{ hooks: [refuses] }] } }
  await writeFile(join(project, '.claude', 'settings.json'), JSON.stringify(settings))
  const guarded = await office.hire('guarded')
  const { code, stderr } = await office.repowire('ask', 'guarded', 'something forbidden')
  t.equal(code, 4)
  t.match(stderr, /no answer \(interrupted\)/)
  t.match(await guarded.screen(), /not here/)
  t.equal((await office.repowire('ask', 'guarded', 'And this?')).stdout, 'An answer.\n')
  t.notOk(office.model.requests.some(({ lastUserText }) => lastUserText.includes('forbidden')))
})

t.test('an API error ends the question as failed, with its text', async (t) => {
  office.answer = () => ({ status: 400, message: 'scripted refusal' })
  const { code, stderr } = await office.repowire('ask', 'backend', 'what fails?')
  t.equal(code, 4)
  t.match(stderr, /no answer \(failed\)[\s\S]*scripted refusal/)
})

t.test('/clear in the middle ends the question, and the cleared session answers the next one', async (t) => {
  office.answer = (question) =>
    question.includes('before') ? new Promise(() => {}) : [{ text: 'An answer.' }]
  const asked = office.repowire('ask', 'backend', 'before the clearing')
  await office.waitMail('backend', /^open\/.*query/)
  await backend.press('Escape')
  t.match((await asked).stderr, /interrupted/)
  await backend.press('C-u')
  for (let row = 0; row < 6; row++) await backend.press('BSpace', 'C-u')
  const first = (await backend.status())?.sessionId
  await backend.submit('/clear')
  await office.waitJournal('idle after /clear', () => true)
  t.equal((await office.repowire('ask', 'backend', 'afterwards')).stdout, 'An answer.\n')
  t.not((await backend.status())?.sessionId, first)
})

t.test(
  'kill -9 of the answering client ends the question as gone, and the next one fails at once',
  async (t) => {
    office.answer = () => new Promise(() => {})
    const victim = await office.hire('victim')
    const asked = office.repowire('ask', 'victim', 'never answered')
    await office.waitMail('victim', /^open\/.*query/)
    const waiting = office.repowire('ask', 'victim', 'never given')
    await office.waitMail('victim', /^new\/.*query/)
    victim.kill('SIGKILL')
    t.match((await asked).stderr, /no answer \(gone\)/)
    t.match((await waiting).stderr, /no answer \(gone\)/)
    const { code, stderr } = await office.repowire('ask', 'victim', 'anybody?')
    t.equal(code, 1)
    t.match(stderr, /victim@\S+ is offline[\s\S]*\[peer-offline\]/)
  },
)

t.test('a notice left for a dead session is told to the next one of its directory', async (t) => {
  t.equal((await office.repowire('notify', 'victim', 'While you were away.')).code, 0)
  const heir = await office.hire('victim')
  await heir.waitScreen(/While you were away\./)
  await office.waitMail('victim', /^done\/.*notice/)
  heir.kill()
})

t.test('a nested headless run in the same pane does not take the name or the pane over', async (t) => {
  office.other = (turn) => {
    if (turn.prompt === 'run another')
      return [
        {
          tool: 'Bash',
          input: { command: 'claude -p "nested prompt" </dev/null', description: 'nested', timeout: 30000 },
        },
      ]
    return undefined
  }
  const nester = await office.hire('nester', { args: ['--dangerously-skip-permissions'] })
  await nester.submit('run another')
  await eventually(
    'the nested run asks its model',
    () => office.model.requests.some(({ lastUserText }) => lastUserText.includes('nested prompt')),
    { lastSeen: () => nester.screen() },
  )
  await nester.waitStatus('idle', 30_000)
  t.equal((await office.repowire('ask', 'nester', 'still you?')).stdout, 'An answer.\n')
  t.match(await nester.screen(), /still you\?/)
})
