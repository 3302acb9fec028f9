/** What every peer is doing, and why a message would not be typed into it now. Looks at cards, status and panes; writes nothing. */

import { agentOf } from '../agents/agents.ts'
import { hostOf } from '../protocol/address.ts'
import type { AgentKind, Card } from '../protocol/card.ts'
import type { Config } from '../protocol/config.ts'
import { listCards } from '../spool/cards.ts'
import { readConfig } from '../spool/config.ts'
import { isOwnLabel } from '../spool/own-label.ts'
import { presence } from '../spool/presence.ts'
import { branchOf } from '../spool/repository.ts'
import { scan } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { whyAway } from '../verbs/reach.ts'
import { whyHeld } from './doors.ts'
import { named } from './gates.ts'
import { lookAtAll, type Pane, type View } from './tmux.ts'

export type PeerView = {
  address: string
  agent: AgentKind
  status: 'idle' | 'shell' | 'busy' | 'waiting' | 'parked' | 'unknown' | 'offline' | 'away'
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

/** While tmux looks at the panes, what is in files is read. */
export async function describePeers(tree: Tree): Promise<PeerView[]> {
  const away = whichAreAway(tree)
  const peers = listCards(tree).map((card) => ({ card, ...whereabouts(tree, card), away: away(card) }))
  const panes = peers.flatMap(({ card, here, alive }) => (here && alive && card.tmux ? [card.tmux] : []))
  const known = { seen: lookAtPanes(panes), order: readConfig(tree).doors }
  return await Promise.all(peers.map((peer) => describe(tree, peer, known)))
}

type Peer = { card: Card; here: boolean; alive: boolean; away: string | undefined }

function whereabouts(tree: Tree, { address, process }: Card): Pick<Peer, 'here' | 'alive'> {
  const alive = presence(tree, address, process) !== 'dead'
  return { here: isOwnLabel(tree, hostOf(address)), alive }
}

/** Each host is looked at once, however many peers it has. */
function whichAreAway(tree: Tree): (card: Card) => string | undefined {
  const known = new Map<string, string | undefined>()
  return (card) => {
    const host = hostOf(card.address)
    if (!known.has(host)) known.set(host, whyAway(tree, card))
    return known.get(host)
  }
}

type Seen = (pane: Pane) => Promise<View | undefined>
type Known = { seen: Seen; order: Config['doors'] }

/** All of one server are looked at together: one by one they cost a process each. */
function lookAtPanes(panes: Pane[]): Seen {
  const views = new Map<string, Promise<Map<string, View>>>()
  for (const socket of new Set(panes.map((pane) => pane.socket))) {
    const inServer = panes.filter((pane) => pane.socket === socket).map(({ pane }) => pane)
    views.set(socket, lookAtAll(socket, [...new Set(inServer)]))
  }
  return async ({ socket, pane }) => (await views.get(socket))?.get(pane)
}

async function describe(tree: Tree, { card, here, alive, away }: Peer, known: Known): Promise<PeerView> {
  const view = {
    address: card.address,
    agent: card.agent,
    status: away ? 'away' : alive ? (agentOf(card.agent)?.activity(card).state ?? 'unknown') : 'offline',
    ...(card.circle !== undefined && { circle: card.circle }),
    directory: card.directory,
    branch: here ? branchOf(card.directory) : undefined,
    pid: card.process.pid,
    waiting: scan(tree, card.address, 'new').length,
    open: scan(tree, card.address, 'open').length,
  } as const
  const held = await whyNotNow(tree, { card, here, alive, away }, known)
  const pane = alive && here && card.tmux ? await known.seen(card.tmux) : undefined
  return { ...view, ...(held !== undefined && { held: named(held, card.address) }), window: pane?.window }
}

async function whyNotNow(
  tree: Tree,
  { card, here, alive, away }: Peer,
  known: Known,
): Promise<string | undefined> {
  if (!here) return away ?? 'it is on another host'
  if (!alive) return 'its process has ended'
  return card.agent === 'person' ? 'it is a person at a shell' : await whyHeld(tree, card, known)
}
