/** What the demonstration prints: the panes as they look, and the files that the exchange has become. */

import * as path from 'node:path'
import { listByKind, readText } from '../../spool/disk.ts'
import { say } from './print.ts'

/** Both panes, and the files below inbox/, at one time. */
export type Moment = { asker: string; asked: string; files: string[] }

/** What goes on, on stderr. */
export function tell(what: string): void {
  process.stderr.write(`demo: ${what}\n`)
}

/** The files below inbox/, as `find inbox -type f | sort` says it. */
export function filesBelow(root: string, directory = 'inbox'): string[] {
  const { files, directories } = listByKind(path.join(root, directory))
  const here = files.map((file) => `${directory}/${file}`)
  return [...here, ...directories.flatMap((name) => filesBelow(root, `${directory}/${name}`))].sort()
}

/** Everything at the end, on stdout. */
export function tellAll(root: string, colours: boolean, asked: Moment, answered: Moment): void {
  const style = styleFor(colours)
  const [query, reply] = ['.query.json', '.reply.json'].map(
    (end) => answered.files.find((file) => file.endsWith(end)) ?? '',
  )
  const parts = [
    pane(style, 'shop-frontend: it asks with the MCP tool ask_peer, and the call waits', asked.asker),
    pane(style, 'shop-backend: the courier has typed the question, a hook has seen it', asked.asked),
    pane(style, 'shop-backend: it has answered from its own files', answered.asked),
    pane(style, 'shop-frontend: the call has returned the answer', answered.asker),
    find(
      style,
      'A message is a file; its state is the directory it is in. While shop-backend was at work:',
      asked.files,
    ),
    find(style, 'And now: answered, and shown to the one who asked.', answered.files),
    cat(style, "The question, as shop-frontend's MCP server published it:", root, query as string),
    cat(style, "The answer, as shop-backend's Stop hook published it:", root, reply as string),
    'Next: "repowire setup" lets your own Claude Code sessions ask each other.',
  ]
  say(`\n${parts.join('\n\n')}\n`)
}

type Style = { strong(text: string): string; faint(text: string): string; row(text: string): string }

function styleFor(colours: boolean): Style {
  const between = (code: string) => (text: string) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text)
  return { strong: between('1'), faint: between('2'), row: (text) => (colours ? `${text}\x1b[0m` : text) }
}

/** A screen behind a bar; of empty rows that follow each other one is shown, and none at the end. */
function pane({ strong, faint, row }: Style, title: string, screen: string): string {
  const isBlank = (text: string | undefined) => text?.replace(/\x1b\[[0-9;:]*m/g, '').trim() === ''
  const rows = screen
    .trimEnd()
    .split('\n')
    .filter((text, n, all) => !isBlank(text) || !isBlank(all[n + 1]))
  return [strong(title), ...rows.map((text) => `${faint('│')} ${row(text)}`.trimEnd())].join('\n')
}

function find({ strong, faint }: Style, comment: string, files: string[]): string {
  return [faint(`# ${comment}`), strong('$ find inbox -type f | sort'), ...files].join('\n')
}

function cat({ strong, faint }: Style, comment: string, root: string, file: string): string {
  return [faint(`# ${comment}`), strong(`$ cat ${file}`), readText(path.join(root, file))?.trimEnd()].join(
    '\n',
  )
}
