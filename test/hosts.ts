/** Hosts that share the root of a world, each with a state directory and a key of its own; and what somebody writes there by no rule. */

import type { Test } from 'tap'
import { fileName, type State } from '../src/protocol/layout.ts'
import type { Message } from '../src/protocol/message.ts'
import { pinHost } from '../src/spool/allowed.ts'
import { formatFor, ownPublicKey } from '../src/spool/signing.ts'
import type { Tree } from '../src/spool/tree.ts'
import { makeDir, place } from './world.ts'

export function otherHost(t: Test, { root }: Tree, host: string): Tree {
  return { root, state: makeDir(t), host }
}

/** As a person does who has compared the keys. */
export function allow(tree: Tree, other: Tree): void {
  pinHost(tree, { host: other.host, host_id: '', key: ownPublicKey(other) })
}

/** The text of a message with the signature of this host, whoever it says it is from and for. */
export function signedBy(tree: Tree, message: Message): string {
  return formatFor({ ...tree, host: 'nowhere' }, message)
}

/** Puts a text where it likes; returns the file's name. */
export function plant(
  tree: Tree,
  state: State,
  { id, kind, to }: Message,
  text: string,
  mailbox = to,
): string {
  return place(tree, mailbox, state, fileName(id, kind), text)
}
