// The two doors into a session: its terminal, and the client's own inbox.
import t from 'tap'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { markOf } from '../../src/spool/process.ts'
import { openTree } from '../../src/spool/tree.ts'
import { notify } from '../../src/verbs/notify.ts'
import { registerPerson } from '../../src/verbs/register-person.ts'
import { eventually } from './eventually.ts'
import { gate } from './model.ts'
import { idIn, longLook, openOffice } from './office.ts'

const office = await openOffice()
t.teardown(office.close)
t.setTimeout(200_000)
const backend = await office.hire('backend', { args: ['--permission-mode', 'default'] })

t.beforeEach(() => {
  office.answer = () => [{ text: 'An answer.' }]
  office.other = () => undefined
})

/** The door by which the last message was handed over. */
async function lastDoor(): Promise<unknown> {
  return (await office.journal()).findLast(({ event }) => event === 'typing')?.door
}

t.test('a session at rest is asked through its pane', async (t) => {
  t.equal((await office.repowire('ask', 'backend', 'Are you free?')).stdout, 'An answer.\n')
  t.equal(await lastDoor(), 'tmux')
})

t.test('over a draft the question goes through the inbox, is answered, and the draft stays', async (t) => {
  await backend.waitStatus('idle')
  await backend.type('my half typed draft')
  await backend.waitScreen(/my half typed draft/)
  t.equal((await office.repowire('ask', 'backend', 'Around my draft?')).stdout, 'An answer.\n')
  t.equal(await lastDoor(), 'socket')
  t.match(await backend.screen(), /❯.my half typed draft\s*\n/)
  await backend.press('C-u')
})

for (const [what, open, shown, close] of [
  ['the transcript view is open', ['C-o'], /transcript/, ['C-o']],
  ['a history search is open', ['C-r'], /search/i, ['Escape']],
  ['an external editor has the screen', ['C-g'], /~/, [':', 'q', '!', 'Enter']],
] as const) {
  t.test(`while ${what} the question is answered, and once`, async (t) => {
    await backend.waitStatus('idle')
    await backend.press(...open)
    await backend.waitScreen(shown)
    const asked = office.repowire('ask', 'backend', 'Under it?')
    await office.waitMail('backend', /^(cur|open|done)\/.*query/)
    await office.waitJournal(
      'it went through the inbox',
      ({ event, door }) => event === 'typing' && door === 'socket',
    )
    await backend.press(...close)
    t.equal((await asked).stdout, 'An answer.\n')
    const id = (await office.journal()).findLast(({ event }) => event === 'asked')?.id
    const prompts = (await office.prompts(backend)).filter((prompt) => prompt.includes(`${id} question`))
    t.equal(new Set(prompts).size, 1)
    t.equal((await office.journal()).filter((line) => line.event === 'given' && line.id === id).length, 1)
  })
}

t.test('an urgent question reaches a busy session at its next tool round', async (t) => {
  await backend.waitStatus('idle')
  const look = await longLook(office, 'backend')
  office.other = (turn) => {
    if (turn.prompt === 'work')
      return [{ tool: 'Bash', input: { command: `cat ${look.name}`, description: 'look' } }]
    if (turn.toolResults.some((result) => result.text.startsWith('Sent to')))
      return [{ text: 'And back to my work.' }]
    const text = JSON.stringify(turn.request.messages.slice(-2))
    if (turn.toolResults.length === 0 || !text.includes('[repowire:')) return undefined
    return [{ tool: 'mcp__repowire__reply_peer', input: { id: idIn(text), answer: 'at once' } }]
  }
  await backend.submit('work')
  await backend.waitStatus('busy')
  const asked = office.repowire('ask', 'backend', 'Now?', '--urgent')
  await office.waitQueued(backend, 'Now?')
  await look.end()
  t.equal((await asked).stdout, 'at once\n')
  t.equal(await lastDoor(), 'socket')
  await backend.waitScreen(/And back to my work\./)
})

t.test('a session without a pane is asked through its inbox', async (t) => {
  const loose = await office.hire('loose', { loose: true })
  t.equal((await office.repowire('ask', 'loose', 'Are you in a window?')).stdout, 'An answer.\n')
  t.equal(await lastDoor(), 'socket')
  loose.kill()
})

t.test(
  'a session that may bypass permissions gets nothing through its inbox, unless its user accepts',
  async (t) => {
    const bold = await office.hire('bold', { args: ['--dangerously-skip-permissions'] })
    await bold.type('a draft')
    await bold.waitScreen(/❯.a draft/)
    const asked = office.repowire('ask', 'bold', 'May I?')
    await office.waitJournal(
      'held',
      (line) =>
        line.peer.startsWith('bold@') && line.event === 'held' && /holds a text/.test(String(line.why)),
    )
    t.equal((await bold.status())?.status, 'idle', 'its user is not asked')
    await office.home.settings({ crossSessionInbound: 'accept' })
    t.equal((await asked).stdout, 'An answer.\n')
    t.equal(await lastDoor(), 'socket')
    bold.kill()
  },
)

t.test('what Esc put back into the box is no draft: it is taken out for the next question', async (t) => {
  office.answer = () => new Promise(() => {})
  await backend.waitStatus('idle')
  const asked = office.repowire('ask', 'backend', 'never answered')
  await office.waitMail('backend', /^open\/.*query/)
  await backend.waitStatus('busy')
  await backend.press('Escape')
  t.equal((await asked).code, 4)
  await backend.waitScreen(/❯.\[repowire:/)
  await office.home.settings({ crossSessionInbound: 'refuse' })
  office.answer = () => [{ text: 'An answer.' }]
  t.equal((await office.repowire('ask', 'backend', 'And now?')).stdout, 'An answer.\n')
  t.ok((await office.journal()).some(({ event }) => event === 'cleared'))
  t.equal(await lastDoor(), 'tmux')
})

t.test('two hundred notices to a session are handed over in order, and none twice', async (t) => {
  const held = gate()
  office.other = (turn) =>
    turn.prompt === 'keep busy' ? held.opened.then(() => [{ text: 'done' }]) : undefined
  await backend.waitStatus('idle')
  await backend.submit('keep busy')
  await backend.waitStatus('busy')
  const texts = Array.from({ length: 200 }, (_, n) => `notice ${String(n).padStart(3, '0')}.`)
  const tree = openTree(office.home.env(office.model.url))
  const me = registerPerson(tree, 'root', markOf(process.pid) as ProcessMark, '/').address
  for (const text of texts) notify(tree, me, 'backend', text)
  held.open()
  const told = async () =>
    (await office.prompts(backend)).flatMap((prompt) => prompt.match(/notice \d{3}\./g) ?? [])
  await eventually('the last of them', async () => (await told()).includes('notice 199.'), { within: 40_000 })
  t.strictSame(await told(), texts)
  await office.waitMail('backend', /^done\/.*notice/)
  t.notOk((await office.mail('backend')).some((file) => /^(new|cur)\//.test(file)))
})
