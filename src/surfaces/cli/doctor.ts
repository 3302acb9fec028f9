/** Everything that must be as it is for a question to arrive, looked at one after another; and one question that does. */

import { planSetUp, setUp, setUpState } from '../../agents/claude-code/set-up.ts'
import { ensureCourier } from '../../courier/start.ts'
import { explain } from '../../protocol/errors.ts'
import { locateTree, openTree } from '../../spool/tree.ts'
import { type Check, type Finding, type Patient, problem } from './doctor-check.ts'
import { lookAtHosts, lookAtShare } from './doctor-hosts.ts'
import {
  lookAtConfig,
  lookAtFileSystems,
  lookAtFiles,
  lookAtLinks,
  lookAtMailbox,
  lookAtState,
} from './doctor-places.ts'
import { lookAtClient, lookAtNode, lookAtSetUp, lookAtTmux } from './doctor-programs.ts'
import { lookAtCourier, lookAtMail, lookAtRoundTrip, lookAtSessions } from './doctor-traffic.ts'
import { EXIT } from './exit-codes.ts'
import { say, sayJson, table } from './print.ts'
import { thisInstall } from './set-up.ts'

/** In the order in which they are mended: set-up is written into a mailbox that is in order. */
const CHECKS: Check[] = [
  { name: 'node', look: lookAtNode },
  { name: 'tmux', look: lookAtTmux },
  { name: 'client', look: lookAtClient },
  { name: 'mailbox', look: lookAtMailbox },
  { name: 'state', look: lookAtState },
  { name: 'permissions', look: lookAtFiles },
  { name: 'links', look: lookAtLinks },
  { name: 'file system', look: lookAtFileSystems },
  { name: 'share', look: lookAtShare },
  { name: 'config.json', look: lookAtConfig },
  { name: 'set-up', look: lookAtSetUp },
  { name: 'courier', look: lookAtCourier },
  { name: 'sessions', look: lookAtSessions },
  { name: 'mail', look: lookAtMail },
]
const ROUND_TRIPS: Check[] = [
  { name: 'round trip', look: lookAtRoundTrip },
  { name: 'other hosts', look: lookAtHosts },
]

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const MARKS = { good: 'ok', warning: '!', problem: 'x' }

type DoctorOptions = { fix: boolean; quick: boolean; json: boolean }

type Named = Finding & { check: string }

/**
 * Prints what is in order and what is not; with `fix` mends first what it can. A round trip writes to a temporary
 * directory, which is gone afterwards; a question to each other host stays in done/. Without `fix` nothing else is changed. 0 where no problem is left.
 */
export async function doctorCommand({ fix, quick, json }: DoctorOptions): Promise<number> {
  const stop = new AbortController()
  for (const signal of SIGNALS) process.on(signal, () => stop.abort())
  try {
    const mended = fix ? await mend(await examine(CHECKS, stop.signal)) : []
    const findings = await examine(quick ? CHECKS : [...CHECKS, ...ROUND_TRIPS], stop.signal)
    if (json) sayJson(asJson(findings, mended))
    else say(inWords(findings, mended, fix))
    return count(findings, 'problem') > 0 ? EXIT.failed : EXIT.done
  } catch (error) {
    if (stop.signal.aborted) return EXIT.interrupted
    throw error
  }
}

async function examine(checks: Check[], signal: AbortSignal): Promise<Named[]> {
  const { env } = process
  const patient: Patient = { tree: locateTree(env), env, signal, setUpAgain }
  const findings: Named[] = []
  for (const check of checks) {
    signal.throwIfAborted()
    for (const finding of await lookQuietly(check, patient)) findings.push({ ...finding, check: check.name })
  }
  return findings
}

/** A check that cannot look has found a problem. */
async function lookQuietly({ look }: Check, patient: Patient): Promise<Finding[]> {
  try {
    return await look(patient)
  } catch (error) {
    patient.signal.throwIfAborted()
    return [problem(explain(error))]
  }
}

/** The way that was chosen before: hooks, or the plugin. What has to be left or replaced for it is said on stderr. */
async function setUpAgain(): Promise<void> {
  const tree = openTree(process.env)
  const { plugin } = setUpState(tree, process.env, thisInstall())
  const install = { ...thisInstall(), plugin: plugin.state !== 'missing' }
  const { warnings } = planSetUp(tree, process.env, install)
  for (const warning of warnings) process.stderr.write(`repowire: ${warning}\n`)
  await setUp(tree, process.env, install)
  ensureCourier(tree)
}

/** Runs each fix once; says on stderr which one failed, and returns what the others were for. */
async function mend(findings: Named[]): Promise<Named[]> {
  const done = new Map<unknown, boolean>()
  const sick = findings.filter(({ fix }) => fix !== undefined)
  for (const { fix } of sick) if (!done.has(fix)) done.set(fix, await succeeds(fix as () => unknown))
  return sick.filter(({ fix }) => done.get(fix))
}

async function succeeds(fix: () => unknown): Promise<boolean> {
  try {
    await fix()
    return true
  } catch (error) {
    process.stderr.write(`repowire: ${explain(error)}\n`)
    return false
  }
}

function count(findings: Finding[], verdict: Finding['verdict']): number {
  return findings.filter((finding) => finding.verdict === verdict).length
}

function asJson(findings: Named[], mended: Named[]): object {
  return {
    problems: count(findings, 'problem'),
    warnings: count(findings, 'warning'),
    fixed: mended.map(({ check, what }) => ({ check, what })),
    findings: findings.map(({ fix, ...finding }) => ({ ...finding, fixable: fix !== undefined })),
  }
}

function inWords(findings: Named[], mended: Named[], fix: boolean): string {
  const rows = findings.map(({ check, verdict, what, remedy }) => [
    MARKS[verdict],
    check,
    remedy === undefined ? what : `${what}. ${remedy}`,
  ])
  const before = mended.map(({ check, what }) => ['fixed', check, what])
  return `${table([...before, ...rows])}\n\n${closing(findings, fix)}`
}

function closing(findings: Named[], fix: boolean): string {
  const numbers = (['problem', 'warning'] as const).flatMap((verdict) => {
    const number = count(findings, verdict)
    return number === 0 ? [] : [`${number} ${verdict}${number === 1 ? '' : 's'}`]
  })
  if (numbers.length === 0) return 'Everything is as it should be.'
  const mendable = findings.filter((finding) => finding.fix !== undefined).length
  const hint = fix || mendable === 0 ? '' : ` repowire doctor --fix mends ${mendable} of them.`
  return `${numbers.join(', ')}.${hint}`
}
