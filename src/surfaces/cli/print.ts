/** What people read: columns, times, and a line on stderr while something is waited for. */

import { isOwn } from '../../spool/own-label.ts'
import type { Tree } from '../../spool/tree.ts'

/** Rows as columns; the last one is not padded. */
export function table(rows: string[][]): string {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, at) => Math.max(most[at] ?? 0, cell.length)),
    [],
  )
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function say(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

export function sayJson(value: unknown): void {
  say(JSON.stringify(value, undefined, 2))
}

/**
 * Says on stderr what is waited for. On a terminal it is one line with the time, which `stop` wipes; else only `note`,
 * once, where there is one.
 */
export function spinner(
  what: () => Promise<string>,
  note: () => Promise<string | undefined>,
): { stop(): void } {
  const screen = process.stderr
  if (!screen.isTTY) return plainly(note)
  const start = Date.now()
  let stopped = false
  const show = async () => {
    const text = await what()
    if (!stopped) screen.write(`\r\x1b[K${text} (${Math.round((Date.now() - start) / 1000)} s)`)
  }
  void show()
  const timer = setInterval(show, 1_000)
  return {
    stop: () => {
      stopped = true
      clearInterval(timer)
      screen.write('\r\x1b[K')
    },
  }
}

function plainly(note: () => Promise<string | undefined>): { stop(): void } {
  const look = async () => {
    const text = await note()
    if (text === undefined) return
    clearInterval(timer)
    process.stderr.write(`repowire: ${text}\n`)
  }
  const timer = setInterval(look, 1_000)
  return { stop: () => clearInterval(timer) }
}

/** The day and the time of this host's clock and zone; with `exact` to the millisecond. */
export function localTime(at: string, exact = false): string {
  const local = new Date(new Date(at).getTime() - new Date(at).getTimezoneOffset() * 60_000)
  return local
    .toISOString()
    .slice(0, exact ? 23 : 19)
    .replace('T', ' ')
}

/** A path as its owner reads it. */
export function homely(path: string): string {
  const home = process.env.HOME
  return home !== undefined && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

/** A command as it can be typed into a POSIX shell. */
export function wordsForShell(words: string[]): string {
  const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(' ')
}

/** For the place of a message in a mailbox: another host moves it, and the moves show late. mailbox-spec §6.1 */
export function asOf(tree: Tree, mailbox: string): string {
  return isOwn(tree, mailbox) ? '' : ', as of the last sync'
}
