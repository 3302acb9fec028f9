// tmux's own prompts, menus and popups belong to a person's terminal, and a pane's keys do not pass through them: what the
// courier types goes to the pane, and they stay as they are. Those that take over the pane itself are its modes.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { whyHeld } from '../../src/courier/doors.ts'
import { look, type Pane, paste, pressEnter } from '../../src/courier/tmux.ts'
import { openTerminal } from '../real/terminal.ts'
import { until } from '../world.ts'
import { makeStage, openTmux } from './stage.ts'

const tmux = await openTmux(t)
const { peer, typed, dir, tree } = await makeStage(t, tmux)
const at = peer.tmux as Pane
const body = join(dir, 'body')
writeFileSync(body, 'body')
const terminal = await openTerminal(tmux, at.pane)
t.teardown(terminal.close)
await tmux.run(['bind', 'F1', 'display-menu', 'first', 'a', 'set -g @chosen first'])
await tmux.run(['bind', 'F2', 'display-popup', '-w', '20', '-h', '5', 'cat'])
await tmux.run(['bind', 'F3', 'confirm-before', '-p', 'sure?', 'set -g @chosen sure'])
await tmux.run(['set', '-g', 'display-panes-time', '60000'])

// Whoever opened it has not pressed a key for three seconds.
const { now } = Date
Date.now = () => now() + 3_000
t.teardown(() => Object.assign(Date, { now }))

/** What a person sees of it, before and after something is typed into the pane, and the key that ends it. */
for (const [what, keys, shows, end] of [
  ['command prompt', [':', 'half a command'], /:half a command/, 'C-c'],
  ['confirmation', ['F3'], /sure\?/, 'n'],
  ['menu', ['F1'], /first/, 'q'],
  ['popup', ['F2', 'in the popup'], /in the popup/, 'C-c'],
  ['pane chooser', ['q'], /120x40/, 'Escape'],
] as const) {
  t.test(
    `what is typed while a ${what} is open goes to the pane and leaves the ${what} as it is`,
    async (t) => {
      const before = typed().length
      const [key, ...text] = keys
      const without = await terminal.screen()
      await terminal.press('C-b', key)
      await until(async () => (await terminal.screen()) !== without) // what is typed before it is open goes to the pane
      for (const part of text) await terminal.type(part)
      const shown = await terminal.waitScreen(shows)
      t.equal(await paste(at, 'x', 'header', body), 'pasted')
      t.equal(await pressEnter(at), 'pressed')
      await until(() => typed().slice(before).endsWith('\r'))
      t.equal(typed().slice(before), '\x1b[200~header\x1b[201~\x1b[200~body\x1b[201~\r')
      t.equal(await terminal.waitScreen(shows), shown)
      await terminal.press(end)
      await until(async () => !shows.test(await terminal.screen()))
    },
  )
}

t.test('nothing was chosen or confirmed by an Enter of ours', async (t) => {
  t.equal(await tmux.show(at.pane, '#{@chosen}'), '')
})

for (const [what, command] of [
  ['session chooser', ['choose-tree']],
  ['clock', ['clock-mode']],
  ['options editor', ['customize-mode']],
  ['list of keys', ['run-shell', 'echo shown']],
] as const) {
  t.test(`a ${what} covers the pane, so nothing is typed`, async (t) => {
    const [name, ...more] = command
    await tmux.run([name, '-t', at.pane, ...more])
    await until(async () => (await look(at))?.inMode)
    t.match(await whyHeld(tree, peer), /copy mode \(or another tmux mode\)/)
    t.equal(await paste(at, 'x', 'header', body), 'refused')
    t.equal(await pressEnter(at), 'refused')
    await tmux.run(['send-keys', '-t', at.pane, 'q'])
    await until(async () => (await look(at))?.inMode === false)
  })
}
