import { hostOf, parseAddress } from '../protocol/address.ts'
import { fileName, messagePath, SPEC, type State } from '../protocol/layout.ts'
import type { Fault } from '../protocol/message.ts'
import { readAllowed } from '../spool/allowed.ts'
import { readRegular } from '../spool/disk.ts'
import { record, tell } from '../spool/journal.ts'
import { bury, holdBack } from '../spool/moves.ts'
import { timestamp } from '../spool/new-id.ts'
import { isOwn } from '../spool/own-label.ts'
import { publish, wasPublished } from '../spool/publish.ts'
import type { Mail } from '../spool/scan.ts'
import { isShared } from '../spool/shared.ts'
import { inRoot, type Tree } from '../spool/tree.ts'
import { forgetUnripe, isUnripe } from '../spool/unripe.ts'

/** What is never answered: that peer did not ask, or its host is told nothing. */
const UNTOLD: Fault[] = ['wrong-sender', 'not-allowed']

/**
 * A file that is no valid message, or not from whom it says: where it is a query that says from whom, that peer
 * gets `refused` with the code, but for `wrong-sender`: that peer did not ask; and no host is told anything that is not allowed. Then new, cur or
 * open → dead; what waits for its host to be allowed goes from new to held and stays there. Nothing is deleted. False, and nothing
 * is done, where it may still become whole. mailbox-spec §4.6, §11.1
 */
export function refuse(
  tree: Tree,
  address: string,
  mail: Mail,
  fault: Fault,
  why: string,
  state: State = 'new',
): boolean {
  if (isUnripe(tree, address, mail.file, fault)) return false
  if (fault === 'not-allowed' && state === 'held') return false
  if (fault === 'not-allowed' && state === 'new') return wait(tree, address, mail, why)
  const told = mail.kind === 'query' && !UNTOLD.includes(fault)
  const from = told ? senderOf(tree, address, mail, state) : undefined
  if (from !== undefined && !wasPublished(tree, from, fileName(mail.id, 'reply'))) {
    // What others write is nowhere quoted: `why` may hold words of the file.
    const what = isShared(tree) ? fault : `${fault}: ${why}`
    const body = `${address} could not read the question (${what}).`
    const reply = { id: mail.id, from: address, to: from, sent: timestamp(), in_reply_to: mail.id, body }
    record(tree, 'replied', address, mail.id, { to: from, outcome: 'refused', by: 'courier', body })
    publish(tree, { spec: SPEC, kind: 'reply', outcome: 'refused', ...reply })
  }
  bury(tree, address, mail.file, state)
  forgetUnripe(tree, address, mail.file)
  record(tree, 'ended', address, mail.id, { kind: mail.kind, outcome: 'refused', by: 'courier', fault, why })
  return true
}

/** new → held, until a person has allowed its host. */
function wait(tree: Tree, address: string, { file, id }: Mail, why: string): boolean {
  const held = holdBack(tree, address, file)
  if (held) tell(tree, 'held', address, id, { why })
  return held
}

/** Whom its sender is, where it may be told. */
function senderOf(tree: Tree, address: string, mail: Mail, state: State): string | undefined {
  try {
    const bytes = readRegular(inRoot(tree, messagePath(address, state, mail.file)))
    const from = (JSON.parse(bytes?.toString('utf8') ?? '') as { from?: unknown } | null)?.from
    return parseAddress(from) !== undefined && mayBeTold(tree, from as string) ? (from as string) : undefined
  } catch {
    return undefined // not JSON, or not a file: nobody can be told
  }
}

function mayBeTold(tree: Tree, address: string): boolean {
  return isOwn(tree, address) || readAllowed(tree, hostOf(address)) !== undefined
}
