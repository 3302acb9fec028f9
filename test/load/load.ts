/**
 * Many peers and many messages, judged by counts: a courier that is killed, one that is stopped for a while, one that may watch next to
 * nothing, and one with little to do for long. Every message is to arrive, and once. mailbox-spec §2.2, §10
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../world.ts'
import { type Cost, type Office, openOffice, whyNoLimit } from './office.ts'
import { openTown, type Place, type Town } from './town.ts'

export type Plan = Place & {
  messages: number
  /** The courier is stopped for so long at least, and while three tenths of the messages are written. */
  stoppedMs: number
  /** Nothing at all arrives for so long: what has not is lost. */
  silenceMs: number
  soakMs: number
  say(what: string): void
}

export type Outcome = {
  sent: number
  lost: number
  twice: number
  strange: number
  /** What had not arrived when nothing came any more, although a courier had been started for it. */
  behind: number
  /** What lies in new/, cur/ and open/ at the end. */
  left: number
  /** What waited for the courier when it went on, and when another one was started. */
  waited: { stopped: number; killed: number }
  /** `said`: undefined where it cannot be tried. `watches`: of a courier without that limit. */
  fallback: { watches: number; said?: boolean; left_out?: string }
  cost: { early: Cost; late: Cost; soak: Cost[] }
  times: { publish: number[]; delivery: number[]; bare: number[]; seconds: number }
}

const SOAK_EVERY_MS = 250
const COST_EVERY_MS = 5_000

export async function load(plan: Plan): Promise<Outcome> {
  plan.say(`${plan.peers} peers, ${plan.writers} writers`)
  const town = await openTown(plan)
  process.prependListener('exit', town.close)
  try {
    return await run(plan, town)
  } finally {
    town.close()
    process.off('exit', town.close)
  }
}

async function run(plan: Plan, town: Town): Promise<Outcome> {
  const open = () => openOffice(plan.program, town.env, town.children)
  const first = await open()
  const start = performance.now()
  town.write(plan.messages)
  const early = await costAt(plan, town, first, 0.3)
  const stopped = await standStill(plan, town, first)
  const late = await costAt(plan, town, first, 0.9)
  const killed = await goWithout(plan, town, first)
  const seconds = (performance.now() - start) / 1_000
  const office = await open()
  const behind = await all(plan, town)
  plan.say(`what waited has arrived, but for ${behind}`)
  const { publish, delivery, bare } = town.ledger
  const times = { publish: [...publish], delivery: [...delivery], bare: [...bare], seconds }
  const soak = await soakFor(plan, town, office)
  const watches = office.watches()
  await office.kill()
  const fallback = { watches, ...(await listInstead(plan, town)) }
  return {
    ...{ behind, ...balance(town) },
    ...{ waited: { stopped, killed }, fallback, cost: { early, late, soak }, times },
  }
}

/** There is no courier while the last are written, and the next one is told of none of them. */
async function goWithout(plan: Plan, town: Town, office: Office): Promise<number> {
  await office.kill()
  plan.say('the courier is killed')
  await sent(town, plan.messages)
  const waiting = town.waiting('new', 'sessions')
  plan.say(`another one is started, ${waiting} messages wait for it`)
  return waiting
}

async function standStill(plan: Plan, town: Town, office: Office): Promise<number> {
  await sent(town, plan.messages * 0.4)
  office.stop()
  plan.say('the courier is stopped')
  await Promise.all([sent(town, plan.messages * 0.7), sleep(plan.stoppedMs)])
  const waiting = town.waiting('new', 'sessions')
  office.goOn()
  plan.say(`the courier goes on, ${waiting} messages wait for it`)
  return waiting
}

async function costAt(plan: Plan, town: Town, office: Office, part: number): Promise<Cost> {
  await sent(town, plan.messages * part)
  return office.cost()
}

async function soakFor(plan: Plan, town: Town, office: Office): Promise<Cost[]> {
  const costs: Cost[] = []
  const start = performance.now()
  for (let next = start; performance.now() - start < plan.soakMs; ) {
    town.write(1)
    if (performance.now() >= next) {
      costs.push(office.cost())
      next += COST_EVERY_MS
    }
    await sleep(SOAK_EVERY_MS)
  }
  await all(plan, town)
  return costs
}

/** A courier that may watch next to nothing says so, and everything arrives all the same. */
async function listInstead(plan: Plan, town: Town): Promise<{ said?: boolean; left_out?: string }> {
  const left_out = whyNoLimit()
  if (left_out !== undefined) return { left_out }
  plan.say('a courier that may watch next to nothing')
  const few = Math.ceil(plan.messages / 20)
  const office = await openOffice(plan.program, town.env, town.children, true)
  await until(() => office.watches() > 0 || office.says('not-watched'))
  const before = town.ledger.sent.size
  town.write(few)
  await sent(town, before + few)
  await all(plan, town)
  await until(() => office.watches() === 0 || office.says('not-watched'))
  const said = office.says('not-watched')
  await office.kill()
  return { said }
}

async function sent({ ledger }: Town, count: number): Promise<void> {
  await until(() => ledger.sent.size >= count)
}

/** Everything that was sent is taken, or nothing more comes: returns how many are missing. */
async function all({ silenceMs }: Plan, { ledger: { sent, taken } }: Town): Promise<number> {
  let last = { size: 0, at: performance.now() }
  const missing = () => sent.size - taken.size
  await until(() => {
    if (taken.size !== last.size) last = { size: taken.size, at: performance.now() }
    return missing() === 0 || performance.now() - last.at > silenceMs
  })
  return missing()
}

function balance({ ledger: { sent, taken }, waiting }: Town) {
  return {
    sent: sent.size,
    lost: [...sent.keys()].filter((id) => !taken.has(id)).length,
    twice: [...taken.values()].filter((times) => times > 1).length,
    strange: [...taken.keys()].filter((id) => !sent.has(id)).length,
    left: waiting('new') + waiting('cur') + waiting('open'),
  }
}
