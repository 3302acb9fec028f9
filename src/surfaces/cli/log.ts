import { excerpt } from '../../protocol/frame.ts'
import { makeHints } from '../../spool/hints.ts'
import { type Entry, readJournal } from '../../spool/journal.ts'
import { lookTree } from '../../spool/tree.ts'
import { localTime, say } from './print.ts'

const LOOK_MS = 300

/** The journal of this host, oldest first; with `follow` also what is still to come, until interrupted. */
export async function logCommand(options: { follow: boolean; json: boolean }): Promise<number> {
  const tree = lookTree(process.env)
  const show = (entries: Entry[]) =>
    entries.length > 0 && say(entries.map(options.json ? (entry) => JSON.stringify(entry) : line).join('\n'))
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const hints = makeHints()
  let shown = 0
  do {
    const entries = readJournal(tree)
    show(entries.slice(shown))
    shown = entries.length
    if (options.follow) await hints.wait(LOOK_MS, stop.signal)
  } while (options.follow && !stop.signal.aborted)
  return 0
}

function line(entry: Entry): string {
  const { at, event, id, peer, ...more } = entry
  const details = Object.entries(more).map(
    ([name, value]) => `${name}=${excerpt(typeof value === 'string' ? value : JSON.stringify(value), 60)}`,
  )
  return [localTime(at), event.padEnd(10), peer, id ?? '-'.padEnd(27), ...details].join('  ').trimEnd()
}
