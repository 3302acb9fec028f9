import { ensureCourier } from '../../courier/start.ts'
import { broadcast } from '../../verbs/broadcast.ts'
import { notify } from '../../verbs/notify.ts'
import { say, sayJson } from './print.ts'
import { whoSpeaks } from './speaker.ts'

/** One notice to one peer, who gets it when it is free. */
export function notifyCommand(peer: string, text: string, options: { json: boolean }): number {
  const { tree, me } = whoSpeaks()
  const notified = notify(tree, me.address, peer, text)
  ensureCourier(tree)
  if (options.json) sayJson(notified)
  else say(`In the inbox of ${notified.to}: ${notified.id}`)
  return 0
}

/** One notice to every agent that is online. */
export function broadcastCommand(text: string, options: { json: boolean }): number {
  const { tree, me } = whoSpeaks()
  const reached = broadcast(tree, me.address, text)
  ensureCourier(tree)
  if (options.json) sayJson(reached)
  else
    say(
      reached.length === 0
        ? 'No agent is online; nothing was sent.'
        : `In the inboxes of ${reached.map(({ to }) => to).join(', ')}.`,
    )
  return 0
}
