// The floor of an idle courier: a process that watches what it watches, and never looks.

import { cardsOfHost } from '../../src/spool/cards.ts'
import { openTree } from '../../src/spool/tree.ts'
import { watchMail, watchPeers } from '../../src/spool/watch.ts'

const tree = openTree(process.env)
watchPeers(tree, () => {})
const mail = watchMail(tree, [], () => {})
for (const { address } of cardsOfHost(tree)) mail.add(address)
