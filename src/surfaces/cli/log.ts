import { excerpt } from '../../protocol/frame.ts'
import { type Entry, readJournal } from '../../spool/journal.ts'
import { showFresh } from './follow.ts'
import { localTime, say } from './print.ts'
import { whoLooks } from './speaker.ts'
import { withoutHeld } from './unheld.ts'

/** The journal of this host, oldest first; with `follow` also what is still to come, until interrupted. */
export async function logCommand(options: { follow: boolean; json: boolean }): Promise<number> {
  const { tree, me } = whoLooks()
  let shown = 0
  const fresh = () => {
    const entries = readJournal(tree)
    const rest = entries.slice(shown)
    shown = entries.length
    return withoutHeld(tree, me, rest)
  }
  const row = options.json ? (entry: Entry) => JSON.stringify(entry) : line
  await showFresh(fresh, (entries) => say(entries.map(row).join('\n')), options.follow)
  return 0
}

function line(entry: Entry): string {
  const { at, event, id, peer, ...more } = entry
  const details = Object.entries(more).map(
    ([name, value]) => `${name}=${excerpt(typeof value === 'string' ? value : JSON.stringify(value), 60)}`,
  )
  return [localTime(at), event.padEnd(10), peer, id ?? '-'.padEnd(27), ...details].join('  ').trimEnd()
}
