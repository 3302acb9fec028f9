// Which machine a label belongs to, and whether another one is there. mailbox-spec §5.7

import { without } from './without.mjs'

const SEEN = 'test/protocol/seen.test.ts'
const HOSTS = 'test/spool/hosts.test.ts'

export const hosts = [
  without(
    'src/spool/claim.ts',
    'label-of-another-is-refused',
    'the label of another machine is refused',
    "if (typeof sight !== 'string' && !isOurs(tree, sight, own)) throw taken(tree, sight, own)",
    HOSTS,
    'the label of another machine is refused by whoever opens the tree, and nothing is changed',
  ),
  without(
    'src/spool/tree.ts',
    'copied-home-is-refused',
    'every program refuses a home that was copied, not the courier alone',
    '  refuseCloned(tree, own)\n  refuseTaken(tree, own)\n',
    HOSTS,
    'a copy of another machine is refused where that one may share the root, and only there',
    '  refuseTaken(tree, own)\n',
  ),
  without(
    'src/spool/claim-copies.ts',
    'only-own-copies-go',
    'a claim of another machine that was put aside is not removed',
    'if (copy.host_id === host_id) removeFile',
    'test/courier/presence.test.ts',
    'another machine that claims our label shows by what was put aside, and loses nothing',
    'removeFile',
  ),
  without(
    'src/spool/beat.ts',
    'no-beat-for-another',
    'the file of another machine is not written over',
    'refuseTaken(tree, readOwnHost(tree.state))',
    'test/spool/seen.test.ts',
    'a beat moves our own file on by one, 512 bytes, and takes no label of another machine',
  ),
  without(
    'src/courier/presence-beat.ts',
    'alone-writes-nothing',
    'a host that is alone writes nothing',
    'lookAtOthers(tree) > 0',
    'test/courier/presence.test.ts',
    'a host that is alone writes nothing',
    'lookAtOthers(tree) >= 0',
  ),
  without(
    'src/protocol/seen.ts',
    'old-change-shows-nothing',
    'a change that may be old does not show that a host is there',
    'if (ago > limitMs) return anew(glance, now)',
    SEEN,
    'a change that may be older than the limit is none: nobody looked for so long',
  ),
  without(
    'src/protocol/seen.ts',
    'unknown-until-it-changes',
    'a host is unknown until it was seen to change',
    "changes > 0 ? { state: 'here', ago } : { state: 'unknown' }",
    SEEN,
    'one that has not changed while we looked for as long as that is away, and unknown until then',
    "{ state: 'here', ago }",
  ),
  without(
    'src/verbs/address-peer.ts',
    'away-is-not-asked',
    'a peer of a host that is away is not asked',
    'if (away !== undefined) throw isAway(card, away)',
    'test/spool/seen.test.ts',
    'a peer of a host that is away cannot be asked, and is told',
  ),
  without(
    'src/verbs/rename-host.ts',
    'nothing-of-a-taken-label',
    'what another machine has is not renamed',
    'const tree = takeLabel(before, checked(wanted))',
    'test/verbs/rename-host.test.ts',
    'where another machine has the old label, nothing of it is touched, and who runs here registers anew',
    'const tree = { ...takeLabel(before, checked(wanted)), formerly: [before.host] }',
  ),
  without(
    'src/verbs/rename-host.ts',
    'renaming-is-finished-first',
    'what a crash cut short is finished before peers get a new label',
    'for (const card of cardsOfHost(tree)) finishRename(tree, card)',
    'test/verbs/rename-host.test.ts',
    'killed before any of its steps and done again, it is done',
  ),
]
