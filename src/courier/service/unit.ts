/** The text of a systemd unit. systemd.service(5), systemd.syntax(7) */

import { type Launch, MARK } from './launch.ts'

/** The unit that runs this command for a user; a clean end is no reason to start it again. */
export function unitText({ words, environment }: Launch): string {
  return `# ${MARK}
[Unit]
Description=repowire courier

[Service]
ExecStart=${command(words)}
${Object.entries(environment).map(assignment).join('\n')}
WorkingDirectory=/
UMask=0077
Restart=on-failure
RestartSec=1

[Install]
WantedBy=default.target
`
}

// Of the executable alone, systemd takes no path with one of these; and only there a dollar stands for itself.
const REFUSED = /["'\\\u0000-\u001f\u007f]/

function command([executable = '', ...words]: string[]): string {
  const started = REFUSED.test(executable)
    ? ['/bin/sh', '-c', argument('exec "$0" "$@"'), argument(executable)]
    : [quoted(executable)]
  return [...started, ...words.map(argument)].join(' ')
}

function argument(word: string): string {
  return quoted(word).replaceAll('$', '$$$$')
}

function assignment([name, value]: [string, string]): string {
  return `Environment=${quoted(`${name}=${value}`)}`
}

function quoted(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/[\u0000-\u001f\u007f]/g, hexadecimal)
  return `"${escaped.replaceAll('%', '%%')}"`
}

function hexadecimal(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
