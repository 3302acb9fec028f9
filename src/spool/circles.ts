import * as os from 'node:os'
import * as path from 'node:path'
import { atHome } from '../protocol/circle.ts'
import { readConfig } from './config.ts'
import { realPath } from './disk.ts'
import type { Tree } from './tree.ts'

/** The circle that config.json gives a session of this directory: that of the nearest one above it. Never throws. mailbox-spec §5.6 */
export function circleOfDirectory(tree: Tree, directory: string): string | undefined {
  const set = Object.entries(readConfig(tree).circles)
  if (set.length === 0) return undefined
  const circles = new Map(set.map(([dir, circle]) => [followed(atHome(dir, os.homedir())), circle]))
  for (let dir = realPath(directory); ; dir = path.dirname(dir)) {
    if (circles.has(dir)) return circles.get(dir)
    if (dir === path.dirname(dir)) return undefined
  }
}

/** A directory that nobody may look into is no reason not to register another one. */
function followed(directory: string): string {
  try {
    return realPath(directory)
  } catch {
    return path.resolve(directory)
  }
}
