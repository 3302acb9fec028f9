/** Everything below a directory, as it lies there now. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessMark } from '../../src/protocol/card.ts'
import { parseFileName, type State } from '../../src/protocol/layout.ts'
import { type Message, parseMessage } from '../../src/protocol/message.ts'

/** A directory's path ends with a slash. */
export type File = { path: string; text: string; mode: number }

/** A file in a state directory. `message`: only where name, directory and fields agree. mailbox-spec §4 */
export type Letter = File & { address: string; state: State; file: string; message?: Message }

export function readDisk(dir: string): File[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name)
      const text = entry.isDirectory() ? '' : readFileSync(file, 'utf8')
      const path = file.slice(dir.length + 1) + (entry.isDirectory() ? '/' : '')
      return { path, text, mode: statSync(file).mode & 0o777 }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

export function lettersOn(disk: File[]): Letter[] {
  return disk.flatMap((it) => {
    const [, address, state, file] = it.path.match(/^root\/inbox\/([^/]+)\/([a-z]+)\/(.+)$/) ?? []
    if (address === undefined || file === undefined || state === 'asks') return []
    const message = messageIn(it.text, file)
    const right = message !== undefined && nowOf(disk, message.to) === nowOf(disk, address)
    return [{ ...it, address, state: state as State, file, ...(right && { message }) }]
  })
}

function messageIn(text: string, file: string): Message | undefined {
  const parsed = parseMessage(Buffer.from(text))
  const name = parseFileName(file)
  if (!('message' in parsed)) return undefined
  return parsed.message.id === name?.id && parsed.message.kind === name.kind ? parsed.message : undefined
}

/** An address or, of an alias, that of its card's new name. mailbox-spec §5.2 */
export function nowOf(disk: File[], address: string, seen: string[] = []): string {
  const card = disk.find(({ path }) => path === `root/peers/${address}.json`)
  const renamed = fieldsOf(card?.text ?? '').renamed
  // Back and forth: for a moment two cards lead to each other.
  const on = typeof renamed === 'string' && !seen.includes(renamed)
  return on ? nowOf(disk, renamed, [...seen, address]) : address
}

export type AskFile = File & { address: string; id: string; state: string; process?: ProcessMark }

/** The files in asks/ that a reader would look at. */
export function asksOn(disk: File[]): AskFile[] {
  return disk.flatMap((it) => {
    const [, address, id, state] =
      it.path.match(/^root\/inbox\/([^/]+)\/asks\/([^.]+)\.(blocked|late)\.json$/) ?? []
    return address === undefined
      ? []
      : [{ ...it, ...fieldsOf(it.text), address, id: id as string, state: state as string }]
  })
}

export function fieldsOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
