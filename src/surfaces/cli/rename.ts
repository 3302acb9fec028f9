import { ensureCourier } from '../../courier/start.ts'
import type { Card } from '../../protocol/card.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { cardNamed } from '../../verbs/address-peer.ts'
import { rename } from '../../verbs/rename.ts'
import { say, sayJson } from './print.ts'
import { type Speaker, whoSpeaks } from './speaker.ts'

/** Gives an agent of this host another name: `<new>` inside of its session, `<peer> <new>` anywhere. */
export function renameCommand(names: string[], options: { json: boolean }): number {
  if (names.length === 0 || names.length > 2) throw usage(`${names.length} names were given.`)
  const speaker = whoSpeaks()
  const [peer, wanted = ''] = names.length === 1 ? [undefined, names[0]] : names
  const old = meant(speaker, peer)
  const card = rename(speaker.tree, old, wanted)
  ensureCourier(speaker.tree)
  if (options.json) sayJson(card)
  else if (old.address === card.address) say(`${card.address} is called that already.`)
  else
    say(
      `${old.address} is ${card.address} now. Its mail has moved along, and what is sent to the old name follows.`,
    )
  return 0
}

function meant({ tree, me }: Speaker, peer: string | undefined): Card {
  const card = peer === undefined ? me : cardNamed(tree, peer)
  if (card.agent === 'person')
    throw usage(peer === undefined ? 'This shell is not inside of an agent.' : `${card.address} is a person.`)
  if (card.address.endsWith(`@${tree.host}`)) return card
  throw usage(`${card.address} is on another host, and only that host can rename it.`)
}

function usage(what: string): RepowireError {
  return new RepowireError('bad-input', what, 'Say which peer gets which name: repowire rename backend api')
}
