/**
 * Why a message cannot be typed now, in words that a person acts on. Free is what every gate lets through; a screen
 * that is not recognised is not free.
 */

import type { Agent, Composer } from '../agents/agent.ts'
import { agentOf } from '../agents/agents.ts'
import { parseAddress } from '../protocol/address.ts'
import type { Card } from '../protocol/card.ts'
import { elapsed } from '../spool/clock.ts'
import { pauseOf } from '../spool/pause.ts'
import { liveness, readsItsTerminal, terminalOf } from '../spool/process.ts'
import type { Tree } from '../spool/tree.ts'
import type { Held } from './door.ts'
import { look, type Pane, TYPING_MS, type View } from './tmux.ts'

export type Look = { composer: Composer; view: View; agent: Agent; pane: Pane }

/** A status file is read often; a screen costs a process, and what is on it is a person's to change. */
export const STATUS_MS = 100
const SCREEN_MS = 1_000
// Between a turn and one that was queued behind it the client says idle for up to 25 ms.
const IDLE_MS = 100

/** Every gate but the last: what the input box must hold is for the caller to judge. Looks, and changes nothing. */
export async function approach(card: Card, seen = look): Promise<Look | Held> {
  const agent = agentOf(card.agent)
  if (agent === undefined) return { why: 'its client has no hooks: it takes its mail with the inbox tool' }
  if (card.tmux === undefined) return { why: 'it runs in no tmux pane' }
  const before = statusGate(card, agent)
  if (before !== undefined) return { why: before, again: STATUS_MS }
  const view = await seen(card.tmux)
  const held = paneGate(card, view) ?? statusGate(card, agent)
  if (held !== undefined || view === undefined) return { why: held ?? 'its pane is gone', again: SCREEN_MS }
  return { composer: agent.composer(view.screen, view.cursor), view, agent, pane: card.tmux }
}

/** The gates that cost no tmux: process and status. Undefined when they let through. */
export function statusGate(card: Card, agent: Agent): string | undefined {
  if (liveness(card.process) === 'dead') return 'its process has ended'
  const { state, waitingFor, since } = agent.activity(card)
  if (state === 'busy') return 'it is busy with a turn'
  if (state === 'waiting') return waitingFor ?? 'its client has a dialog open'
  if (state === 'parked') return 'its session was moved to the background'
  if (state === 'unknown') return 'its client does not say what it is doing'
  return since !== undefined && elapsed(since) < IDLE_MS ? 'its last turn has only just ended' : undefined
}

function paneGate(card: Card, view: View | undefined): string | undefined {
  if (view === undefined) return 'its tmux pane is gone'
  if (view.dead) return 'its pane is dead'
  if (view.inMode) return 'its pane is in copy mode (or another tmux mode)'
  if (view.synchronized) return 'its pane is synchronized: a key for it goes to other panes too'
  if (view.inputOff) return 'its pane takes no keys (tmux select-pane -d)'
  const { pid } = card.process
  if (view.first !== pid && terminalOf(view.first) !== terminalOf(pid))
    return 'its pane belongs to another program now'
  if (!readsItsTerminal(pid)) return `its pane's keys are read by another program (${view.command})`
  const { lastKey } = view
  return lastKey !== undefined && elapsed(lastKey) < TYPING_MS ? 'its user is typing in its pane' : undefined
}

/** Why the box is not empty; undefined when it is. */
export function whyNotEmpty({ state, ...composer }: Composer): Held | undefined {
  if (state === 'empty') return undefined
  const why =
    'why' in composer
      ? `its input box is not in view: ${composer.why}`
      : 'its input box holds a text that was not sent'
  return { why, again: SCREEN_MS }
}

/** Its user does not want it disturbed. mailbox-spec §5.3 */
export function whyPaused(tree: Tree, { address }: Card): Held | undefined {
  const paused = pauseOf(tree, address)
  return (
    paused && {
      why: `it is paused since ${paused.since}: repowire resume lets mail through`,
      again: SCREEN_MS,
    }
  )
}

/** A reason as somebody else reads it: with the peer's name in place of "it" and "its". */
export function named(why: string, address: string): string {
  const name = parseAddress(address)?.name ?? address
  return why.replace(/^it(?=s? )(?! was (?:typed|handed|given))(s?)/, (_, s) =>
    s === '' ? name : `${name}'s`,
  )
}
