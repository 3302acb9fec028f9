/** One line of a log that several processes append to. */

/** The object in it, or undefined. What a crash tore has no newline, so the next entry stands behind it on the same line. */
export function objectIn(line: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    const next = line.lastIndexOf('{"at":"') // inside of a text its quotes would be escaped
    return next > 0 ? objectIn(line.slice(next)) : undefined
  }
}
