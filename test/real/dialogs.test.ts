// What the client itself puts in the way: its dialogs, an editor, a menu, and what its user has begun to write.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t, { type Test } from 'tap'
import { eventually } from './eventually.ts'
import { heldUntil } from './held.ts'
import type { Turn } from './model.ts'
import { openOffice } from './office.ts'

const office = await openOffice({ doors: ['tmux'] })
t.teardown(office.close)
const planner = await office.hire('planner', { args: ['--permission-mode', 'plan'] })

t.beforeEach(() => {
  office.answer = () => [{ text: 'An answer.' }]
  office.other = () => undefined
})

const held = (t: Test, why: RegExp, clear: () => Promise<unknown>) =>
  heldUntil(t, office, { session: planner, peer: 'planner', why, clear })

const QUESTION = {
  question: 'Which colour?',
  header: 'Colour',
  multiSelect: false,
  options: [
    { label: 'Red', description: 'warm' },
    { label: 'Blue', description: 'cold' },
  ],
}

/** The agent calls this tool at its user's prompt, and says what came of it. */
function callsAt(prompt: string, tool: string, input: object): void {
  office.other = (turn) => {
    if (turn.prompt === prompt) return [{ tool, input }]
    return turn.prompt.includes('[repowire:') || turn.toolResults.length === 0
      ? undefined
      : [{ text: `The tool said: ${turn.toolResults[0]?.text}` }]
  }
}

/** Where the client tells its model to write the plan. */
function planFile({ request }: Turn): string {
  const file = JSON.stringify(request.messages).match(/\/[\w./-]+\/plans\/[\w-]+\.md/)?.[0]
  if (file === undefined) throw new Error('the model was told of no file for its plan')
  mkdirSync(dirname(file), { recursive: true })
  return file
}

const toldBy = () => office.model.requests.flatMap(({ toolResults }) => toolResults.map(({ text }) => text))

t.test("a question to the agent's user is not answered by a peer's question", async (t) => {
  callsAt('ask me', 'AskUserQuestion', { questions: [QUESTION] })
  await planner.submit('ask me')
  await planner.waitScreen(/Which colour\?/)
  await planner.waitStatus('waiting')
  await held(t, /asks its user something/, async () => {
    await planner.press('Down', 'Enter')
    await eventually('the answer of the user', () => toldBy().some((text) => text.includes('Blue')))
  })
  t.notOk(toldBy().some((text) => text.includes('Are you free?')))
})

t.test('a plan is not approved by a question, which waits until the user has decided', async (t) => {
  await planner.waitStatus('idle')
  office.other = (turn) => {
    if (turn.prompt !== 'make a plan') return undefined
    writeFileSync(planFile(turn), '# The plan\n\nTouch nothing.\n')
    return [{ tool: 'ExitPlanMode', input: {} }]
  }
  await planner.submit('make a plan')
  await planner.waitScreen(/Touch nothing\./)
  await planner.waitStatus('waiting')
  await held(t, /permission dialog is open/, () => planner.press('Escape'))
  t.match(await planner.screen(), /plan mode on/, 'the plan was not approved')
})

t.test('in the model dialog nothing is chosen, and the question waits until it is closed', async (t) => {
  await planner.waitStatus('idle')
  await planner.submit('/model')
  await planner.waitStatus('waiting')
  await planner.waitScreen(/Select model/)
  await held(t, /client has a dialog open/, () => planner.press('Escape'))
  t.notMatch(await planner.screen(), /Set model to/)
})

t.test('while its user writes in an external editor the question waits', async (t) => {
  await planner.waitStatus('idle')
  await planner.press('C-g')
  await planner.waitScreen(/^~\s*$/m)
  await held(t, /input box is not in view/, async () => {
    await planner.type(':q!')
    await planner.press('Enter')
  })
})

t.test('the menu of commands holds a draft, a slash, and the question waits', async (t) => {
  await planner.waitStatus('idle')
  await planner.type('/')
  await planner.waitScreen(/\/\w+ {3,}\S/)
  await held(t, /input box holds a text/, () => planner.press('BSpace'))
})

for (const [what, draft, shown] of [
  ['of several lines', 'one\ntwo\nthree', /❯.one\s+two\s+three/],
  ['in other scripts', 'Grüße 日本語 👩‍👧 ещё', /❯.Grüße 日本語/],
  ['that was pasted and is folded', 'line\n'.repeat(30), /\[Pasted text #\d+ \+\d+ lines\]/],
] as const) {
  t.test(`a draft ${what} stays as it is, and the question waits`, async (t) => {
    await planner.waitStatus('idle')
    await office.tmux.paste(planner.pane, draft)
    await planner.waitScreen(shown)
    await held(t, /input box holds a text/, async () => {
      await planner.press('C-s') // the client's own stash: it comes back after the next prompt
      await planner.waitScreen(/stashed/i)
    })
    await planner.waitScreen(shown)
    await planner.press('C-u')
    for (let row = 0; row < 3; row++) await planner.press('BSpace', 'C-u')
  })
}
