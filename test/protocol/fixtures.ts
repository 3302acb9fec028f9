/** The vectors in fixtures/, found by listing: a directory without any is a failure of its own. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../world.ts'

export type Vector = { file: string; path: string }

export function vectorsIn(directory: string): Vector[] {
  const dir = join(ROOT, 'fixtures', directory)
  if (!existsSync(dir)) return []
  return readdirSync(dir).map((file) => ({ file, path: join(dir, file) }))
}

export function bytesOf(vector: Vector): Buffer {
  return readFileSync(vector.path)
}

/** The members of a union of string literals in the source: types leave nothing to list at run time. */
export function membersOf(file: string, type: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const union = text.match(new RegExp(`export type ${type} =([^;{}]*?)\\n\\n`))?.[1] ?? ''
  return Array.from(union.matchAll(/'([^']+)'/g), (match) => match[1] as string)
}
