import { ensureCourier } from '../../courier/start.ts'
import { broadcast, broadcastText } from '../../verbs/broadcast.ts'
import { notify } from '../../verbs/notify.ts'
import { EXIT } from './exit-codes.ts'
import { say, sayJson } from './print.ts'
import { whoSpeaks } from './speaker.ts'

export type TellOptions = { wake: boolean; all: boolean; json: boolean }

/** One notice to one peer, who gets it when it is free; one that does not wake it waits until its agent looks. */
export function notifyCommand(peer: string, text: string, options: TellOptions): number {
  const { tree, me } = whoSpeaks()
  const notified = notify(tree, me.address, peer, text, options.wake, options)
  ensureCourier(tree)
  if (options.json) sayJson(notified)
  else say(`In the inbox of ${notified.to}: ${notified.id}`)
  return 0
}

/** One notice to every agent that is online; says who was reached and who was not. Repeated with its `id`, it reaches nobody twice. */
export function broadcastCommand(text: string, options: TellOptions & { id?: string }): number {
  const { tree, me } = whoSpeaks()
  const done = broadcast(tree, me.address, text, options)
  ensureCourier(tree)
  if (options.json) sayJson(done)
  else say(broadcastText(done))
  const failed = done.missed.filter(({ why }) => why !== 'offline')
  if (failed.length === 0) return EXIT.done
  process.stderr.write(`repowire: ${notReached(done.id, failed, options)}\n`)
  return EXIT.failed
}

function notReached(id: string, failed: { to: string; why: string }[], { all }: { all: boolean }): string {
  const who = failed.map(({ to, why }) => `${to} was not reached: ${why}`).join(' ')
  return `${who} Repeat it with the same text and ${all ? '--all ' : ''}--id ${id}: nobody gets it twice. [not-writable]`
}
