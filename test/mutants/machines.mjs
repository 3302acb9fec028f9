// The courier's own mail is checked as any other, and its name is nobody's.

import { without } from './without.mjs'

const GC = 'src/verbs/gc.ts'
const inClocks = 'test/machines/clocks.test.ts'
const PING = 'src/verbs/ping.ts'
const SYNCTHING = 'src/courier/syncthing.ts'
const inFolders = 'test/cli/share-folders.test.ts'
const NUDGE = 'src/courier/nudge.ts'
const inNudge = 'test/courier/nudge.test.ts'
const inPing = 'test/verbs/ping.test.ts'

export const machines = [
  without(
    PING,
    'ping-checked',
    "a courier checks mail to itself as it does an agent's",
    '  if (receive(tree, me, mail) === undefined) return\n',
    inPing,
    'a host that was not allowed gets no answer, and its question is held',
  ),
  without(
    PING,
    'ping-taken-back',
    'a question that is not answered in time is taken back',
    'return void cancel(tree, me, id)',
    inPing,
    'a question that nobody answers in time is taken back',
    'return undefined',
  ),
  without(
    'src/protocol/address.ts',
    'courier-is-reserved',
    'nobody is called as the courier is',
    ' && name !== COURIER',
    inPing,
    'nobody is called as the courier is',
  ),
  without(
    GC,
    'gc-name-of-another-clock',
    'the time in a name is its sender’s, whose clock may be ahead',
    'time >= before + DAY_MS',
    inClocks,
    'with clocks at -1 and 1 h, on a disk of each, all is as with one clock',
    'time >= before',
  ),
  without(
    GC,
    'gc-by-the-clock-of-the-root',
    'where another machine serves the root, the times of files are that one’s',
    'const there = timeInRoot(tree) - days * DAY_MS',
    inClocks,
    'with clocks at -1 and 1 h, on the disk of the first, all is as with one clock',
    'const there = before',
  ),
  without(
    SYNCTHING,
    'share-innermost-folder',
    'of folders in folders the innermost holds the root',
    '.sort((a, b) => a.prefix.length - b.prefix.length)',
    inFolders,
    'of folders in folders the innermost is the one that holds the root',
  ),
  without(
    SYNCTHING,
    'share-ignores-literally',
    'a path in .stignore is no pattern',
    "place.replace(/[\\\\*?[\\]{}]/g, '\\\\$&')",
    inFolders,
    'a path with the characters of a pattern is ignored as it is',
    'place',
  ),
  without(
    'src/surfaces/cli/share.ts',
    'share-only-utf-8',
    'ignores in another encoding are left as they are',
    'if (isUtf8(bytes)) return',
    inFolders,
    'ignores that are not UTF-8 are left as they are, and nothing is remembered',
    'return',
  ),
  without(
    NUDGE,
    'nudge-by-the-outbox',
    'Syncthing is told of a message when it lies in the outbox, into whatever mailbox',
    'watchOutbox(tree, came, { unwatched })',
    inNudge,
    'Syncthing is told of a message at once, also of the first one into a mailbox that has just appeared',
    'watchOutbox(tree, () => {})',
  ),
  without(
    NUDGE,
    'nudge-looks-again',
    'an event that was missed costs a second',
    'timer ??= setInterval',
    inNudge,
    'what no event has told of is found by looking, once it is published',
    'timer ??= setTimeout',
  ),
  without(
    NUDGE,
    'nudge-not-for-this-host',
    'Syncthing is not told of what stays here',
    'hostOf(to) === tree.host ? HERE : ',
    inNudge,
    'Syncthing is told once, and of nothing that stays on this host',
  ),
  without(
    NUDGE,
    'nudge-once',
    'Syncthing is told once of each message',
    '    told.add(file)\n',
    inNudge,
    'Syncthing is told once, and of nothing that stays on this host',
  ),
  without(
    'src/spool/scan.ts',
    'mailboxes-of-this-host',
    'a host looks after the mailboxes of its own peers only',
    'listMailboxes(tree).filter((address) => isOwnLabel(tree, hostOf(address)))',
    'test/machines/chain.test.ts',
    'three hosts in a chain > the host between neither takes nor touches what is for another one',
    'listMailboxes(tree)',
  ),
]
