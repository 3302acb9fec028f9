/** The text of a launchd agent. launchd.plist(5) */

import { RepowireError } from '../../protocol/errors.ts'
import { type Launch, MARK } from './launch.ts'

/**
 * The agent of this label that runs this command; a clean end is no reason to start it again. Errors: service-failed for a
 * path that XML cannot hold.
 */
export function propertyList(label: string, { words, environment, stderr }: Launch): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${MARK} -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key> ${string(label)}
  <key>ProgramArguments</key>
  <array>
    ${words.map(string).join('\n    ')}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    ${Object.entries(environment).map(entry).join('\n    ')}
  </dict>
  <key>StandardErrorPath</key> ${string(stderr)}
  <key>WorkingDirectory</key> ${string('/')}
  <key>Umask</key> <integer>${0o077}</integer>
  <key>RunAtLoad</key> <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key> <false/>
  </dict>
</dict>
</plist>
`
}

function entry([name, value]: [string, string]): string {
  return `<key>${escaped(name)}</key> ${string(value)}`
}

function string(text: string): string {
  return `<string>${escaped(text)}</string>`
}

const NAMED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }

function escaped(text: string): string {
  // XML 1.0 has no way to write these.
  if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text) && text.isWellFormed())
    return text.replace(/[&<>\r]/g, (character) => NAMED[character] as string)
  throw new RepowireError(
    'service-failed',
    `launchd cannot be told of ${JSON.stringify(text)}: XML does not hold such characters.`,
    'Install repowire in a directory whose path has none. Nothing was changed.',
  )
}
