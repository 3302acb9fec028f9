// Who can be asked at all, by what a peer is reached, and who waits for whom. mailbox-spec §5.3, §5.5, §9

import { without } from './without.mjs'

const ADDRESS = 'src/verbs/address-peer.ts'
const REACH = 'src/verbs/reach.ts'
const REGISTER = 'src/verbs/register.ts'
const ASK = 'src/verbs/ask.ts'
const AWAIT = 'src/verbs/await-reply.ts'
const COUNTER = 'src/verbs/counter-question.ts'
const SEAT = 'src/surfaces/mcp/seat.ts'
const inAsk = 'test/verbs/ask.test.ts'
const inReach = 'test/verbs/reach.test.ts'
const inPause = 'test/verbs/pause.test.ts'
const inCounter = 'test/verbs/counter-question.test.ts'

const refused = (peer, code) =>
  `asking "${peer}" with 1 characters is refused as ${code}, and nothing is written`
const firstServer = 'the first server of a client that lives is the one on its card'
const noEdge = 'a wait that is late, or whose process died, is no edge'
const closedDoor = 'a peer is not reached by what config.json does not let a courier use'
const paused = 'a question that waits for a paused peer says so, and none that was given or answered does'
const takesItself = 'a peer that only takes its mail itself can be asked while its server lives'

const peers = [
  without(
    ADDRESS,
    'ask-not-self',
    'nobody asks itself',
    '  if (card.address !== me) return card',
    inAsk,
    refused('frontend', 'peer-self'),
    '  return card',
  ),
  without(
    ADDRESS,
    'ask-no-person',
    'a person is not asked',
    "  if (card.agent === 'person') throw isPerson(card)",
    inAsk,
    refused('ada', 'peer-offline'),
  ),
  without(
    ADDRESS,
    'ask-offline',
    'a peer whose process has ended is not asked',
    "  if (presence(tree, card.address, card.process) === 'dead') throw isOffline(card)",
    inAsk,
    refused('stale', 'peer-offline'),
  ),
  without(
    ADDRESS,
    'ask-paused',
    'a paused peer is not asked',
    '  if (paused !== undefined) throw isPaused(card, paused.since)',
    inPause,
    'a question to a paused peer is refused at once, and writes nothing; a notice waits',
  ),
  without(
    ADDRESS,
    'ask-unreachable',
    'a peer that nothing can reach is not asked',
    '  if (unreachable !== undefined) throw cannotReceive(card, unreachable)',
    inReach,
    'asking a peer that nothing can reach fails at once with that reason, and writes nothing',
  ),
  without(
    ASK,
    'ask-urgent',
    'a question is urgent where its asker says so',
    '    ...(urgent === true && { urgent }),\n',
    inAsk,
    'a question is urgent only where its asker says so',
  ),
  without(
    ASK,
    'ask-failed',
    'what could not be published is asked no more',
    '    forgetAsk(tree, query.from, query.id)\n',
    inAsk,
    'the file in asks/ is there before the question is, and goes where that could not be published',
  ),
]

const reach = [
  without(
    REACH,
    'reach-dead-server',
    'a server that has ended takes no mail',
    "  if (liveness(card.server) !== 'dead') return undefined",
    inReach,
    'a client with hooks whose server is over can not be reached',
    '  return undefined',
  ),
  without(
    REACH,
    'reach-live-server',
    'a server that lives takes mail',
    "  if (liveness(card.server) !== 'dead') return undefined",
    inReach,
    'a client with hooks whose server lives can be reached',
  ),
  without(
    REACH,
    'reach-other-host',
    'of a peer of another host only that host knows',
    'hostOf(card.address) !== tree.host || hasDoor',
    inReach,
    'a peer of another host can be reached',
    'hasDoor',
  ),
  without(
    REACH,
    'reach-own-server',
    'a client without hooks may be its own server',
    "    return card.agent === 'other'",
    inReach,
    'another client, which may be its own server can be reached',
    "    return card.agent === ''",
  ),
  without(
    REACH,
    'reach-tmux-closed',
    'a pane that no courier may use reaches nobody',
    "tmux !== undefined && doors.includes('tmux')",
    inReach,
    closedDoor,
    'tmux !== undefined',
  ),
  without(
    REACH,
    'reach-socket-closed',
    'an inbox that no courier may use reaches nobody',
    "inbox !== undefined && doors.includes('socket')",
    inReach,
    closedDoor,
    'inbox !== undefined',
  ),
  without(
    REACH,
    'stuck-in-new',
    'a question that was given is not stuck',
    " || (state !== 'new' && state !== 'held')",
    inReach,
    paused,
  ),
  without(
    REACH,
    'stuck-paused',
    'an asker is told that the peer was paused',
    'whyPaused(tree, card) ?? whyCutOff',
    inReach,
    paused,
    'whyCutOff',
  ),
  without(
    REACH,
    'stuck-cut-off',
    'an asker is told that the peer cannot be reached any more',
    ' ?? whyCutOff(tree, card)',
    inReach,
    takesItself,
  ),
  without(
    REACH,
    'looks-itself',
    'a peer that has a door does not look itself',
    " && card.agent !== 'person' && !hasDoor(tree, card)",
    inReach,
    closedDoor,
  ),
  without(
    REGISTER,
    'server-stays',
    'the server that came first stays while it lives',
    " || liveness(server) !== 'dead'",
    inReach,
    firstServer,
  ),
  without(
    REGISTER,
    'server-over',
    'a server that is over gives way',
    "sameProcess(server, applicant.server) || liveness(server) !== 'dead'",
    inReach,
    firstServer,
    'true',
  ),
]

const waiting = [
  without(
    AWAIT,
    'wait-tends',
    'what must go on is tended while one waits',
    '      wait.tend?.()',
    inAsk,
    'who waits is called every second to tend what must go on',
  ),
  without(
    AWAIT,
    'wait-leaves-claimed',
    'an answer that the courier has claimed is left to it',
    "found?.state === 'cur' && (claimed || !isAsked(tree, me, id))",
    inAsk,
    'a reply that the courier has claimed is left to it, and a waiter takes it only when it is put back',
    "found?.state === 'cur'",
  ),
  without(
    AWAIT,
    'wait-of-another',
    'another process that waits for the same answer waits on',
    'if (ask === undefined || sameProcess(ask.process, waiter)) goLate',
    inAsk,
    'whoever stops waiting leaves another process that waits for the same answer to it',
    'goLate',
  ),
  without(
    AWAIT,
    'wait-over-is-late',
    'whoever stops waiting is late',
    '  giveUp()\n  if (found !== undefined) return found',
    inAsk,
    'whoever stops waiting is late: the answer is mail then, until it is shown',
    '  if (found !== undefined) return found',
  ),
  without(
    COUNTER,
    'counter-dead-waiter',
    'a wait whose process died is no edge',
    " && presence(tree, address, ask.process) !== 'dead'",
    inCounter,
    noEdge,
  ),
  without(
    COUNTER,
    'counter-late',
    'a wait that is late is no edge',
    "ask.state === 'blocked' && ",
    inCounter,
    noEdge,
  ),
  without(
    COUNTER,
    'counter-waited-for',
    'the question of a peer that nobody waits for closes no circle',
    '    if (!pressing && !waitedFor.has(currentAddress(tree, parsed.message.from))) continue',
    inCounter,
    'the question of a peer that nobody waits for stays where it is',
  ),
  without(
    COUNTER,
    'counter-urgent',
    'an urgent question ends a wait',
    'parsed.message.urgent === true && pauseOf(tree, address) === undefined',
    inCounter,
    'an urgent question ends the wait, whoever asks it',
    'false',
  ),
  without(
    COUNTER,
    'counter-urgent-paused',
    'a paused peer is not disturbed by what is urgent',
    ' && pauseOf(tree, address) === undefined',
    inCounter,
    'a paused peer is not disturbed by an urgent question while it waits',
  ),
  without(
    COUNTER,
    'counter-urgent-queued',
    'another question in the queue of its client ends no wait',
    "'message' in parsed && parsed.message.urgent === true",
    inCounter,
    'another question in cur does not end a wait',
    "'message' in parsed",
  ),
  without(
    AWAIT,
    'wait-urgent-queued',
    'an urgent question in the queue of its client ends a wait',
    "return wait.queued !== undefined && urgentOnTheirWay(tree, me).some(wait.queued) ? 'urgent' : undefined",
    inCounter,
    'an urgent question in the queue of its client ends the wait, and stays there',
    'return undefined',
  ),
  without(
    SEAT,
    'wait-urgent-once',
    'an urgent question ends a wait once',
    'const first = !interrupted.has(wait)',
    'test/mcp/asks.test.ts',
    'an urgent question in the queue of its client ends a wait once, and not the next',
    'const first = true',
  ),
  without(
    COUNTER,
    'counter-through-others',
    'a circle may lead through others',
    '    everyoneWaitedFor(tree, to, found)',
    inCounter,
    'a circle of three is broken too',
  ),
  without(
    COUNTER,
    'counter-ends',
    'the search goes to nobody twice',
    '!waits || found.has(to)',
    inCounter,
    'a circle of asks that stands already does not make the search endless',
    '!waits',
  ),
]

export const asking = [...peers, ...reach, ...waiting]
