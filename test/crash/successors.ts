/** Who comes next: whoever does it again, the courier in its rounds, and the next process of a directory. */

import { attend } from '../../src/courier/attend.ts'
import { RepowireError } from '../../src/protocol/errors.ts'
import { cardsOfHost } from '../../src/spool/cards.ts'
import { liveness } from '../../src/spool/process.ts'
import { reconcile } from '../../src/verbs/reconcile.ts'
import { register } from '../../src/verbs/register.ts'
import { sortOut } from '../../src/verbs/vouch.ts'
import type { Town } from './acts/town.ts'
import { type ActName, acts } from './acts.ts'
import type { Cast } from './cast.ts'
import type { Successor } from './scenario.ts'

/** A living process does this; that there is nothing left to do is no error. */
export function doing(act: ActName, { completes = true } = {}): Successor {
  return { who: `a process that does: ${act}`, completes, recover: (town, cast) => perform(act, town, cast) }
}

async function perform(act: ActName, town: Town, { heir }: Cast): Promise<void> {
  try {
    await acts[act]({ ...town, own: heir })
  } catch (error) {
    if (!(error instanceof RepowireError)) throw error
  }
}

/** A courier that has just started. */
export const courier: Successor = { who: 'the courier', completes: false, recover: makeRounds }

/** One after the other; the last one makes it whole. */
export function inTurn(...successors: Successor[]): Successor {
  const who = successors.map((each) => each.who).join(', and then ')
  const recover: Successor['recover'] = async (town, cast) => {
    for (const each of successors) await each.recover(town, cast)
  }
  return { who, completes: true, recover }
}

/** The same, where all that it needs is there from the first. */
export const courierAlone: Successor = { ...courier, completes: true }

async function makeRounds({ tree }: Town): Promise<void> {
  sortOut(tree)
  reconcile(tree, new Set())
  for (const card of cardsOfHost(tree)) {
    await attend(tree, card, { attempts: new Map(), typedBefore: new Set(), known: new Map() })
  }
}

/** The next process of each directory whose process is over. */
export const heir: Successor = {
  who: 'the next process of its directory',
  completes: false,
  recover: inherit,
}

function inherit({ tree }: Town, cast: Cast): void {
  const over = cardsOfHost(tree).filter(
    ({ agent, process }) => agent !== 'person' && liveness(process) === 'dead',
  )
  for (const { directory } of over) register(tree, { agent: 'other', process: cast.heir, directory })
}
