/** What every peer is doing, and why a message would not be typed into it now. Looks at cards, status and panes; writes nothing. */

import { agentOf } from '../agents/agents.ts'
import { hostOf, parseAddress } from '../protocol/address.ts'
import type { AgentKind, Card } from '../protocol/card.ts'
import { listCards } from '../spool/cards.ts'
import { presence } from '../spool/presence.ts'
import { liveness } from '../spool/process.ts'
import { branchOf } from '../spool/repository.ts'
import { scan } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { whyHeld } from './doors.ts'
import { named } from './gates.ts'
import { lookAtAll, type Pane, type View } from './tmux.ts'

export type PeerView = {
  address: string
  agent: AgentKind
  status: 'idle' | 'shell' | 'busy' | 'waiting' | 'parked' | 'unknown' | 'offline'
  /** Why a message would wait now, with the peer's name; absent when it would be delivered. */
  held?: string
  circle?: string
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
  const cards = listCards(tree)
  const seen = await lookAtPanes(tree, cards)
  return await Promise.all(cards.map((card) => describe(tree, card, seen)))
}

type Seen = (pane: Pane) => Promise<View | undefined>

/** The panes of all living peers of this host, looked at together: one by one they cost a process each. */
async function lookAtPanes(tree: Tree, cards: Card[]): Promise<Seen> {
  const here = cards.filter(({ address }) => hostOf(address) === tree.host)
  const panes = here.flatMap(({ tmux, process }) => (tmux && liveness(process) !== 'dead' ? [tmux] : []))
  const views = new Map<string, Map<string, View>>()
  for (const socket of new Set(panes.map((pane) => pane.socket))) {
    const inServer = panes.filter((pane) => pane.socket === socket).map(({ pane }) => pane)
    views.set(socket, await lookAtAll(socket, [...new Set(inServer)]))
  }
  return async ({ socket, pane }) => views.get(socket)?.get(pane)
}

async function describe(tree: Tree, card: Card, seen: Seen): Promise<PeerView> {
  const elsewhere = parseAddress(card.address)?.host !== tree.host
  const alive = presence(tree, card.address, card.process) !== 'dead'
  const held = elsewhere
    ? 'it is on another host'
    : alive
      ? await reason(tree, card, seen)
      : 'its process has ended'
  const view = alive && !elsewhere && card.tmux !== undefined ? await seen(card.tmux) : undefined
  return {
    address: card.address,
    agent: card.agent,
    status: alive ? (agentOf(card.agent)?.activity(card).state ?? 'unknown') : 'offline',
    ...(held === undefined ? {} : { held: named(held, card.address) }),
    ...(card.circle === undefined ? {} : { circle: card.circle }),
    directory: card.directory,
    branch: elsewhere ? undefined : branchOf(card.directory),
    window: view?.window,
    pid: card.process.pid,
    waiting: scan(tree, card.address, 'new').length,
    open: scan(tree, card.address, 'open').length,
  }
}

async function reason(tree: Tree, card: Card, seen: Seen): Promise<string | undefined> {
  return card.agent === 'person' ? 'it is a person at a shell' : await whyHeld(tree, card, seen)
}
