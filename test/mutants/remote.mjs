// What another machine changes is found, and what it has not finished is waited for.

import { without } from './without.mjs'

const AWAIT = 'src/verbs/await-reply.ts'
const DISK = 'src/spool/disk.ts'
const FILE_SYSTEM = 'src/spool/file-system.ts'
const POLL = 'src/spool/poll.ts'
const SCAN = 'src/spool/scan.ts'
const SINCE = 'src/spool/since.ts'
const UNRIPE = 'src/spool/unripe.ts'
const WATCH = 'src/spool/watch.ts'
const inRemote = 'test/spool/remote.test.ts'

const skewed =
  'no time of another machine counts: neither for how long a message waited, nor since when it is where it is'

export const remote = [
  without(
    FILE_SYSTEM,
    'remote-unknown',
    'a file system that is not known is remote',
    'return !LOCAL_KINDS.includes(fileSystemOf(dir))',
    inRemote,
    'a file system is local that is known to be, and every other one is remote',
    "return ['nfs', 'smb', 'fuse', '9p'].includes(fileSystemOf(dir))",
  ),
  without(
    FILE_SYSTEM,
    'inodes-of-fuse',
    'where inodes are made up the bytes decide',
    "return fileSystemOf(dir) === 'fuse'",
    inRemote,
    'where inodes are made up, a link that failed is judged by the bytes',
    'return dir === ""',
  ),
  without(
    POLL,
    'poll-again',
    'what comes again under its name is hinted at',
    '  known.set(dir, new Set(names))\n',
    inRemote,
    'on a remote root nothing is watched, and every file that comes is hinted at, also one that comes again',
    '  known.set(dir, new Set([...(before ?? []), ...names]))\n',
  ),
  without(
    POLL,
    'poll-quick',
    'it is looked more often while somebody waits',
    'const isQuick = () => performance.now() - last < QUICK_FOR_MS || awaited()',
    inRemote,
    'it is looked four times a second while somebody waits or something has just come, else once',
    'const isQuick = () => performance.now() - last < QUICK_FOR_MS',
  ),
  without(
    WATCH,
    'watch-fails',
    'where nothing can be watched directories are listed',
    '    instead = poll([...all])\n',
    inRemote,
    'where the system has no watches left, directories are listed',
  ),
  without(
    UNRIPE,
    'unripe-ten-minutes',
    'what is torn on a remote root has ten minutes',
    'if (kept >= 0) return kept < RIPE_MS',
    inRemote,
    'one that is empty for ten minutes is refused, and on a local root at once',
    'if (kept >= 0) return true',
  ),
  without(
    UNRIPE,
    'unripe-remote-only',
    'on a local root what is torn is bad at once',
    'if (!TORN.includes(fault) || !isRemote(tree.root)) return false',
    inRemote,
    'one that is empty for ten minutes is refused, and on a local root at once',
    'if (!TORN.includes(fault)) return false',
  ),
  without(
    UNRIPE,
    'unripe-torn-only',
    'what was read whole and is wrong has no time',
    'if (!TORN.includes(fault) || !isRemote(tree.root)) return false',
    inRemote,
    'a message that is whole and wrong is refused at once on a remote root, too',
    'if (!isRemote(tree.root)) return false',
  ),
  without(
    DISK,
    'stale-again',
    'a file that was replaced is opened anew',
    'if (isStale(error) && again > 0) return unlessGone(act, again - 1)',
    inRemote,
    'a file that another machine has just replaced (ESTALE) is opened anew',
  ),
  without(
    SCAN,
    'passing-is-no-fault',
    'what cannot be read for the moment is not torn',
    'if (isPassing(error) && isRemote(tree.root)) return undefined',
    inRemote,
    'a message that cannot be read for the moment (EIO) is left, and is not counted as torn',
    'if (isPassing(error) && tree.root === "") return undefined',
  ),
  without(
    AWAIT,
    'wait-bears',
    'a waiter bears what fails for the moment',
    'if (isPassing(error)) return undefined',
    inRemote,
    'a waiter bears that the other machine is not there for the moment',
  ),
  without(
    AWAIT,
    'wait-lists-first',
    'a waiter lists before it opens a name',
    "    listDirectory(inRoot(tree, statePath(me(), 'new')))\n    return lookOnce(tree, me(), id, wait)",
    inRemote,
    'a waiter on a remote root lists its mail first and then opens the reply by its name',
    '    return lookOnce(tree, me(), id, wait)',
  ),
  without(
    SCAN,
    'waited-here',
    'mail of another host has waited since it was seen here',
    'if (isOwnLabel(tree, hostOf(from)) && !isRemote(tree.root)) return age(tree, address, state, file) ?? 0',
    inRemote,
    skewed,
    'return age(tree, address, state, file) ?? 0',
  ),
  without(
    SCAN,
    'in-state-by-own-clock',
    'on a remote root no time of a file counts',
    'if (isRemote(tree.root)) return isThere(path) ? keptInState(tree, address, file, state) : undefined',
    inRemote,
    skewed,
  ),
  without(
    'src/verbs/sweep.ts',
    'sweep-by-their-clock',
    'what is being written on a remote root is judged by the clock of that',
    'isRemote(tree.root) ? timeThere(temporaryPath(tree)) : Date.now()',
    inRemote,
    'what is being written is no litter, however far the clock of the other machine is behind',
    'Date.now()',
  ),
  without(
    SINCE,
    'notes-stay',
    'what was noted of a message that is on its way stays',
    'if (isOld && !isOnItsWay(address, file)) removeFile(path)',
    inRemote,
    'what was noted of a message goes with it, an hour later',
    'if (isOld) removeFile(path)',
  ),
]
