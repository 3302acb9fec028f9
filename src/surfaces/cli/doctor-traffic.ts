/** What runs and what waits: the courier, sessions that are no peers yet, mail, and one question that goes round. */

import { livingSessions } from '../../agents/claude-code/session-file.ts'
import { programSetUp } from '../../agents/claude-code/set-up.ts'
import { type CourierFile, isToBeReplaced, livingCourier } from '../../courier/courier-file.ts'
import { complaintsSince } from '../../courier/log.ts'
import { describePeers, type PeerView } from '../../courier/peers.ts'
import { stopCourier } from '../../courier/stop.ts'
import { BUILD, VERSION } from '../../protocol/version.ts'
import { cardsOfHost } from '../../spool/cards.ts'
import { liveness } from '../../spool/process.ts'
import { age, scan } from '../../spool/scan.ts'
import { inState, type Tree } from '../../spool/tree.ts'
import { startCourier } from './daemon.ts'
import { type Finding, good, type Patient, problem, warning } from './doctor-check.ts'
import { tmuxVersion } from './doctor-programs.ts'
import { homely, localTime, spinner } from './print.ts'
import { roundTrip } from './round-trip.ts'

const DAY_MS = 86_400_000
const LONG_MS = 600_000

export function lookAtCourier({ tree }: Patient): Finding[] {
  return [judgeCourier(tree, livingCourier(tree)), ...complaintsIn(tree)]
}

function judgeCourier(tree: Tree, courier: CourierFile | undefined): Finding {
  if (courier === undefined) return good('none runs; the next session or question starts one')
  const what = `version ${courier.version}, pid ${courier.process.pid}`
  if (courier.build === BUILD) return good(what)
  const restart = async () => {
    await stopCourier(tree)
    await startCourier(tree)
  }
  const how = 'Run: repowire daemon stop, then repowire daemon start.'
  if (isToBeReplaced(courier)) return problem(`${what} is of an older build than this program`, how, restart)
  const other = `${what} is of another installation (${homely(courier.program)}; this is ${VERSION})`
  return warning(other, 'Keep one of the two.')
}

function complaintsIn(tree: Tree): Finding[] {
  const complaints = complaintsSince(tree, Date.now() - DAY_MS)
  const last = complaints.at(-1)
  if (last === undefined) return []
  const count = complaints.length === 1 ? 'one error' : `${complaints.length} errors`
  const what = `${count} within a day, the last at ${localTime(last.at)}: ${last.what}`
  return [warning(what, `See: ${homely(inState(tree, 'courier.log'))}`)]
}

/** A session reads its hooks when it starts: one that ran before set-up has none. */
export function lookAtSessions({ tree, env }: Patient): Finding[] {
  if (programSetUp(tree, env) === undefined) return []
  const cards = cardsOfHost(tree).filter((card) => liveness(card.process) !== 'dead')
  const known = new Set(cards.map((card) => card.process.pid))
  const sessions = livingSessions(env)
  const strangers = sessions.filter(({ pid }) => !known.has(pid))
  if (strangers.length === 0) return [good(`${sessions.length} run, and each is a peer`)]
  return strangers.map(({ pid, directory }) =>
    warning(
      `the session in ${homely(directory)} (pid ${pid}) is no peer: it was started before set-up`,
      `Restart claude in ${homely(directory)}.`,
    ),
  )
}

export async function lookAtMail({ tree }: Patient): Promise<Finding[]> {
  const peers = (await describePeers(tree)).filter(({ agent }) => agent !== 'person')
  const waiting = peers.flatMap((peer) => waitsLong(tree, peer) ?? [])
  return waiting.length > 0 ? waiting : [good('none waits for long')]
}

function waitsLong(tree: Tree, { address, held }: PeerView): Finding | undefined {
  const ages = scan(tree, address, 'new').map(({ file }) => age(tree, address, 'new', file) ?? 0)
  const late = ages.filter((one) => one > LONG_MS)
  if (late.length === 0) return undefined
  const count = late.length === 1 ? 'one message waits' : `${late.length} messages wait`
  const since = localTime(new Date(Date.now() - Math.max(...late)).toISOString())
  const why = held === undefined ? '' : `, because ${held}`
  return warning(`${count} for ${address}, since ${since}${why}`, `See: repowire inbox ${address}`)
}

/** Errors: only where the signal has aborted. */
export async function lookAtRoundTrip({ signal }: Patient): Promise<Finding[]> {
  if ((await tmuxVersion()) === undefined) return [warning('not tried, for there is no tmux')]
  const line = spinner(
    async () => 'asking a rehearsal agent in a private tmux',
    async () => undefined,
  )
  try {
    return [good(`a question was typed into a private pane and answered in ${await roundTrip(signal)} ms`)]
  } catch (error) {
    signal.throwIfAborted()
    return [problem((error as Error).message, 'Run: repowire demo, which shows what the panes say.')]
  } finally {
    line.stop()
  }
}
