/** Written in by the build; in a test that runs the sources they say so. */

declare const __VERSION__: string | undefined
declare const __BUILD__: string | undefined

export const VERSION = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0'
/** Differs between any two builds: a courier of another build is replaced. */
export const BUILD = typeof __BUILD__ === 'string' ? __BUILD__ : 'sources'

/** By the numbers of the two versions. Not by localeCompare: its first use loads ICU, which costs a hook nine milliseconds. */
export function isNewer(version: string, other: string): boolean {
  const [mine, theirs] = [version, other].map((text) => text.split(/[.-]/).map(Number))
  const at = mine?.findIndex((number, n) => number !== theirs?.[n]) ?? -1
  return at >= 0 && (mine?.[at] ?? 0) > (theirs?.[at] ?? 0)
}
