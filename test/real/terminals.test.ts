// What the terminal puts in the way: its modes, its other programs, its size, and the hands of the user.
import t, { type Test } from 'tap'
import { eventually } from './eventually.ts'
import { heldUntil } from './held.ts'
import { longLook, openOffice } from './office.ts'
import type { ClaudeSession } from './session.ts'
import { openTerminal } from './terminal.ts'

const office = await openOffice({ doors: ['tmux'] })
t.teardown(office.close)
t.setTimeout(200_000)
const { tmux } = office
const backend = await office.hire('backend')

const held = (t: Test, why: RegExp, clear: () => Promise<unknown>, session = backend, peer = 'backend') =>
  heldUntil(t, office, { session, peer, why, clear })

const runs = (pane: string, command: string) =>
  eventually(command, async () => (await tmux.show(pane, '#{pane_current_command}')) === command)

async function runInShell({ type, press }: ClaudeSession, command: string): Promise<void> {
  await type(command)
  await press('Enter')
}

t.test('copy mode eats keys, so the question waits', async (t) => {
  await tmux.run(['copy-mode', '-t', backend.pane])
  await held(t, /copy mode/, () => tmux.run(['send-keys', '-t', backend.pane, '-X', 'cancel']))
})

t.test('a synchronized pane would press Enter in its neighbours, so the question waits', async (t) => {
  const synchronize = (flag: string) => tmux.run(['set', '-w', '-t', backend.pane, 'synchronize-panes', flag])
  await synchronize('on')
  await held(t, /pane is synchronized/, () => synchronize('off'))
})

t.test('a pane that takes no keys would drop them, so the question waits', async (t) => {
  await tmux.run(['select-pane', '-d', '-t', backend.pane])
  await held(t, /pane takes no keys/, () => tmux.run(['select-pane', '-e', '-t', backend.pane]))
})

t.test('while a person types in the pane the question waits, also where the box is empty', async (t) => {
  await backend.waitStatus('idle')
  const terminal = await openTerminal(tmux, backend.pane)
  t.teardown(terminal.close)
  const typing = setInterval(() => void terminal.press('C-e'), 300) // to the end of the line: moves nothing here
  t.teardown(() => clearInterval(typing))
  await held(t, /user is typing in its pane/, async () => clearInterval(typing))
})

t.test('after Ctrl+Z a shell reads the keys, so the question waits', async (t) => {
  const stopped = await office.hire('stopped', { fromShell: true })
  await stopped.press('C-z')
  await stopped.waitScreen(/\+\s+Stopped/)
  await held(t, /read by another program \(bash\)/, () => runInShell(stopped, 'fg'), stopped, 'stopped')
  t.notMatch(await stopped.screen(), /command not found/)

  await stopped.waitStatus('idle')
  await stopped.press('C-z')
  await stopped.waitScreen(/\+\s+Stopped/)
  await runInShell(stopped, 'cat')
  await runs(stopped.pane, 'cat')
  const back = async () => {
    t.notMatch(await stopped.screen(), /\bcat\n[\s\S]*repowire:/, 'the other program was not typed into')
    await stopped.press('C-c')
    await runs(stopped.pane, 'bash')
    await runInShell(stopped, 'fg')
  }
  await held(t, /read by another program \(cat\)/, back, stopped, 'stopped')
  stopped.kill()
})

t.test(
  'what waits for a client that died is typed into neither its dead pane nor the next program',
  async (t) => {
    const victim = await office.hire('victim')
    victim.kill('SIGKILL')
    await eventually('the dead pane', async () => (await tmux.show(victim.pane, '#{pane_dead}')) === '1')
    t.match(await office.repowire('ask', 'victim', 'anybody?'), { code: 1, stderr: /\[peer-offline\]/ })
    t.equal((await office.repowire('notify', 'victim', 'While you were away.')).code, 0)
    t.match((await office.repowire('inbox', 'victim')).stdout, "It waits because victim's process has ended.")
    await tmux.run(['respawn-pane', '-t', victim.pane, '--', 'env', 'cat'])
    await runs(victim.pane, 'cat')
    const heir = await office.hire('victim')
    await heir.waitScreen(/While you were away\./)
    t.equal((await tmux.capture(victim.pane)).trim(), '')
    heir.kill()
  },
)

t.test('a pane that is too small to show what is typed gets it when it is larger', async (t) => {
  const small = await office.hire('small', { width: 40, height: 10 })
  const enlarge = () => tmux.run(['resize-window', '-t', small.pane, '-x', '60', '-y', '24'])
  await held(t, /pane is too small \(40x10\)/, enlarge, small, 'small')

  // The header has two rows here, and Ctrl+U takes out one.
  office.answer = () => new Promise(() => {})
  const stopped = office.repowire('ask', 'small', 'never answered')
  await office.waitMail('small', /^open\/.*query/)
  await small.waitStatus('busy')
  await small.press('Escape')
  t.match((await stopped).stderr, /interrupted/)
  await small.waitScreen(/❯.\[repowire:[^\n]*\n[^\n]*Pasted text/)
  office.answer = () => [{ text: 'An answer.' }]
  t.equal((await office.repowire('ask', 'small', 'And now?')).stdout, 'An answer.\n')
  small.kill()
})

t.test('a pane of twelve rows is large enough', async (t) => {
  const low = await office.hire('low', { width: 80, height: 12 })
  t.equal((await office.repowire('ask', 'low', 'Do I fit?')).stdout, 'An answer.\n')
  low.kill()
})

t.test('a pane that has lost the focus draws no cursor in its box, and is asked all the same', async (t) => {
  await tmux.run(['set', '-s', 'focus-events', 'on'])
  const look = await longLook(office, 'aside')
  office.other = (turn) =>
    turn.prompt === 'serve'
      ? [
          {
            tool: 'Bash',
            input: { command: `cat ${look.name}`, description: 'serve', run_in_background: true },
          },
        ]
      : undefined
  const aside = await office.hire('aside')
  const cursor = async () => /❯\u00a0\x1b\[7m/.test(await aside.screen({ escapes: true }))
  await eventually('no cursor', async () => !(await cursor()))
  t.equal((await office.repowire('ask', 'aside', 'Unseen?')).stdout, 'An answer.\n')
  await aside.submit('serve')
  await aside.waitStatus('shell')
  await aside.waitScreen(/· 1 shell · /)
  await aside.press('Down')
  await aside.waitScreen(/enter to view tasks/)
  await held(t, /its cursor is not in it/, () => aside.press('Up'), aside, 'aside')
  await look.end()
  aside.kill()
  await tmux.run(['set', '-s', 'focus-events', 'off'])
})

t.test('vim mode takes a question whole in both of its modes, and a draft holds it in both', async (t) => {
  await office.home.settings({ editorMode: 'vim' })
  const editor = await office.hire('editor')
  const asks = async (question: string) => {
    t.equal((await office.repowire('ask', 'editor', question)).stdout, 'An answer.\n')
    t.match((await office.prompts(editor)).at(-1), new RegExp(`\\n\\n${question}\\n\\n`))
    await editor.waitStatus('idle')
  }
  await editor.waitScreen(/-- INSERT --/)
  await asks('inserted dd word')
  await editor.press('Escape')
  await eventually('normal mode', async () => !/-- INSERT --/.test(await editor.screen()))
  await asks('normal dd word')
  await editor.type('i')
  await editor.waitScreen(/-- INSERT --/)
  await editor.type('my draft')
  await editor.press('Escape')
  await eventually('normal mode', async () => !/-- INSERT --/.test(await editor.screen()))
  await held(t, /box holds a text/, () => editor.type('dd'), editor, 'editor')
  editor.kill()
})
