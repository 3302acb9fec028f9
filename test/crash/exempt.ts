/** What no crash point can be had of, and why. The test fails for what is named here and has one, or is no more. */

const DOCTOR = 'the doctor only looks; what it mends is a mode, by one call'
const END = 'the end of a tree keeps nothing: a kill leaves less of it, and it is done again'

const MACOS = 'only on macOS'

export const OUT_OF_REACH: Record<string, string> = {
  'spool/process.pidNamespace readlinkSync': 'asked once, before the act: a process never changes its own',
  'spool/foreign.putInPlace rmSync': 'reached only when another call has failed',
  'spool/fitness.guardOf statSync': DOCTOR,
  'spool/fitness.closeToOthers chmodSync': DOCTOR,
  'spool/fitness.closeToOthers statSync': DOCTOR,
  'spool/fitness.writableBelow lstatSync': DOCTOR,
  'spool/fitness.writableBelow readdirSync': DOCTOR,
  'spool/file-system.fileSystemOf realpathSync': MACOS,
  'spool/file-system.isBesideTemporary statSync': MACOS,
  'spool/file-system.isBesideTemporary statSync #2': MACOS,
  'spool/poll.list readdir': 'it only lists, where nothing can be watched',
  'spool/remove-tree.removeIfEmpty readdirSync': END,
  'spool/remove-tree.removeIfEmpty lstatSync': END,
  'spool/remove-tree.removeIfEmpty rmdirSync': END,
  'spool/foreign.writeBytes fchownSync': "reached only by root, in another user's settings",
}

const REMOTE = 'only on a remote root: a note that a kill keeps from being written is begun anew'
const PURE = 'a name or a text: it touches no file'
const LIBRARY = "its calls are chokidar's, and only look"

export const CALLS_NOTHING: Record<string, string> = {
  'spool/allowed.fingerprintOf': PURE,
  'spool/clock.elapsed': 'it asks only the clock',
  'spool/disk.temporaryName': PURE,
  'spool/hints.makeHints': PURE,
  'spool/new-id.newId': PURE,
  'spool/new-id.derivedId': PURE,
  'spool/new-id.timestamp': PURE,
  'spool/process.fromPs': 'it runs ps, where there is no /proc',
  'spool/publish.refuseTooLarge': PURE,
  'spool/repository.isSamePlace': PURE,
  'spool/repository.hasMoved': PURE,
  'spool/conflict-copies.conflictCopies': DOCTOR,
  'spool/fitness.guardOf': DOCTOR,
  'spool/fitness.closeToOthers': DOCTOR,
  'spool/fitness.writableByOthers': DOCTOR,
  'spool/fitness.tryLinks': 'what a kill leaves of its two empty files is what the sweeper knows',
  'spool/disk.isPassing': PURE,
  'spool/file-system.kindInMounts': PURE,
  'spool/poll.makePollingPace': PURE,
  'spool/poll.pollDirectories': 'it only lists',
  'spool/since.noteState': REMOTE,
  'spool/since.keptInState': REMOTE,
  'spool/since.knownFor': REMOTE,
  'spool/remove-tree.removeTree': END,
  'spool/share.readShare': 'one look',
  'spool/share.writeShare': 'one call of replaceFile',
  'spool/share.forgetShare': 'one call of removeFile',
  'spool/tree.inRoot': PURE,
  'spool/tree.inState': PURE,
  'spool/tree.temporaryPath': PURE,
  'spool/tree.stateTemporaryPath': PURE,
  'spool/unripe.isUnripe': REMOTE,
  'spool/unripe.hasUnripe': 'it only looks',
  'spool/watch.watchMail': LIBRARY,
  'spool/watch.watchPeers': LIBRARY,
  'spool/watch.watchForWaiter': LIBRARY,
  'verbs/ask.refuseEmpty': PURE,
  'verbs/broadcast.broadcastText': PURE,
  'verbs/end-open.interrupted': PURE,
  'verbs/end-open.failed': PURE,
  'verbs/given.sizeOf': PURE,
  'verbs/ping.otherHosts': 'it only lists',
  'verbs/ping.ping': 'it asks as ask does, waits as await-reply does, and takes back as cancel does',
  'verbs/purge.purge': END,
  'verbs/purge.refuseToPurge': 'it only looks',
  'verbs/reach.looksItself': PURE,
  'verbs/reach.saysLooksItself': PURE,
}
