import { framesInOne } from '../protocol/frame.ts'
import type { Message } from '../protocol/message.ts'
import type { Mail } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'
import { frameFor } from '../verbs/exchange.ts'
import type { Received } from '../verbs/receive.ts'
import type { Parcel } from './door.ts'

const MOST_NOTICES = 50
const MOST_CHARACTERS = 100_000

/** One message, or several notices one after another, as they are put before the agent. */
export function parcelOf(tree: Tree, messages: Message[]): Parcel {
  const frame = framesInOne(messages.map((message) => frameFor(tree, message)))
  const [first] = messages as [Message]
  return { id: first.id, urgent: first.urgent === true, frame }
}

/** What the courier must know of a message that waits; `expires`: ms by this host's clock, `size`: characters. */
export type Waiting = Mail & { expires: number; urgent: boolean; quiet: boolean; size: number }

/**
 * What goes together, of the mail that waits, oldest first: notices share one delivery, as many as can be read at once;
 * a question never shares its own. What is urgent goes first; a quiet notice waits to be fetched. mailbox-spec §8.1
 */
export function nextTogether(all: Waiting[]): Waiting[] {
  const waiting = all.filter(({ quiet }) => !quiet)
  const urgent = waiting.find((mail) => mail.urgent)
  if (urgent !== undefined) return [urgent]
  const end = waiting.findIndex(({ kind }) => kind !== 'notice')
  if (end === 0) return waiting.slice(0, 1)
  const run = waiting.slice(0, end < 0 ? MOST_NOTICES : Math.min(end, MOST_NOTICES))
  const sizes = run.map((_, at) => run.slice(0, at + 1).reduce((sum, { size }) => sum + size, 0))
  return run.filter((_, at) => at === 0 || (sizes[at] ?? 0) <= MOST_CHARACTERS)
}

export function waitingOf(mail: Mail, { message, expires }: Received): Waiting {
  const { kind, urgent, wake, body } = message
  return {
    ...mail,
    expires,
    urgent: kind === 'query' && urgent === true,
    quiet: kind === 'notice' && wake === false,
    size: body.length,
  }
}
