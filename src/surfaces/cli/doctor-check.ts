/** A check of the doctor is a value, and so is what it finds. */

import type { Tree } from '../../spool/tree.ts'

export type Verdict = 'good' | 'warning' | 'problem'

/** Mends what was found; rejects with why it cannot. */
export type Fix = () => unknown

/** `what`: a clause without a full stop. `remedy`: sentences. A warning is not as it should be, and nothing fails by it. */
export type Finding = { verdict: Verdict; what: string; remedy?: string; fix?: Fix }

/** `setUpAgain`: the same for every check, so that it is done once. */
export type Patient = { tree: Tree; env: NodeJS.ProcessEnv; signal: AbortSignal; setUpAgain: Fix }

export type Check = { name: string; look(patient: Patient): Finding[] | Promise<Finding[]> }

export function good(what: string): Finding {
  return { verdict: 'good', what }
}

export function warning(what: string, remedy?: string, fix?: Fix): Finding {
  return { verdict: 'warning', what, ...(remedy && { remedy }), ...(fix && { fix }) }
}

export function problem(what: string, remedy?: string, fix?: Fix): Finding {
  return { verdict: 'problem', what, ...(remedy && { remedy }), ...(fix && { fix }) }
}
