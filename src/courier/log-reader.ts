/** Reading courier.log, also while it is written and renamed. */

import { objectIn } from '../protocol/line.ts'
import { fileSize, readText, writtenAt } from '../spool/disk.ts'
import { inState, type Tree } from '../spool/tree.ts'
import { LOGS, type LogLine, lastWords } from './log.ts'

/** Returns what the log has got since the last call, oldest first; the first call returns all of it. Reads only. */
export function makeLogReader(tree: Tree): () => LogLine[] {
  const read = makeFilesReader(LOGS.map((name) => inState(tree, name)))
  const told = new Set<string>()
  // Last words are told when they are found, and not again when the next courier has taken them into the log.
  const isNew = (line: LogLine) => {
    const text = JSON.stringify(line)
    if (line.code === 'stderr' && told.has(text)) return false
    told.add(line.code === 'stderr' ? text : '')
    return true
  }
  return () => [...read().map(lineIn), ...[lastWords(tree) ?? []].flat()].filter(isNew)
}

/** A file is known by its first line: it is renamed, and the number of its inode is used again. */
function makeFilesReader(files: string[]): () => string[] {
  const known = new Map<string, number>()
  let before = ''
  return () => {
    const now = files.map((file) => `${fileSize(file)} ${writtenAt(file)}`).join()
    if (now === before) return []
    before = now
    // The newest first: one that is renamed meanwhile is then read twice, and not passed over.
    return files
      .map((file) => unread(readText(file) ?? '', known))
      .reverse()
      .flat()
  }
}

function unread(text: string, known: Map<string, number>): string[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const first = whole.slice(0, whole.indexOf('\n'))
  const rest = whole.slice(known.get(first) ?? 0)
  known.set(first, whole.length)
  return rest.split('\n').filter((line) => line !== '')
}

/** Bears a line of an earlier version, and one that is not ours. */
function lineIn(line: string): LogLine {
  return { at: '', level: 'error', code: 'unexpected', what: line, ...objectIn(line) }
}
