/**
 * Hints that something appeared in a directory. Watch first, then scan, then scan again on a timer: an event may come
 * late or never. Only `new/` directories, `peers/` and the outbox are watched: chokidar sets one inotify watch on every file. Where
 * another machine may write, and where the system has no more watches to give, they are listed again and again instead.
 */

import { type FSWatcher, watch } from 'chokidar'
import { codeOf, explain, RepowireError } from '../protocol/errors.ts'
import { statePath } from '../protocol/layout.ts'
import { makeDirectory } from './disk.ts'
import { isRemote } from './file-system.ts'
import { makePollingPace, pollDirectories } from './poll.ts'
import { inRoot, inState, type Tree } from './tree.ts'

export type Watch = { ready: Promise<void>; add(address: string): void; close(): Promise<void> }

type Hint = (path: string) => void

/**
 * `awaited`: somebody waits for what may come; asked only where directories are listed. `unwatched`: told once, where the system
 * does not watch (any more) and directories are listed from now on; without it, stderr is.
 */
type Options = { awaited?: () => boolean; unwatched?: (error: RepowireError) => void }

/** Calls `hint` whenever a file appears in `new/` of these mailboxes. Touches nothing on disk. Tells: not-watched. mailbox-spec §2.2 */
export function watchMail(tree: Tree, addresses: string[], hint: Hint, options: Options = {}): Watch {
  const directory = (address: string) => inRoot(tree, statePath(address, 'new'))
  return watchPaths(tree, addresses.map(directory), directory, hint, options)
}

/** The same for cards in `peers/`. */
export function watchPeers(tree: Tree, hint: Hint, options: Options = {}): Watch {
  return watchPaths(tree, [inRoot(tree, 'peers')], (name) => name, hint, options)
}

/** The same for what this host is about to publish, in its outbox; makes that where it is missing, since nothing else can be watched. */
export function watchOutbox(tree: Tree, hint: Hint, options: Options = {}): Watch {
  const outbox = inState(tree, 'outbox')
  makeDirectory(outbox)
  return watchPaths(tree, [outbox], (name) => name, hint, options)
}

/** The same for one who waits, and who lists his mail himself where no event tells of it. */
export function watchForWaiter(tree: Tree, address: string, hint: Hint): { close(): Promise<void> } {
  return isRemote(tree.root) ? { close: async () => {} } : watchMail(tree, [address], hint)
}

function watchPaths(
  tree: Tree,
  paths: string[],
  toPath: (name: string) => string,
  hint: Hint,
  { awaited, unwatched = sayUnwatched }: Options,
): Watch {
  const poll = (directories: string[]) => {
    const { came, pace } = makePollingPace(awaited)
    const arrived = (file: string) => {
      came()
      hint(file)
    }
    return pollDirectories(directories, arrived, pace)
  }
  const watching = isRemote(tree.root) ? poll(paths) : watchOrPoll(paths, hint, poll, unwatched)
  return { ...watching, add: (name) => watching.add(toPath(name)) }
}

/** Watches; from the first failure on it lists instead, all of it: what a watcher has lost of its watches is not known. */
function watchOrPoll(
  paths: string[],
  hint: Hint,
  poll: (paths: string[]) => Watch,
  unwatched: (error: RepowireError) => void,
): Watch {
  const all = new Set(paths)
  let instead: Watch | undefined
  const watching = watchEvents(paths, hint, (error) => {
    if (instead !== undefined) return
    instead = poll([...all])
    unwatched(notWatched(error))
    void watching.close()
  })
  return {
    ready: watching.ready,
    add: (dir) => {
      all.add(dir)
      ;(instead ?? watching).add(dir)
    },
    close: async () => void (await Promise.all([watching.close(), instead?.close()])),
  }
}

function notWatched(error: unknown): RepowireError {
  return new RepowireError(
    'not-watched',
    `The system watches no more files (${codeOf(error)}): directories are listed again and again instead, and mail may come up to a second later.`,
    'Raise fs.inotify.max_user_watches (EMFILE: max_user_instances) with sysctl, then run: repowire daemon stop',
  )
}

function sayUnwatched(error: RepowireError): void {
  process.stderr.write(`repowire: ${explain(error)}\n`)
}

function watchEvents(paths: string[], hint: Hint, failed: (error: unknown) => void): Watch {
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
  const ready = new Promise<void>((resolve) => {
    watcher.on('ready', () => resolve()).on('error', () => resolve())
  })
  watcher.on('error', failed)
  const add = (dir: string) => {
    watched.add(dir)
    watcher.add(dir)
  }
  return { ready, add, close: () => watcher.close() }
}
