// What a mailbox holds that has been used for years: exchanges that are over, a query in one done/ and its reply in another.

import { randomBytes } from 'node:crypto'
import { linkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const QUESTION = 'Which port does the server listen on, and where is it set? '.repeat(5)
const ANSWER = 'It listens on 8080: PORT in server/config.ts, which the environment may override. '.repeat(5)
const DAY_MS = 86_400_000
const OLDEST_DAYS = 400
const YOUNGEST_DAYS = 40
const LINKS = 20_000 // ext4 allows 65,000 to one file

/**
 * Fills done/ of these peers with so many messages: the first one was asked all the queries, and the others in turn got the
 * replies. `linked`: a few files with many names, where nobody opens them.
 */
export function fillDone(verbs, tree, cards, messages, { linked = false } = {}) {
  const put = linked ? makeLinker() : writeMessage
  const count = messages / 2
  for (let n = 0; n < count; n++) {
    const [asked, asker] = [cards[0].address, cards[1 + (n % (cards.length - 1))].address]
    const time = Date.now() - DAY_MS * (OLDEST_DAYS - ((OLDEST_DAYS - YOUNGEST_DAYS) * n) / count)
    for (const message of exchangeOf(verbs.formatId(time, randomBytes(8)), new Date(time), asker, asked)) {
      const file = verbs.fileName(message.id, message.kind)
      put(join(tree.root, verbs.messagePath(message.to, 'done', file)), verbs.formatMessage(message))
    }
  }
}

function exchangeOf(id, time, asker, asked) {
  const common = { spec: 'mailbox/1', id, sent: time.toISOString(), thread: id }
  const query = { ...common, kind: 'query', from: asker, to: asked, body: QUESTION }
  const reply = { ...common, kind: 'reply', from: asked, to: asker, in_reply_to: id, outcome: 'answered' }
  return [query, { ...reply, body: ANSWER }]
}

function writeMessage(file, text) {
  writeFileSync(file, text, { mode: 0o600 })
}

function makeLinker() {
  let first
  let links = LINKS
  return (file, text) => {
    if (links++ < LINKS) return linkSync(first, file)
    first = file
    links = 1
    writeMessage(file, text)
  }
}
