/** hosts/<label>.json in the root, of any host. mailbox-spec §5.7 */

import * as path from 'node:path'
import { type HostFile, hostPath, parseHost } from '../protocol/host.ts'
import { readRegular } from './disk.ts'

/** `bad`: there is a file, and it is none of a host; `unreadable`: it cannot be looked at, now or ever. */
export type Sight = HostFile | 'missing' | 'bad' | 'unreadable'

/** What lies under this label. Never waits for a FIFO, follows no link. */
export function lookAtHost(root: string, label: string, file = hostPath(label)): Sight {
  try {
    const bytes = readRegular(path.join(root, file))
    return bytes === undefined ? 'missing' : (parseHost(bytes, label) ?? 'bad')
  } catch {
    return 'unreadable'
  }
}
