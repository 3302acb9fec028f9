import { parseAddress } from '../protocol/address.ts'
import { fileName, messagePath, SPEC, type State } from '../protocol/layout.ts'
import type { Fault } from '../protocol/message.ts'
import { readRegular } from '../spool/disk.ts'
import { record } from '../spool/journal.ts'
import { bury } from '../spool/moves.ts'
import { timestamp } from '../spool/new-id.ts'
import { publish, wasPublished } from '../spool/publish.ts'
import type { Mail } from '../spool/scan.ts'
import { inRoot, type Tree } from '../spool/tree.ts'
import { forgetUnripe, isUnripe } from '../spool/unripe.ts'

/** Why a message is refused: what is wrong with its bytes, or that it is not from whom it says. */
export type Refusal = Fault | 'wrong-sender'

/**
 * A file that is no valid message, or not from whom it says: where it is a query that says from whom, that peer
 * gets `refused` with the code, but for `wrong-sender`: that peer did not ask. Then new, cur or open → dead. Nothing is deleted.
 * False, and nothing is done, where it may still become whole. mailbox-spec §4.6
 */
export function refuse(
  tree: Tree,
  address: string,
  mail: Mail,
  fault: Refusal,
  why: string,
  state: State = 'new',
): boolean {
  if (isUnripe(tree, address, mail.file, fault)) return false
  const told = mail.kind === 'query' && fault !== 'wrong-sender'
  const from = told ? senderOf(tree, address, mail, state) : undefined
  if (from !== undefined && !wasPublished(tree, from, fileName(mail.id, 'reply'))) {
    const body = `${address} could not read the question (${fault}: ${why}).`
    const reply = { id: mail.id, from: address, to: from, sent: timestamp(), in_reply_to: mail.id, body }
    record(tree, 'replied', address, mail.id, { to: from, outcome: 'refused', by: 'courier', body })
    publish(tree, { spec: SPEC, kind: 'reply', outcome: 'refused', ...reply })
  }
  bury(tree, address, mail.file, state)
  forgetUnripe(tree, address, mail.file)
  record(tree, 'ended', address, mail.id, { kind: mail.kind, outcome: 'refused', by: 'courier', fault, why })
  return true
}

function senderOf(tree: Tree, address: string, mail: Mail, state: State): string | undefined {
  try {
    const bytes = readRegular(inRoot(tree, messagePath(address, state, mail.file)))
    const from = (JSON.parse(bytes?.toString('utf8') ?? '') as { from?: unknown } | null)?.from
    return parseAddress(from) === undefined ? undefined : (from as string)
  } catch {
    return undefined // not JSON, or not a file: nobody can be told
  }
}
