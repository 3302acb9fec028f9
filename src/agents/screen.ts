/** A captured screen with its SGR escapes. */

const ESCAPE = /\x1b\[([0-9;:]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|[\x0e\x0f]/g

export function plainText(screen: string): string {
  return screen.replace(ESCAPE, '').replaceAll('\u00a0', ' ')
}

/**
 * The same rows without what is shown dim: hints and placeholders of the client, which nobody typed. The whole screen
 * at once, since tmux carries a colour over the end of a row.
 */
export function undimmedText(screen: string): string {
  let dim = false
  let text = ''
  let end = 0
  const take = (part: string) => (dim ? part.replace(/[^\n]/g, '') : part)
  for (const match of screen.matchAll(ESCAPE)) {
    text += take(screen.slice(end, match.index))
    end = match.index + match[0].length
    if (match[2] === 'm') dim = isDim(match[1] ?? '', dim)
  }
  return plainText(text + take(screen.slice(end)))
}

function isDim(parameters: string, before: boolean): boolean {
  let dim = before
  const codes = parameters.split(';')
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at]
    if (code === '38' || code === '48')
      at += codes[at + 1] === '5' ? 2 : 4 // a colour's own numbers
    else if (code === '2') dim = true
    else if (code === '' || code === '0' || code === '22') dim = false
  }
  return dim
}
