// Whom an agent reaches: its circle, and beyond it only who waits for it, what it follows up, and where it says so. mailbox-spec §5.6

import { without } from './without.mjs'

const CIRCLE = 'src/protocol/circle.ts'
const REACH = 'src/verbs/within-reach.ts'
const NAMES = 'src/verbs/address-peer.ts'
const BROADCAST = 'src/verbs/broadcast.ts'
const REGISTER = 'src/verbs/register.ts'
const SETTINGS = 'src/spool/circles.ts'
const inCircles = 'test/verbs/circles.test.ts'

const refused = 'one of another circle is refused with both circles, and nothing is written'
const everybody = 'an agent that says so, and a person, reach everybody'
const askedBack = 'who waits for an answer from another circle can be asked back and told, until it has it'
const followed = 'a follow-up goes to who took part in the exchange, and to nobody else of another circle'
const told = 'a broadcast of an agent reaches its circle, and of a person everybody'
const bare = 'a bare name means the one of the own circle, also where this host has another one'
const nearest =
  'the nearest directory in the settings counts, its own included, and what its user said before it'
const anew = 'a session that begins anew is in the circle of now, and its server changes nothing'

const reaching = [
  without(
    CIRCLE,
    'circle-shared',
    'an agent reaches only its circle',
    'me.circle === peer.circle',
    inCircles,
    refused,
    'true',
  ),
  without(
    CIRCLE,
    'circle-of-person',
    'a person reaches everybody',
    " || me.agent === 'person'",
    inCircles,
    everybody,
  ),
  without(
    CIRCLE,
    'circle-to-person',
    'a person is in every circle',
    " || peer.agent === 'person'",
    inCircles,
    'an agent asks and tells its own circle, and persons',
  ),
  without(REACH, 'circle-all', 'who says so reaches everybody', 'all === true || ', inCircles, everybody),
  without(
    REACH,
    'circle-asked-back',
    'who waits for an answer can be asked back',
    ' || isAmong(peer, waitingFor(tree, me))',
    inCircles,
    askedBack,
  ),
  without(
    REACH,
    'circle-followed-up',
    'a follow-up goes to who took part',
    'isAmong(peer, others) || ',
    inCircles,
    followed,
  ),
  without(
    NAMES,
    'circle-refused',
    'the refusal says which circle it is',
    '  if (far !== undefined) throw isElsewhere(currentCard(tree, me), far)\n',
    inCircles,
    refused,
  ),
  without(
    NAMES,
    'circle-name',
    'a bare name means the one of the own circle',
    '.filter((address) => isNear(named.get(address) as Card))',
    inCircles,
    bare,
  ),
  without(
    NAMES,
    'circle-suggested',
    'only the own circle is suggested',
    ' && isNear(card)',
    inCircles,
    'of an unknown name only those of the own circle are suggested',
  ),
  without(BROADCAST, 'circle-broadcast', 'a broadcast reaches the circle', ' && isOf(card)', inCircles, told),
  without(
    BROADCAST,
    'circle-broadcast-all',
    'a broadcast to all reaches all',
    'all || sharesCircle',
    inCircles,
    told,
    'sharesCircle',
  ),
]

const joining = [
  without(
    REGISTER,
    'circle-said',
    'what its user said counts before the settings',
    'return said || circleOfDirectory',
    inCircles,
    nearest,
    'return circleOfDirectory',
  ),
  without(
    REGISTER,
    'circle-set',
    'the settings count where its user said nothing',
    ' || circleOfDirectory(tree, directory)',
    inCircles,
    nearest,
  ),
  without(
    REGISTER,
    'circle-of-hook',
    'a hook that registers again finds the circle of now',
    'applicant.server === undefined ? circleOf(tree, applicant) : before',
    inCircles,
    anew,
    'before',
  ),
  without(
    REGISTER,
    'circle-of-server',
    'a server changes no circle',
    'applicant.server === undefined ? circleOf(tree, applicant) : before',
    inCircles,
    anew,
    'circleOf(tree, applicant)',
  ),
  without(
    SETTINGS,
    'circle-nearest',
    'the directories above count',
    '    if (dir === path.dirname(dir)) return undefined',
    inCircles,
    nearest,
    '    return undefined',
  ),
]

export const circles = [...reaching, ...joining]
