import { fileName, type State } from '../protocol/layout.ts'
import { currentAddress, underAnyName } from '../spool/cards.ts'
import { findMessage } from '../spool/publish.ts'
import { type Mail, readUnvouched } from '../spool/scan.ts'
import type { Tree } from '../spool/tree.ts'

/**
 * Where a query belongs whose answer by this peer lies in its asker's mailbox, by whatever journal; undefined where there is none. The journal that said
 * so may be lost, and with it what vouches for that answer: who could forge one to hide a question could remove the question. mailbox-spec §7.4
 */
export function answeredBefore(
  tree: Tree,
  address: string,
  state: State,
  mail: Mail,
): 'done' | 'dead' | undefined {
  const parsed = mail.kind === 'query' ? readUnvouched(tree, address, state, mail) : undefined
  if (parsed === undefined || 'fault' in parsed) return undefined
  const answer = underAnyName(tree, parsed.message.from, (name) => answerIn(tree, name, mail.id))
  if (answer === undefined || currentAddress(tree, answer.from) !== currentAddress(tree, address))
    return undefined
  return answer.outcome === 'answered' || answer.outcome === 'unanswered' ? 'done' : 'dead'
}

/** One in dead/ was refused: it is nobody's answer. */
function answerIn(tree: Tree, address: string, id: string) {
  const mail = { id, kind: 'reply', file: fileName(id, 'reply') } as const
  const state = findMessage(tree, address, mail.file)
  const parsed =
    state === undefined || state === 'dead' ? undefined : readUnvouched(tree, address, state, mail)
  return parsed !== undefined && 'message' in parsed ? parsed.message : undefined
}
