/** A root with three peers in a directory that nobody may write, and what may be said of whatever was done there. */

import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Card } from '../../src/protocol/card.ts'
import { codeOf, explain, RepowireError } from '../../src/protocol/errors.ts'
import { type Frame, frameText } from '../../src/protocol/frame.ts'
import { openTree, type Tree } from '../../src/spool/tree.ts'
import { register } from '../../src/verbs/register.ts'
import { gone, HOST_ID, here } from '../world.ts'

/** `api` lives, and is asked; `web` is over, so that it is believed; `dir` is guarded. */
export type Field = { dir: string; tree: Tree; api: Card; web: Card; wrong: string[] }

export function openField(): Field {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'repowire-fuzz-'))
  mkdirSync(join(dir, 'state'), { mode: 0o700 })
  writeFileSync(join(dir, 'state', 'host.json'), JSON.stringify({ label: 'laptop', host_id: HOST_ID }), {
    mode: 0o600,
  })
  writeFileSync(join(dir, 'outside'), 'nobody writes this')
  const tree = openTree({ REPOWIRE_HOME: join(dir, 'root'), REPOWIRE_STATE: join(dir, 'state') })
  const enrol = (name: string, process: typeof here) => {
    mkdirSync(join(dir, 'work', name, '.git'), { recursive: true })
    return register(tree, { agent: 'other', process, directory: join(dir, 'work', name) })
  }
  return { dir, tree, api: enrol('api', here), web: enrol('web', gone), wrong: [] }
}

export function closeField({ dir }: Field): void {
  rmSync(dir, { recursive: true, force: true })
}

/** Everything around the two trees, as it lies there. */
export function around(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name)
    if (/^\/(root|state)(\/|$)/.test(path.slice(dir.length))) return []
    return [`${path} ${lstatSync(path).mode} ${entry.isFile() ? readFileSync(path, 'utf8') : ''}`]
  })
}

/** What it returns; an error must have a code, and a reason. */
export async function bears<T>(
  field: Field,
  what: string,
  act: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    const known =
      error instanceof RepowireError
        ? error.next !== '' && error.message !== ''
        : codeOf(error) !== 'unexpected' && !codeOf(error).startsWith('ERR_')
    if (!known) field.wrong.push(`${what}: ${(error as Error).stack}`)
    sayable(field, `${what}: the error`, explain(error))
    return undefined
  }
}

// A line feed and a tab are text.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** What is put into a pane, or before a model, has nothing that a terminal obeys. */
export function harmlessFrame(field: Field, what: string, frame: Frame): void {
  const text = frameText(frame)
  if (CONTROL.test(text))
    field.wrong.push(`${what}: a control character would be typed: ${JSON.stringify(text)}`)
  if (!text.isWellFormed())
    field.wrong.push(`${what}: half a character would be typed: ${JSON.stringify(text)}`)
  if (text.split('[repowire:').length !== 2)
    field.wrong.push(`${what}: it imitates a header: ${JSON.stringify(text)}`)
}

export function sayable(field: Field, what: string, text: string): void {
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text))
    field.wrong.push(`${what} has a control character: ${JSON.stringify(text)}`)
}

export function makeFifo(path: string): void {
  execFileSync('mkfifo', [path])
}
