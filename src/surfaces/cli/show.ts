import type { Card } from '../../protocol/card.ts'
import { harmless } from '../../protocol/frame.ts'
import { fileName, messagePath } from '../../protocol/layout.ts'
import { claim } from '../../spool/moves.ts'
import type { Tree } from '../../spool/tree.ts'
import { findEverywhere, type Placed } from '../../verbs/find.ts'
import { handOver } from '../../verbs/given.ts'
import { checkedId, noSuchMessage } from './message-id.ts'
import { asOf, say, sayJson } from './print.ts'
import { whoLooks } from './speaker.ts'

/**
 * Every message of one id, wherever it lies. A person's own reply or notice in new/ is read by this: it goes new → cur →
 * done. Errors: bad-input, no-such-message.
 */
export function showCommand(id: string, options: { json: boolean }): number {
  const { tree, me } = whoLooks()
  const isPerson = me === undefined || me.agent === 'person'
  // What its user must let through is not an agent's to read. mailbox-spec §11.2
  const found = findEverywhere(tree, checkedId(id)).filter(({ state }) => isPerson || state !== 'held')
  if (found.length === 0) throw noSuchMessage(id)
  if (options.json) sayJson(found)
  else say(found.map((one) => page(tree, one)).join('\n\n'))
  if (me?.agent === 'person') finishOwn(tree, me, found)
  return 0
}

function page(tree: Tree, { mailbox, state, message }: Placed): string {
  const { id, kind, outcome, from, to, sent, body } = message
  const head = `${kind}${outcome === undefined ? '' : ` (${outcome})`} from ${from} to ${to}, ${sent}`
  return `${head}\n${messagePath(mailbox, state, fileName(id, kind))}${asOf(tree, mailbox)}\n\n${harmless(body)}`
}

function finishOwn(tree: Tree, me: Card, found: Placed[]): void {
  for (const { mailbox, state, message } of found) {
    const own = mailbox === me.address && state === 'new' && message.kind !== 'query'
    if (own && claim(tree, me.address, fileName(message.id, message.kind)))
      handOver(tree, me, message.id, 'shell')
  }
}
