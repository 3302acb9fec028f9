import { ensureCourier } from '../../courier/start.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { fileName } from '../../protocol/layout.ts'
import { askOf } from '../../spool/asks.ts'
import { currentAddress } from '../../spool/cards.ts'
import { findMessage } from '../../spool/publish.ts'
import type { Tree } from '../../spool/tree.ts'
import { cancel } from '../../verbs/cancel.ts'
import { reply } from '../../verbs/reply.ts'
import { checkedId } from './message-id.ts'
import { say, sayJson } from './print.ts'
import { whoSpeaks } from './speaker.ts'

/** Answers an open question of the agent in whose session this runs. */
export function replyCommand(id: string, answer: string, options: { json: boolean }): number {
  checkedId(id)
  const { tree, me } = whoSpeaks()
  const to = reply(tree, me.address, id, answer)
  ensureCourier(tree)
  if (options.json) sayJson({ id, to })
  else say(`Sent to ${to}.`)
  return 0
}

/** Takes one's own question back. Errors: bad-input, no-such-query. */
export function cancelCommand(id: string, options: { json: boolean }): number {
  checkedId(id)
  const { tree, me } = whoSpeaks()
  const to = askOf(tree, me.address, id)?.to
  if (to === undefined || !cancel(tree, me.address, id)) throw notAsked(id)
  ensureCourier(tree)
  if (options.json) sayJson({ id, to })
  else say(whatCancelDid(tree, id, to))
  return 0
}

/** A question that its peer has been given cannot be taken out of its head again. */
export function whatCancelDid(tree: Tree, id: string, to: string): string {
  const state = findMessage(tree, currentAddress(tree, to), fileName(id, 'query'))
  const filed = `its answer will be filed: repowire show ${id}`
  if (state === 'open') return `${to} has been given the question already; ${filed}`
  if (state === 'done') return `${to} has answered already: repowire show ${id}`
  if (state === 'cur') return `${to} is just being given the question; if it arrives, ${filed}`
  return `The question to ${to} is withdrawn.`
}

function notAsked(id: string): RepowireError {
  return new RepowireError(
    'no-such-query',
    `You have no open question ${id}.`,
    'repowire inbox shows what you have asked.',
  )
}
