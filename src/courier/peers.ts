/** What every peer is doing, and why a message would not be typed into it now. Looks at cards, status and panes; writes nothing. */

import { agentOf } from '../agents/agents.ts'
import { parseAddress } from '../protocol/address.ts'
import type { AgentKind, Card } from '../protocol/card.ts'
import { listCards } from '../spool/cards.ts'
import { presence } from '../spool/presence.ts'
import { branchOf } from '../spool/repository.ts'
import { scan } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { whyHeld } from './gates.ts'
import { look } from './tmux.ts'

export type PeerView = {
  address: string
  agent: AgentKind
  status: 'idle' | 'shell' | 'busy' | 'waiting' | 'parked' | 'unknown' | 'offline'
  /** Why a message would wait now; absent when it would be delivered. */
  held?: string
  directory: string
  branch?: string
  /** session:window.pane, as a person names it. */
  window?: string
  pid: number
  /** Messages in new/. */
  waiting: number
  /** Questions it has been given and has not answered. */
  open: number
}

export async function describePeers(tree: Tree): Promise<PeerView[]> {
  return await Promise.all(listCards(tree).map((card) => describe(tree, card)))
}

async function describe(tree: Tree, card: Card): Promise<PeerView> {
  const elsewhere = parseAddress(card.address)?.host !== tree.host
  const alive = presence(tree, card.address, card.process) !== 'dead'
  const held = elsewhere
    ? 'it is on another host'
    : alive
      ? await reason(tree, card)
      : 'its process has ended'
  const view = alive && !elsewhere && card.tmux !== undefined ? await look(card.tmux) : undefined
  return {
    address: card.address,
    agent: card.agent,
    status: alive ? (agentOf(card.agent)?.activity(card).state ?? 'unknown') : 'offline',
    ...(held === undefined ? {} : { held }),
    directory: card.directory,
    branch: elsewhere ? undefined : branchOf(card.directory),
    window: view?.window,
    pid: card.process.pid,
    waiting: scan(tree, card.address, 'new').length,
    open: scan(tree, card.address, 'open').length,
  }
}

async function reason(tree: Tree, card: Card): Promise<string | undefined> {
  return card.agent === 'person' ? 'it is a person at a shell' : await whyHeld(tree, card)
}
