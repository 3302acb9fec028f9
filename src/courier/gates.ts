/**
 * Why a message cannot be typed now, in words that a person acts on. Free is what every gate lets through; a screen
 * that is not recognised is not free.
 */

import type { Agent, Composer } from '../agents/agent.ts'
import { agentOf } from '../agents/agents.ts'
import type { Card } from '../protocol/card.ts'
import { liveness, readsItsTerminal, terminalOf } from '../spool/process.ts'
import { look, type Pane, type View } from './tmux.ts'

export type Look = { held: string } | { composer: Composer; view: View; agent: Agent; pane: Pane }

// Between a turn and one that was queued behind it the client says idle for up to 25 ms.
const IDLE_MS = 100

/** The gates that cost no tmux: process and status. Undefined when they let through. */
function statusGate(card: Card, agent: Agent): string | undefined {
  if (liveness(card.process) === 'dead') return 'its process has ended'
  const { state, waitingFor, since } = agent.activity(card)
  if (state === 'busy') return 'it is busy with a turn'
  if (state === 'waiting') return `it waits for its user: ${waitingFor ?? 'a dialog is open'}`
  if (state === 'unknown') return 'its client does not say what it is doing'
  return since !== undefined && Date.now() - since < IDLE_MS ? 'its last turn has only just ended' : undefined
}

/** Every gate but the last: what the input box must hold is for the caller to judge. Looks, and changes nothing. */
export async function approach(card: Card): Promise<Look> {
  const agent = agentOf(card.agent)
  if (agent === undefined)
    return { held: 'its client has no hooks that repowire knows: it reads its mail with the inbox tool' }
  if (card.tmux === undefined) return { held: 'it runs in no tmux pane' }
  const before = statusGate(card, agent)
  if (before !== undefined) return { held: before }
  const view = await look(card.tmux)
  const held = paneGate(card, view) ?? statusGate(card, agent)
  return held === undefined
    ? { composer: agent.composer((view as View).screen), view: view as View, agent, pane: card.tmux }
    : { held }
}

function paneGate(card: Card, view: View | undefined): string | undefined {
  if (view === undefined) return 'its tmux pane is gone'
  if (view.dead) return 'its pane is dead'
  if (view.inMode) return 'its pane is in copy mode (or another tmux mode)'
  const { pid } = card.process
  if (terminalOf(view.first) !== terminalOf(pid)) return 'its pane belongs to another program now'
  return readsItsTerminal(pid) ? undefined : `another program reads the keys of its pane (${view.command})`
}

/** The whole question: why a new message cannot be typed now, or undefined. */
export async function whyHeld(card: Card): Promise<string | undefined> {
  const found = await approach(card)
  return 'held' in found ? found.held : whyNotEmpty(found.composer)
}

export function whyNotEmpty(composer: Composer): string | undefined {
  if (composer.state === 'empty') return undefined
  return composer.state === 'holds'
    ? 'its input box holds a text that was not sent'
    : `its input box is not in view: ${composer.why}`
}
