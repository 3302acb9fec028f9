import { RepowireError } from '../../protocol/errors.ts'
import { isId } from '../../protocol/id.ts'

/** Refuses what is no id before anything is looked for. Errors: bad-input. */
export function checkedId(id: string): string {
  if (isId(id)) return id
  const next = 'An id looks like 20261122t094012412z-k3v9x2p8; inbox and log show them.'
  throw new RepowireError('bad-input', `"${id}" is no message id.`, next)
}

export function noSuchMessage(id: string): RepowireError {
  return new RepowireError(
    'no-such-message',
    `No mailbox has a message ${id}.`,
    'repowire log shows what happened here.',
  )
}
