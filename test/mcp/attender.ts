// A courier that does nothing but attend to one mailbox, round after round, each as if it were its first. Until its
// standard input ends.

import { attend } from '../../src/courier/attend.ts'
import { enterOffice } from '../../src/courier/courier-file.ts'
import type { Card } from '../../src/protocol/card.ts'
import { readCard } from '../../src/spool/cards.ts'
import { openTree } from '../../src/spool/tree.ts'

const tree = openTree(process.env)
const [, , address = ''] = process.argv
let over = false
process.stdin.on('end', () => (over = true)).resume()

enterOffice(tree)
process.stdout.write('ready\n')
while (!over) {
  await attend(tree, readCard(tree, address) as Card, {
    attempts: new Map(),
    typedBefore: new Set(),
    known: new Map(),
  })
  await new Promise((resolve) => setImmediate(resolve))
}
process.exit(0)
