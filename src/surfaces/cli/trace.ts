import { named } from '../../courier/gates.ts'
import { whereIs, whereThere } from '../../courier/where.ts'
import { isAddress } from '../../protocol/address.ts'
import { excerpt } from '../../protocol/frame.ts'
import { fileName, KINDS, messagePath } from '../../protocol/layout.ts'
import { type Entry, type Event, readJournal, SAYS_SENT } from '../../spool/journal.ts'
import { isOwn } from '../../spool/own-label.ts'
import type { Tree } from '../../spool/tree.ts'
import { findEverywhere, type Placed } from '../../verbs/find.ts'
import { checkedId, noSuchMessage } from './message-id.ts'
import { asOf, localTime, say, sayJson } from './print.ts'
import { whoLooks } from './speaker.ts'
import { withoutHeld, withoutHeldText } from './unheld.ts'

/** What happened to one message, by this host's journal; where it lies now; and for what it waits. Errors: bad-input, no-such-message. */
export async function traceCommand(id: string, options: { json: boolean }): Promise<number> {
  checkedId(id)
  const { tree, me } = whoLooks()
  const about = readJournal(tree, undefined, id).filter((entry) => entry.id === id || entry.thread === id)
  const events = withoutHeld(tree, me, about)
  const places = withoutHeldText(me, findEverywhere(tree, id))
  if (events.length + places.length === 0) throw noSuchMessage(id)
  const now = [...thereNow(tree, id, events), ...(await nowOf(tree, places))]
  if (options.json) sayJson({ id, events, places, now })
  else say([...events.map(eventRow), ...places.map((place) => placeLine(tree, place)), ...now].join('\n'))
  return 0
}

async function nowOf(tree: Tree, places: Placed[]): Promise<string[]> {
  const here = places.filter(({ mailbox }) => isOwn(tree, mailbox))
  const queries = here.filter(({ message, state }) => message.kind === 'query' && state !== 'done')
  const waiting = queries.filter(({ state }) => state !== 'dead')
  return await Promise.all(
    waiting.map(async ({ mailbox, message }) => `now: ${await whereIs(tree, message.id, mailbox)}`),
  )
}

/** Of what was sent from here to another host, also where it is in none of the directories for the moment. */
function thereNow(tree: Tree, id: string, events: Entry[]): string[] {
  const sent = events.filter(({ to }) => isAddress(to) && !isOwn(tree, to))
  return sent.flatMap(({ event, peer, to }) => {
    const kind = KINDS.find((one) => SAYS_SENT[one] === event)
    return kind === undefined ? [] : [`now: ${whereThere(tree, { id, kind, from: peer, to: String(to) })}`]
  })
}

function placeLine(tree: Tree, { mailbox, state, message: { id, kind, outcome } }: Placed): string {
  const end = outcome === undefined ? '' : ` (${outcome})`
  return `the ${kind}${end} lies in ${messagePath(mailbox, state, fileName(id, kind))}${asOf(tree, mailbox)}`
}

function eventRow(entry: Entry): string {
  return `${localTime(entry.at, true)}  ${WORDS[entry.event]?.(entry) ?? `${entry.peer}: ${entry.event}`}`
}

const quote = ({ body }: Entry) => (typeof body === 'string' ? `: ${excerpt(body, 60)}` : '')

const seenBy = (hook: unknown) => (hook === undefined ? '' : ` (seen by: ${hook})`)

/** What each line of the journal says of a message, in words. */
const WORDS: Partial<Record<Event, (entry: Entry) => string>> = {
  approved: ({ peer }) => `its user let it through to ${peer}`,
  asked: (entry) => `${entry.peer} asked ${entry.to}${quote(entry)}`,
  notified: (entry) => `${entry.peer} told ${entry.to}${quote(entry)}`,
  broadcast: (entry) => `${entry.peer} told everybody${quote(entry)}`,
  held: ({ peer, why }) => `it waits for ${peer}, because ${named(String(why), peer)}`,
  claimed: ({ peer }) => `the courier took it for ${peer}, who is free`,
  typing: ({ pane }) => `the courier typed it into tmux pane ${pane}`,
  entered: ({ pressed }) => (pressed === false ? 'the pane did not take Enter' : 'the courier pressed Enter'),
  'put-back': ({ why }) => `it was put back: ${why}`,
  given: ({ peer, hook }) => `${peer} was given it${seenBy(hook)}`,
  seen: ({ kind, state }) => `the ${kind} was seen in ${state}/ there`,
  replied: (entry) => `${entry.peer} replied to ${entry.to}, ${entry.outcome}${quote(entry)}`,
  consumed: ({ peer, hook }) => `${peer} was shown the reply${seenBy(hook)}`,
  ended: ({ peer, outcome, by, fault, why }) =>
    `the question to ${peer} ended: ${[outcome, by && `by ${by}`, fault, why].filter(Boolean).join(', ')}`,
}
