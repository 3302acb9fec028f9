// What is measured in both trees: `act` alone counts. `after` leaves the tree as `before` found it.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const MANY = 400
const SOME = 200
const FEW = 40
const ANSWER = '8080, from server/config.ts.'

export function actsOf(verbs, newcomer) {
  return [...looks(verbs), ...exchanges(verbs), ...registrations(verbs, newcomer), ...rounds(verbs)]
}

function looks(verbs) {
  const id = verbs.newId()
  return [
    { what: 'scan', rounds: MANY, act: ({ tree, backend }) => verbs.scan(tree, backend.address, 'new') },
    { what: 'list 500 peers', rounds: FEW, act: ({ tree }) => verbs.describePeers(tree) },
    {
      what: 'a look for a reply that is not there',
      rounds: MANY,
      act: ({ tree, backend }) => verbs.findMessage(tree, backend.address, verbs.fileName(id, 'reply')),
    },
  ]
}

function exchanges(verbs) {
  const ask = (office) => askOne(verbs, office)
  const give = (office) => giveOne(verbs, office, ask(office))
  const after = (office, id) => removeExchange(verbs, office, id)
  return [
    { what: 'ask', rounds: MANY, act: ask, after },
    { what: 'ask → reply → consumed', rounds: MANY, act: (office) => wholeExchange(verbs, office), after },
    { what: 'reply_peer', rounds: MANY, before: give, act: replyOne(verbs), after },
  ]
}

function askOne(verbs, { tree, backend, frontend }) {
  return verbs.ask(tree, frontend.address, frontend.process, { peer: backend.address, body: 'Which port?' })
    .id
}

/** As the courier and the prompt hook do; the terminal is left out. */
function giveOne(verbs, { tree, backend }, id) {
  const mail = { id, kind: 'query', file: verbs.fileName(id, 'query') }
  const { message } = verbs.receive(tree, backend.address, mail)
  verbs.claim(tree, backend.address, mail.file)
  verbs.record(tree, 'claimed', backend.address, id)
  const text = verbs.frameText(verbs.frameFor(tree, message))
  verbs.given(tree, backend, { text, transcript: '/dev/null', hook: 'prompt' })
  return { id, text }
}

async function wholeExchange(verbs, office) {
  const { tree, backend, frontend } = office
  const { id, text } = giveOne(verbs, office, askOne(verbs, office))
  verbs.endTurn(tree, backend, { prompts: () => [{ text, absorbed: false }], text: () => ANSWER })
  const reply = await verbs.awaitReply(tree, frontend.address, frontend.process, id, { milliseconds: 0 })
  if (reply?.outcome !== 'answered') throw new Error('the exchange had no answer')
  verbs.handOver(tree, frontend, id, 'post-tool')
  return id
}

function replyOne(verbs) {
  return ({ tree, backend }, { id }) => {
    verbs.reply(tree, backend.address, id, ANSWER)
    return id
  }
}

function removeExchange(verbs, { tree, backend, frontend }, id) {
  for (const { address } of [backend, frontend]) {
    for (const kind of ['query', 'reply']) removeMessage(verbs, tree, address, verbs.fileName(id, kind))
    rmSync(join(tree.root, 'inbox', address, 'asks', `${id}.blocked.json`), { force: true })
  }
}

function removeMessage(verbs, tree, address, file) {
  const state = verbs.findMessage(tree, address, file)
  if (state !== undefined) rmSync(join(tree.root, verbs.messagePath(address, state, file)))
}

function registrations(verbs, pid) {
  const mark = verbs.markOf(pid)
  const enter = ({ home, tree }) => {
    const directory = join(home.dir, 'newcomer')
    mkdirSync(directory, { recursive: true })
    return verbs.register(tree, { agent: 'claude-code', process: mark, directory })
  }
  const look = ({ tree, backend }) => {
    const { agent, process, directory } = verbs.cardOfProcess(tree, backend.process)
    return verbs.register(tree, { agent, process, directory })
  }
  return [
    { what: 'a hook’s look: the card of its process', rounds: MANY, act: look },
    { what: 'register one more', rounds: SOME, act: enter, after: removePeer },
  ]
}

function removePeer({ tree }, { address, process: { pid } }) {
  rmSync(join(tree.root, 'peers', `${address}.json`))
  rmSync(join(tree.state, 'by-pid', `${pid}.json`))
  rmSync(join(tree.root, 'inbox', address), { recursive: true })
}

function rounds(verbs) {
  return [
    { what: 'a slow pass of the courier, 500 peers', rounds: FEW, act: (office) => passOver(verbs, office) },
    { what: 'sweep, 500 peers', rounds: FEW, act: ({ tree }) => verbs.sweep(tree) },
  ]
}

/** As its loop does every few seconds: every card, whether its process lives, and one round at its mailbox. */
async function passOver(verbs, { tree, memories }) {
  const cards = verbs.cardsOfHost(tree)
  if (cards.every(({ process }) => verbs.liveness(process) === 'dead')) throw new Error('the peers are dead')
  await Promise.all(
    cards.map(async ({ address }) => {
      if (!memories.has(address))
        memories.set(address, { attempts: new Map(), typedBefore: new Set(), expires: new Map() })
      return await verbs.attend(tree, verbs.readCard(tree, address), memories.get(address))
    }),
  )
}
