// A program that gives a peer another name and prints the address that the peer has then, or the code of the error. It
// begins when its standard input has a line, so that several can begin together.

import { readSync, writeSync } from 'node:fs'
import type { Card } from '../../src/protocol/card.ts'
import { codeOf } from '../../src/protocol/errors.ts'
import { readCard } from '../../src/spool/cards.ts'
import { openTree } from '../../src/spool/tree.ts'
import { rename } from '../../src/verbs/rename.ts'

const [, , address = '', wanted = ''] = process.argv
const tree = openTree(process.env)
const card = readCard(tree, address) as Card

writeSync(1, 'ready\n')
readSync(0, Buffer.alloc(1))
writeSync(1, `${outcome()}\n`)

function outcome(): string {
  try {
    return rename(tree, card, wanted).address
  } catch (error) {
    return codeOf(error)
  }
}
