/** Written in by the build; in a test that runs the sources they say so. */

declare const __VERSION__: string | undefined
declare const __BUILD__: string | undefined

export const VERSION = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0'
/** Differs between any two builds: a courier of another build is replaced. */
export const BUILD = typeof __BUILD__ === 'string' ? __BUILD__ : 'sources'
