import { describePeers, type PeerView } from '../../courier/peers.ts'
import type { Card } from '../../protocol/card.ts'
import { sharesCircle } from '../../protocol/circle.ts'
import { excerpt } from '../../protocol/frame.ts'
import type { Tree } from '../../spool/tree.ts'
import { whyDenied } from '../../verbs/may-reach.ts'
import { homely, say, sayJson, table } from './print.ts'
import { whoLooks } from './speaker.ts'

/** The peers, for an agent those of its circle: what each is doing, where it is, and whether a message would be delivered now. */
export async function peersCommand(options: { all: boolean; json: boolean }): Promise<number> {
  const { tree, me } = whoLooks()
  const peers = (await describePeers(tree)).filter((peer) => options.all || isNear(tree, me, peer))
  const live = peers.filter((peer) => peer.agent !== 'person')
  if (options.json) sayJson(peers.map((peer) => ({ ...peer, deliverable: peer.held === undefined })))
  else if (live.length === 0)
    say(
      'No agent is registered. Start claude in tmux (after repowire setup), or type anything into a running session.',
    )
  else say(page(live))
  return 0
}

/** For an agent: of its circle, and to be reached by it. */
function isNear(tree: Tree, me: Card | undefined, peer: PeerView): boolean {
  if (me === undefined || me.agent === 'person' || me.address === peer.address) return true
  return sharesCircle(me, peer) && whyDenied(tree, me.address, peer.address) === undefined
}

/** With the circles where there are several. */
function page(peers: PeerView[]): string {
  const several = new Set(peers.map(({ circle }) => circle)).size > 1
  const head = ['PEER', ...(several ? ['CIRCLE'] : []), 'STATUS', 'PANE', 'BRANCH', 'MAIL', 'DIRECTORY']
  return table([[...head, 'DELIVERABLE'], ...peers.map((peer) => row(peer, several))])
}

function row(peer: PeerView, withCircle: boolean): string[] {
  const mail = `${peer.waiting} new, ${peer.open} open`
  const deliverable = peer.held === undefined ? 'yes' : `no, because ${peer.held}`
  return [
    peer.address,
    ...(withCircle ? [peer.circle ?? '-'] : []),
    peer.status,
    excerpt(peer.window ?? '-'),
    excerpt(peer.branch ?? '-'),
    mail,
    excerpt(homely(peer.directory), 200),
    deliverable,
  ]
}
