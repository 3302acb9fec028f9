/** What the logs of all peers say: of each question, how often it was handed over and how often its answer was consumed. */

import type { Host } from './host.ts'
import type { Line } from './peer.ts'

/**
 * `forced`: consumed twice because its peer was killed between being given the answer and saying so, which nobody can tell from a first
 * time. `unsaid`: the journal says that it was consumed, and the peer was killed before it could.
 */
export type Verdict = {
  asked: number
  refused: number
  answered: number
  gone: number
  once: number
  handedTwice: string[]
  consumedTwice: string[]
  forced: string[]
  unsaid: string[]
  lost: string[]
  wrong: string[]
  told: number
  toldTwice: string[]
  failed: Record<string, number>
}

type Seen = { peer: string; line: Line }

export function judge(hosts: Host[], questions: string[]): Verdict {
  const seen = hosts.flatMap(({ peers }) =>
    peers.flatMap((peer) => peer.lines().map((line) => ({ peer: peer.address, line }))),
  )
  const of = (event: Line['event']) => seen.filter(({ line }) => line.event === event)
  const journals = hosts.flatMap((host) => host.journal())
  // Not by the log: a peer may be killed between the call and its line.
  const begun = journals.filter(({ event }) => event === 'asked')
  const ids = new Map(begun.map(({ body, id }) => [String(body), String(id)]))
  const [got, done, handed] = [of('got'), of('consumed'), of('handed')]
  const asked = questions.filter((body) => ids.has(body))
  const times = (body: string) => got.filter(({ line }) => line.id === ids.get(body))
  const unsaid = asked.filter((body) => times(body).length === 0 && isConsumed(journals, ids.get(body)))
  const twice = asked.filter((body) => times(body).length > 1)
  const forced = twice.filter((body) => isForced(times(body), done))
  const told = of('told').map(({ peer, line }) => `${peer} ${line.id}`)
  const answers = of('answered')
  return {
    asked: asked.length,
    refused: of('refused').length,
    answered: got.filter(({ line }) => line.outcome === 'answered').length,
    gone: got.filter(({ line }) => line.outcome !== 'answered').length,
    once: asked.filter((body) => times(body).length === 1).length,
    handedTwice: repeated(handed.map(({ line }) => String(line.body))),
    consumedTwice: twice.filter((body) => !forced.includes(body)),
    forced,
    unsaid,
    lost: asked.filter((body) => times(body).length === 0 && !unsaid.includes(body)),
    wrong: asked.filter((body) => times(body).some((one) => isWrong(one, body, answers))),
    told: told.length,
    toldTwice: repeated(told),
    failed: countOf(of('failed').map(({ line }) => `${String(line.what).split(' ')[0]}: ${line.code}`)),
  }
}

/** All but the last time its process was killed before it had said that it was consumed. */
function isForced(times: Seen[], done: Seen[]): boolean {
  const isSaid = ({ line }: Seen) =>
    done.some((other) => other.line.id === line.id && other.line.pid === line.pid)
  return times.slice(0, -1).every((one) => !isSaid(one))
}

/** An answer begins with its question, and is the one that was given. */
function isWrong({ line }: Seen, body: string, answers: Seen[]): boolean {
  if (line.outcome !== 'answered') return false
  const given = answers.filter((answer) => answer.line.id === line.id)
  const same = given.length === 0 || given.some((answer) => answer.line.body === line.body)
  return !same || !String(line.body).startsWith(`${body} `)
}

function isConsumed(journal: { event: string; id?: string }[], id: string | undefined): boolean {
  return journal.some((entry) => entry.id === id && entry.event === 'consumed')
}

function repeated(all: string[]): string[] {
  return [...new Set(all.filter((one, at) => all.indexOf(one) !== at))]
}

function countOf(all: string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const one of all) counts[one] = (counts[one] ?? 0) + 1
  return counts
}

/** How long the answers took that somebody waited for, in ms, in order. */
export function timesOf(hosts: Host[]): number[] {
  const lines = hosts.flatMap(({ peers }) => peers.flatMap((peer) => peer.lines()))
  return lines.flatMap(({ ms }) => (typeof ms === 'number' ? [ms] : [])).sort((a, b) => a - b)
}
