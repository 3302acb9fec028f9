/** The tools, as data: what a model may call, and the one verb that each calls. No SDK here. */

import { z } from 'zod'
import { describePeers, type PeerView } from '../../courier/peers.ts'
import { ensureCourier } from '../../courier/start.ts'
import { whereIs } from '../../courier/where.ts'
import type { Card } from '../../protocol/card.ts'
import { sharesCircle } from '../../protocol/circle.ts'
import { excerpt, frameText } from '../../protocol/frame.ts'
import type { Message } from '../../protocol/message.ts'
import type { Tree } from '../../spool/tree.ts'
import { ask } from '../../verbs/ask.ts'
import { broadcast, broadcastText } from '../../verbs/broadcast.ts'
import { frameFor, replyFor } from '../../verbs/exchange.ts'
import { lookInbox, takeInbox, unanswered } from '../../verbs/inbox.ts'
import { whyDenied } from '../../verbs/may-reach.ts'
import { notify } from '../../verbs/notify.ts'
import { reply } from '../../verbs/reply.ts'
import { heldIn } from '../../verbs/vouch.ts'
import { type Seat, waitFor } from './seat.ts'

/** One call: whose it is, and how to tell the client that it still runs or has been given up. */
export type Call = { seat: Seat; signal: AbortSignal; progress(text: string): void }

export type Tool = {
  name: string
  description: string
  input: z.ZodObject
  /** Reads only, or at least may run beside another call: the client runs these in parallel. */
  parallel: boolean
  run(input: never, call: Call): Promise<string>
}

const PEER = z.string().describe('name, or name@host, as in list_peers')
const EARLIER = z
  .string()
  .optional()
  .describe('follow up: the id of an earlier exchange, which the peer is shown first')
const WAKE = z.boolean().optional().describe('false: starts no turn; default true')
const URGENT = z
  .boolean()
  .optional()
  .describe('true: reaches a busy agent in the middle of its turn; only for what cannot wait')
const SECONDS = z.number().int().min(1).max(3600).optional().describe('how long to wait; default 110')
const DEFAULT_SECONDS = 110 // the client moves a call to the background at 120

function tool<T extends z.ZodObject>(
  name: string,
  parallel: boolean,
  description: string,
  input: T,
  run: (input: z.infer<T>, call: Call) => Promise<string>,
): Tool {
  return { name, description, input, parallel, run: run as Tool['run'] }
}

export const TOOLS: Tool[] = [
  tool(
    'ask_peer',
    true,
    'Ask the coding agent that works in another repository, and wait for its answer. It reads its own code; say what you need to know and why.',
    z.object({
      peer: PEER,
      question: z.string(),
      urgent: URGENT,
      reply_to: EARLIER,
      timeout_seconds: SECONDS,
    }),
    async ({ peer, question, urgent, reply_to, timeout_seconds }, call) => {
      ensureCourier(call.seat.tree)
      const asked = { peer, body: question, replyTo: reply_to, urgent }
      const { id, to } = ask(call.seat.tree, call.seat.card().address, call.seat.process, asked)
      return await waitFor(call, id, to, timeout_seconds ?? DEFAULT_SECONDS)
    },
  ),
  tool(
    'await_reply',
    true,
    'Wait again for the answer to a question that ask_peer returned without one.',
    z.object({ id: z.string(), timeout_seconds: SECONDS }),
    async ({ id, timeout_seconds }, call) =>
      await waitFor(call, id, undefined, timeout_seconds ?? DEFAULT_SECONDS),
  ),
  tool(
    'reply_peer',
    false,
    'Answer a question that another agent asked you, by the id in its header. Needed only when you were told that you owe it, or when you answer before your turn ends.',
    z.object({ id: z.string(), answer: z.string() }),
    async ({ id, answer }, { seat }) => `Sent to ${reply(seat.tree, seat.card().address, id, answer)}.`,
  ),
  tool(
    'notify_peer',
    false,
    'Tell another agent something; a notice never wants an answer. It wakes the agent for a turn: an acknowledgement, or what can wait, wants wake: false. If it is offline, its next session gets it.',
    z.object({ peer: PEER, message: z.string(), wake: WAKE }),
    async ({ peer, message, wake = true }, { seat }) => {
      const { to, id } = notify(seat.tree, seat.card().address, peer, message, wake)
      const when = wake ? 'it is told when it is free' : 'it is not woken, and told with its next prompt'
      return `In the inbox of ${to} (${id}); ${when}.`
    },
  ),
  tool(
    'broadcast',
    false,
    'Tell every agent that is online something that wants no answer. Nobody is woken unless wake is true: each is told with its next prompt.',
    z.object({
      message: z.string(),
      wake: z.boolean().optional().describe('true: wake all of them, for what cannot wait'),
      id: z.string().optional().describe('only to repeat one that failed'),
    }),
    async ({ message, id, wake }, { seat }) =>
      broadcastText(broadcast(seat.tree, seat.card().address, message, { id, wake })),
  ),
  tool(
    'list_peers',
    true,
    'The agents that you can ask: name, directory, branch, what each is doing.',
    z.object({}),
    async (_, { seat }) => {
      const me = seat.card()
      const peers = await describePeers(seat.tree)
      const near = peers.filter((peer) => isNear(seat.tree, me, peer))
      return near.map((peer) => peerLine(peer, me.address)).join('\n')
    },
  ),
  tool(
    'inbox',
    false,
    'Take the mail that waits for you: questions (answer each with reply_peer), notices, late answers.',
    z.object({}),
    async (_, { seat }) => {
      const taken = takeInbox(seat.tree, seat.card(), seat.proven)
      const open = lookInbox(seat.tree, seat.card().address).filter(
        (letter) => letter.state === 'open' && !taken.some((message) => message.id === letter.message.id),
      )
      const waiting = await Promise.all(unanswered(seat.tree, seat.card().address).map(waitsFor(seat.tree)))
      const owed = open.map(
        ({ message }) => `You owe ${message.from} an answer to ${message.id}: ${excerpt(message.body)}`,
      )
      return (
        [
          ...taken.map((message) => letterText(seat.tree, message)),
          ...owed,
          ...waiting,
          ...heldLine(seat),
        ].join('\n\n') || 'No mail waits, and you owe no answer.'
      )
    },
  ),
  tool('whoami', true, 'Your own name on repowire.', z.object({}), async (_, { seat }) => {
    const { address, directory, circle } = seat.card()
    return `You are ${address}, the agent of ${directory}${circle === undefined ? '' : `, in the circle ${circle}`}.`
  }),
]

function isNear(tree: Tree, me: Card, peer: PeerView): boolean {
  return (
    peer.agent !== 'person' &&
    sharesCircle(me, peer) &&
    (peer.address === me.address || whyDenied(tree, me.address, peer.address) === undefined)
  )
}

/** A count alone: it waits for the user, not for the agent. mailbox-spec §11.1, §11.2 */
function heldLine({ tree, card }: Seat): string[] {
  const held = heldIn(tree, card().address).length
  return held === 0
    ? []
    : [`${held} held until your user lets them through: that is done in a shell, and not by you.`]
}

function letterText(tree: Tree, message: Message): string {
  if (message.kind === 'reply') return replyFor(tree, message)
  const text = frameText(frameFor(tree, message))
  if (message.kind !== 'query') return text
  return `${text}\n\nIt came by this tool: answer it with reply_peer, id "${message.id}". Your final message is not sent back.`
}

function waitsFor(tree: Tree): (ask: { id: string; to: string }) => Promise<string> {
  return async ({ id, to }) =>
    `You wait for ${to} to answer ${id} (await_reply): ${await whereIs(tree, id, to)}.`
}

function peerLine(peer: PeerView, me?: string): string {
  const name = peer.address === me ? `${peer.address} (you)` : peer.address
  const branch = peer.branch === undefined ? '' : ` [${excerpt(peer.branch)}]`
  const state =
    peer.status === 'offline'
      ? 'offline'
      : peer.held === undefined
        ? `${peer.status}, free`
        : `${peer.status}: ${peer.held}`
  return `${name}  ${excerpt(peer.directory, 200)}${branch}  ${state}${peer.waiting > 0 ? `; ${peer.waiting} waiting` : ''}`
}
