import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../world.ts'

/** A new directory in fixtures/upgrade/; throws where it is there: a tree that was written is never written again. */
export function reserve(name = ''): string {
  const target = join(ROOT, 'fixtures/upgrade', name)
  if (name === '' || existsSync(target)) throw new Error(`${target} is there, and stays as it is`)
  mkdirSync(target, { recursive: true })
  return target
}
