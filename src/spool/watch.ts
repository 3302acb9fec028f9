/**
 * Hints that something appeared in a directory. Watch first, then scan, then scan again on a timer: an event may come
 * late or never. Only `new/` directories and `peers/` are watched: chokidar sets one inotify watch on every file.
 */

import { type FSWatcher, watch } from 'chokidar'
import { statePath } from '../protocol/layout.ts'
import { inRoot, type Tree } from './tree.ts'

export type Watch = { ready: Promise<void>; add(address: string): void; close(): Promise<void> }

/** Calls `hint` whenever a file appears in `new/` of these mailboxes. Touches nothing on disk. */
export function watchMail(tree: Tree, addresses: string[], hint: (path: string) => void): Watch {
  const directory = (address: string) => inRoot(tree, statePath(address, 'new'))
  return watchPaths(addresses.map(directory), directory, hint)
}

/** The same for cards in `peers/`. */
export function watchPeers(tree: Tree, hint: (path: string) => void): Watch {
  return watchPaths([inRoot(tree, 'peers')], (name) => name, hint)
}

function watchPaths(paths: string[], toPath: (name: string) => string, hint: (path: string) => void): Watch {
  const watcher: FSWatcher = watch(paths, {
    depth: 0,
    ignoreInitial: true,
    atomic: false,
    followSymlinks: false,
  })
  const watched = new Set(paths)
  // The raw event comes at once; `add` only after chokidar has listed the directory and set a watch on the file.
  watcher.on('raw', (_event, file: string | null, details) => {
    const { watchedPath = '' } = details as { watchedPath?: string }
    if (file !== null && watched.has(watchedPath)) hint(`${watchedPath}/${file}`)
  })
  watcher.on('add', hint).on('change', hint)
  // Without watches (inotify's limit, an exotic file system) the caller's timer still scans.
  const ready = new Promise<void>((resolve) => {
    watcher.on('ready', () => resolve()).on('error', () => resolve())
  })
  const add = (name: string) => {
    watched.add(toPath(name))
    watcher.add(toPath(name))
  }
  return { ready, add, close: () => watcher.close() }
}
