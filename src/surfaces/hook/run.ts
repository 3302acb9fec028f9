import type { Agent, Environment, HookAnswer, HookEvent, Session } from '../../agents/agent.ts'
import { AGENTS } from '../../agents/agents.ts'
import { complain } from '../../courier/log.ts'
import { ensureCourier } from '../../courier/start.ts'
import type { Card } from '../../protocol/card.ts'
import { RepowireError } from '../../protocol/errors.ts'
import { cardOfProcess } from '../../spool/cards.ts'
import { noteMode } from '../../spool/modes.ts'
import { isBelow, markOf } from '../../spool/process.ts'
import { existingTree, openTree, type Tree } from '../../spool/tree.ts'
import { beginTurn } from '../../verbs/begin-turn.ts'
import { endAll, failed, interrupted } from '../../verbs/end-open.ts'
import { endTurn, failTurn } from '../../verbs/end-turn.ts'
import { given } from '../../verbs/given.ts'
import { leave } from '../../verbs/leave.ts'
import { register } from '../../verbs/register.ts'
import { fetchMail } from '../../verbs/rename.ts'
import { shown } from '../../verbs/shown.ts'
import { waitingNotices } from '../../verbs/waiting-notices.ts'

/**
 * One event of a client's life: finds or makes the card of its process, then calls the verb of the event. Returns what
 * the hook is to print, if anything. Starts the courier when the process registers. mailbox-spec §7
 */
export function runHook(payload: unknown, env: Environment): string | undefined {
  for (const agent of AGENTS) {
    const heard = agent.readHook(payload, env)
    const answer = heard && hear(agent, heard.session, heard.event, env)
    if (heard !== undefined) return answer && agent.writeHook(payload, answer)
  }
  return undefined
}

function hear(agent: Agent, session: Session, event: HookEvent, env: Environment): HookAnswer | undefined {
  const mark = markOf(session.pid)
  if (mark === undefined) return undefined
  if (!isBelow(process.ppid, session.pid)) throw notBelow(session.pid)
  const starts = event.type === 'session-started'
  // A hook that outlives its session must not make a tree anew that has just been removed.
  const tree = starts ? openTree(env) : existingTree(env)
  if (tree === undefined) return undefined
  const known = starts ? undefined : cardOfProcess(tree, mark)
  const said = { name: env.REPOWIRE_NAME || undefined, circle: env.REPOWIRE_CIRCLE || undefined }
  const card = known ?? register(tree, { ...session, ...said, process: mark })
  fetchMail(tree, card)
  noteMode(tree, mark, session.mode, () => agent.mayBypass(card))
  const before = act(tree, card, event)
  // It may have got another name while this ran: then its mail has moved on under our hands.
  const now = cardOfProcess(tree, mark)
  const renamed = now !== undefined && now.address !== card.address
  const answer = (renamed ? act(tree, now, event) : undefined) ?? before
  // After the receipt is written: a courier that cannot be started must not cost it.
  if (event.type !== 'session-ended') startQuietly(tree, card)
  return answer
}

/** The environment says whose hook this is, and whatever a session starts inherits it: the ancestry must say the same. */
function notBelow(pid: number): RepowireError {
  return new RepowireError(
    'not-a-peer',
    `This hook says that it is one of process ${pid}, which did not start it.`,
    'Nothing was done. Only the client itself runs its hooks.',
  )
}

function startQuietly(tree: Tree, card: Card): void {
  try {
    ensureCourier(tree)
  } catch (error) {
    complain(tree, card.address, error)
  }
}

function act(tree: Tree, card: Card, event: HookEvent): HookAnswer | undefined {
  switch (event.type) {
    case 'session-started':
      return { context: welcome(card) }
    case 'prompted':
      beginTurn(tree, card, event.ofTask)
      return prompted(tree, card, event)
    case 'tool-used':
      return void shown(tree, card, event.result)
    case 'turn-ended':
      return remind(endTurn(tree, card, event.turn))
    case 'turn-failed':
      return void failTurn(tree, card, event.turn, failed(card, event.why))
    case 'session-cleared':
      return void endAll(tree, card, interrupted(card, event.why, 'session-end'))
    case 'session-ended':
      return void leave(tree, card, event.why)
  }
}

function welcome(card: Card): string {
  return `You are ${card.address} on repowire, where coding agents in other repositories can be asked.
To ask one what its code says, call ask_peer (list_peers shows who is there); answer a [repowire:… question …] from your own code.`
}

/** In our own words and never in a peer's: what a hook says has the authority of the system. */
function prompted(tree: Tree, card: Card, event: HookEvent & { type: 'prompted' }): HookAnswer | undefined {
  const closed = warnOfClosed(given(tree, card, { ...event, hook: 'prompt' }))
  const waiting = tellOfWaiting(waitingNotices(tree, card, event.text))
  const context = [closed, waiting].filter((words) => words !== undefined).join('\n')
  return context === '' ? undefined : { context }
}

function tellOfWaiting(count: number): string | undefined {
  if (count === 0) return undefined
  const notices = count === 1 ? 'One notice of another agent waits' : `${count} notices of other agents wait`
  return `repowire: ${notices} for you. Call the inbox tool to read when it suits your work; no answer is wanted.`
}

function warnOfClosed(ids: string[]): string | undefined {
  if (ids.length === 0) return undefined
  return `repowire: the question ${ids.join(', ')} in this prompt is closed: its asker got an outcome already. Do not answer it; nothing you say is sent back.`
}

function remind(ids: string[]): HookAnswer | undefined {
  if (ids.length === 0) return undefined
  const owed = ids.map((id) => `reply_peer with id "${id}"`).join(' and ')
  return {
    goOn: `repowire: you owe another agent an answer, and the final text of this turn is not sent to anyone by itself. Call ${owed}, giving your answer to that question only; or end the turn again to leave it unanswered.`,
  }
}
