/**
 * Counts the calls of node:fs, and stops before each. Loaded before everything else, so that whoever takes
 * node:fs gets these functions. What node:fs calls inside of one of its own functions belongs to that call.
 */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join, relative } from 'node:path'

/** `at`: file:line:column of the innermost call site in src/spool. `chain`: file.function, innermost first. */
export type Call = { name: string; at?: string; chain: string[] }

/** `before`: is told of each call, and its number from 1 on, before it is made. */
type Count = { calls: Call[]; before: (call: Call, n: number) => void }

type Act = (...given: unknown[]) => unknown

const SRC = join(__dirname, '../../src')

let count: Count | undefined
let depth = 0

for (const [name, real] of Object.entries(fs)) {
  if (typeof real === 'function' && /^[a-z]/.test(name))
    Object.assign(fs, { [name]: watched(name, real as Act) })
}
syncBuiltinESMExports()

/** The calls that `act` makes, where it lives to the end. */
export async function counted(before: Count['before'], act: () => unknown): Promise<Call[]> {
  const calls: Call[] = []
  count = { calls, before }
  await act()
  count = undefined
  return calls
}

function watched(name: string, real: Act): Act {
  const call = function (this: unknown, ...given: unknown[]) {
    if (depth === 0 && count !== undefined) reach(count, name)
    depth += 1
    try {
      return real.apply(this, given)
    } finally {
      depth -= 1
    }
  }
  return Object.assign(call, real)
}

function reach(now: Count, name: string): void {
  count = undefined
  const sites = stack().filter((site) => site.getFileName() !== __filename)
  if (!isOfNode(sites[0])) note(now, { name, ...whence(sites) })
  count = now
}

/** Modules are loaded by the same functions: that is no call of the program's. */
function isOfNode(site: NodeJS.CallSite | undefined): boolean {
  return site?.getFileName()?.startsWith('node:') ?? true
}

function note({ calls, before }: Count, call: Call): void {
  calls.push(call)
  before(call, calls.length)
}

function whence(all: NodeJS.CallSite[]): Omit<Call, 'name'> {
  const sites = all.map((site) => ({ site, file: relative(SRC, site.getFileName() ?? '') }))
  const inner = sites.find(({ file }) => file.startsWith('spool/'))
  const ours = sites.filter(({ file }) => /^(spool|verbs)\//.test(file))
  return {
    ...(inner && { at: `${inner.file}:${inner.site.getLineNumber()}:${inner.site.getColumnNumber()}` }),
    chain: ours.flatMap(({ file, site }) => {
      const name = site.getFunctionName()
      return name === null ? [] : [`${file.replace('.js', '')}.${name}`]
    }),
  }
}

function stack(): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  Error.stackTraceLimit = 60
  Error.prepareStackTrace = (_error, sites) => sites
  const sites = new Error().stack as unknown as NodeJS.CallSite[]
  Object.assign(Error, { prepareStackTrace, stackTraceLimit })
  return sites
}
