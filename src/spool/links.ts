/** In the root lies what others may have put there, and a directory that is a link leads out of it. mailbox-spec §11 */

import { RepowireError } from '../protocol/errors.ts'
import { isLink } from './disk.ts'

/** What would be made or written behind a link would lie outside of the root. Looks only. Errors: bad-root. */
export function refuseLink(directory: string): void {
  if (!isLink(directory)) return
  throw new RepowireError('bad-root', `${directory} is a link, and links are not followed.`, 'Move it away.')
}
