import type { LogLine } from '../../courier/log.ts'
import { makeLogReader } from '../../courier/log-reader.ts'
import { harmless } from '../../protocol/frame.ts'
import type { Tree } from '../../spool/tree.ts'
import { EXIT } from './exit-codes.ts'
import { showFresh } from './follow.ts'
import { localTime, say } from './print.ts'

/** The courier's log, oldest first; with `follow` also what is still to come, until interrupted. */
export async function daemonLogs(tree: Tree, options: { follow: boolean; json: boolean }): Promise<number> {
  const read = makeLogReader(tree)
  const row = options.json ? (line: LogLine) => JSON.stringify(line) : inWords
  const lines = read()
  if (lines.length === 0) process.stderr.write('repowire: no courier has written a log yet\n')
  const fresh = () => [...lines.splice(0), ...read()]
  await showFresh(fresh, (some) => say(some.map(row).join('\n')), options.follow)
  return EXIT.done
}

/** A crash tells its story in several lines. */
function inWords({ at, level, peer, what }: LogLine): string {
  const time = Number.isNaN(Date.parse(at)) ? '-'.padEnd(19) : localTime(at)
  return [time, level.padEnd(5), peer ?? '-', harmless(what).replaceAll('\n', '\n    ')].join('  ')
}
