import { describePeers, type PeerView } from '../../courier/peers.ts'
import { lookTree } from '../../spool/tree.ts'
import { homely, say, sayJson, table } from './print.ts'

/** All peers: what each is doing, where it is, and whether a message would be delivered now. */
export async function peersCommand(options: { json: boolean }): Promise<number> {
  const peers = await describePeers(lookTree(process.env))
  const live = peers.filter((peer) => peer.agent !== 'person')
  if (options.json) sayJson(peers.map((peer) => ({ ...peer, deliverable: peer.held === undefined })))
  else if (live.length === 0)
    say(
      'No agent is registered. Start claude in tmux (after repowire setup), or type anything into a running session.',
    )
  else
    say(table([['PEER', 'STATUS', 'PANE', 'BRANCH', 'MAIL', 'DIRECTORY', 'DELIVERABLE'], ...live.map(row)]))
  return 0
}

function row(peer: PeerView): string[] {
  const mail = `${peer.waiting} new, ${peer.open} open`
  const deliverable = peer.held === undefined ? 'yes' : `no, because ${peer.held}`
  return [
    peer.address,
    peer.status,
    peer.window ?? '-',
    peer.branch ?? '-',
    mail,
    homely(peer.directory),
    deliverable,
  ]
}
