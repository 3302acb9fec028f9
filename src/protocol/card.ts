/** A peer's card: who and where it is. mailbox-spec §5.1. */

import { isAddress, isName, parseAddress } from './address.ts'
import { SPEC } from './layout.ts'

/** One process, for ever: a pid alone is used again. */
export type ProcessMark = { pid: number; start: string; boot: string; pid_namespace: string }

export type AgentKind = 'claude-code' | 'rehearsal' | 'person' | 'other'

/**
 * `directory_id`: which directory it is, wherever it is moved. `formerly`: the address that this peer had before it was
 * renamed. `renamed`: this card is an alias, and what comes for its address goes to that one. `server`: the process through
 * which its agent asks and takes its mail. `inbox`: the socket on which its client takes messages itself. `circle`: the
 * agents that it reaches; absent: all that have none.
 */
export type Card = {
  spec: typeof SPEC
  address: string
  agent: AgentKind
  directory: string
  directory_id?: string
  formerly?: string
  renamed?: string
  process: ProcessMark
  tmux?: { socket: string; pane: string }
  session_file?: string
  server?: ProcessMark
  inbox?: string
  circle?: string
  registered: string
}

export function sameProcess(a: ProcessMark, b: ProcessMark): boolean {
  return a.pid === b.pid && a.start === b.start && a.boot === b.boot && a.pid_namespace === b.pid_namespace
}

/** The card in this text, or undefined where it is not one: a reader passes over it. */
export function parseCard(text: string): Card | undefined {
  try {
    const card = JSON.parse(text) as Card
    return isCard(card) ? card : undefined
  } catch {
    return undefined
  }
}

const AGENTS = ['claude-code', 'rehearsal', 'person', 'other']

function isCard(card: Card | null): boolean {
  if (card === null || typeof card !== 'object' || card.spec !== SPEC) return false
  const texts = [card.directory, card.registered]
  const optional = card.tmux === undefined || (isText(card.tmux?.socket) && /^%\d+$/.test(card.tmux?.pane))
  const known = parseAddress(card.address) !== undefined && AGENTS.includes(card.agent)
  const names = [card.formerly, card.renamed].every((name) => name === undefined || isAddress(name))
  const more = [card.session_file, card.directory_id, card.inbox].every(optionalText)
  const marks = isProcessMark(card.process) && (card.server === undefined || isProcessMark(card.server))
  const circle = card.circle === undefined || isName(card.circle)
  return known && names && circle && texts.every(isText) && marks && optional && more
}

export function isProcessMark(mark: ProcessMark | undefined): mark is ProcessMark {
  if (mark === null || typeof mark !== 'object') return false
  const texts = [mark.start, mark.boot, mark.pid_namespace]
  return Number.isSafeInteger(mark.pid) && mark.pid > 0 && texts.every(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function optionalText(value: unknown): boolean {
  return value === undefined || isText(value)
}
