// A person's terminal: a tmux client in a pane of a second private server. What that server sends to its pane are the
// person's keys, so bindings, prompts and menus act as they do under a person's hands.
import { eventually } from './eventually.ts'
import { startTmux, type Tmux } from './tmux.ts'

export interface Terminal {
  press(...keys: string[]): Promise<void>
  type(text: string): Promise<void>
  screen(): Promise<string>
  waitScreen(pattern: RegExp): Promise<string>
  close(): Promise<void>
}

/** Attaches to the session of this pane, and waits until the terminal is there. */
export async function openTerminal(tmux: Tmux, pane: string): Promise<Terminal> {
  const outer = await startTmux()
  const attach = ['env', '-u', 'TMUX', 'tmux', '-u', '-S', tmux.socket, 'attach', '-t', pane]
  const at = await outer.newPane(attach)
  const clients = () => tmux.run(['list-clients', '-F', '#{pane_id}'])
  await eventually('the terminal', async () => (await clients()).split('\n').includes(pane))
  return {
    press: (...keys) => outer.keys(at, ...keys),
    type: (text) => outer.type(at, text),
    screen: () => outer.capture(at),
    waitScreen: (pattern) =>
      eventually(`screen ${pattern} on the terminal`, async () => found(pattern, await outer.capture(at)), {
        lastSeen: () => outer.capture(at),
      }),
    close: outer.stop,
  }
}

function found(pattern: RegExp, screen: string): string | undefined {
  return pattern.test(screen) ? screen : undefined
}
