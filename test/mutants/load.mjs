// What a courier was not told of reaches it, and what it is no longer told it says.

import { without } from './without.mjs'

const RUN = 'src/courier/run.ts'
const inLoad = 'test/load.test.ts'
const arrives =
  'every message arrives once, whether the courier is killed, stopped, or may watch next to nothing'

export const load = [
  without(
    RUN,
    'courier-catches-up',
    'a courier looks at every mailbox, not only where an event tells it to',
    '    for (const address of mailboxes) visit(address)\n',
    inLoad,
    arrives,
  ),
  without(
    RUN,
    'unwatched-is-said',
    'that directories are listed, since nothing can be watched, is in the log',
    '    if (!told) complain(tree, undefined, error)\n',
    inLoad,
    `${arrives} > what cannot be watched is listed, and the log says so`,
  ),
]
