import { ensureCourier } from '../../courier/start.ts'
import type { Card } from '../../protocol/card.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { cardsOfHost } from '../../spool/cards.ts'
import { timestamp } from '../../spool/new-id.ts'
import { pause, pauseOf, resume } from '../../spool/pause.ts'
import { liveness } from '../../spool/process.ts'
import { cardNamed } from '../../verbs/address-peer.ts'
import { say, sayJson } from './print.ts'
import { type Speaker, whoSpeaks } from './speaker.ts'

/** Do not disturb: mail waits in new/, and who asks is told. One peer; an agent itself; for a person every agent that is online. */
export function pauseCommand(peer: string | undefined, options: { json: boolean }): number {
  const speaker = whoSpeaks()
  const cards = chosen(speaker, peer).filter(
    (card) => peer !== undefined || liveness(card.process) !== 'dead',
  )
  for (const { address } of cards)
    pause(speaker.tree, address, { since: timestamp(), by: speaker.me.address })
  const names = cards.map(({ address }) => address)
  if (options.json) sayJson(names)
  else if (names.length === 0) say('No agent is online; nothing was paused.')
  else
    say(
      `Paused: ${names.join(', ')}. Mail waits until: repowire resume${peer === undefined ? '' : ` ${peer}`}`,
    )
  return 0
}

/** Lets mail through again: one peer; an agent itself; for a person every agent of this host. */
export function resumeCommand(peer: string | undefined, options: { json: boolean }): number {
  const speaker = whoSpeaks()
  const paused = chosen(speaker, peer).filter((card) => pauseOf(speaker.tree, card.address) !== undefined)
  for (const { address } of paused) resume(speaker.tree, address)
  ensureCourier(speaker.tree)
  const names = paused.map(({ address }) => address)
  if (options.json) sayJson(names)
  else say(names.length === 0 ? 'Nobody was paused.' : `Resumed: ${names.join(', ')}.`)
  return 0
}

function chosen({ tree, me }: Speaker, peer: string | undefined): Card[] {
  const agents = cardsOfHost(tree).filter((card) => card.agent !== 'person' && card.renamed === undefined)
  if (peer === undefined) return me.agent === 'person' ? agents : [me]
  const card = cardNamed(tree, peer)
  if (agents.some(({ address }) => address === card.address)) return [card]
  const what = `${card.address} is not an agent of this host.`
  throw new RepowireError(
    'bad-input',
    what,
    'Run this on its own host; repowire peers lists the agents here.',
  )
}
